// The SSH config as a file: the hosts in it for the picker, and its plain parts where there is no ssh.
import { readdir, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join, parse } from "node:path";
import SSHConfig from "ssh-config";
import { badSshConfig } from "./configFailures";
import { wildcardMatches } from "./hostKeys";
import type { RawConfig } from "./sshConfig";

interface Directive {
  key: string;
  values: string[];
  /** As it stood after the keyword. */
  text: string;
  inside: Directive[] | null;
}

const MAX_INCLUDES = 16;

export function defaultConfigFile(home: string = homedir()): string {
  return join(home, ".ssh", "config");
}

/** Concrete names alone: a pattern is no box. In the order of the file, each once. */
export async function listHosts(configFile: string | null, home: string = homedir()): Promise<string[]> {
  const names = new Set<string>();
  const walk = async (file: string, depth: number): Promise<void> => {
    const visit = async (lines: readonly Directive[]): Promise<void> => {
      for (const line of lines) {
        if (line.key === "host") line.values.filter((name) => !/[*?!]/.test(name)).forEach((name) => names.add(name));
        if (line.key === "include") for (const path of await included(line, home)) await descend(path);
        if (line.inside) await visit(line.inside);
      }
    };
    const descend = (path: string): Promise<void> => (depth < MAX_INCLUDES ? walk(path, depth + 1) : Promise.resolve());
    await visit(await readDirectives(file, depth === 0));
  };
  await walk(configFile ?? defaultConfigFile(home), 0);
  return [...names];
}

export interface HandRead {
  raw: RawConfig;
  notes: string[];
}

/** Host blocks, Include and first-value-wins; Match is left out and said so. Only where no ssh program exists. */
export async function readConfigByHand(alias: string, configFile: string | null, home: string): Promise<HandRead> {
  const raw: RawConfig = new Map();
  const notes: string[] = [];
  const host = alias.slice(alias.lastIndexOf("@") + 1);
  const take = async (file: string, depth: number): Promise<void> => {
    const visit = async (lines: readonly Directive[]): Promise<void> => {
      for (const line of lines) {
        if (line.key === "host") {
          if (hostMatches(line.values, host)) await visit(line.inside ?? []);
        } else if (line.key === "match") {
          if (line.text.trim().toLowerCase() === "all") await visit(line.inside ?? []);
          else notes.push(`"Match ${line.text}" in ${file} was ignored: install an ssh client to have it honoured.`);
        } else if (line.key === "include") {
          if (depth < MAX_INCLUDES) for (const path of await included(line, home)) await take(path, depth + 1);
        } else if (line.key === "identityfile") raw.set(line.key, [...(raw.get(line.key) ?? []), line.text]);
        else if (!raw.has(line.key)) raw.set(line.key, [line.text]);
      }
    };
    await visit(await readDirectives(file, depth === 0 && configFile !== null));
  };
  await take(configFile ?? defaultConfigFile(home), 0);
  return { raw, notes };
}

function hostMatches(patterns: readonly string[], host: string): boolean {
  const name = host.toLowerCase();
  const matches = (pattern: string): boolean => wildcardMatches(pattern.toLowerCase(), name);
  if (patterns.some((pattern) => pattern.startsWith("!") && matches(pattern.slice(1)))) return false;
  return patterns.some((pattern) => !pattern.startsWith("!") && matches(pattern));
}

async function readDirectives(file: string, mustExist: boolean): Promise<Directive[]> {
  try {
    return toDirectives(SSHConfig.parse(await readFile(file, "utf8")));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" && !mustExist) return [];
    // A picker without hosts is better than none: an absent file has no hosts.
    if (code === "ENOENT") return [];
    throw badSshConfig(message, file);
  }
}

function toDirectives(config: SSHConfig): Directive[] {
  return [...config].flatMap((line): Directive[] => {
    if (line.type !== SSHConfig.DIRECTIVE) return [];
    const { value } = line;
    const values = typeof value === "string" ? [value] : value.map((piece) => piece.val);
    const inside = "config" in line ? toDirectives(line.config) : null;
    // A Match keeps its conditions beside its value.
    const text = "criteria" in line ? criteriaText(line.criteria) : values.join(" ");
    return [{ key: line.param.toLowerCase(), values, text, inside }];
  });
}

type Criteria = Record<string, string | { val: string }[]>;

function criteriaText(criteria: Criteria): string {
  return Object.entries(criteria)
    .map(([name, value]) => [name, typeof value === "string" ? value : value.map((piece) => piece.val).join(",")])
    .map(([name, value]) => (value ? `${name} ${value}` : name))
    .join(" ");
}

async function included(line: Directive, home: string): Promise<string[]> {
  const found: string[] = [];
  for (const pattern of line.values) {
    const open = pattern.startsWith("~/") ? join(home, pattern.slice(2)) : pattern;
    // ssh takes relative ones from ~/.ssh, wherever the including file lies.
    found.push(...(await glob(isAbsolute(open) ? open : join(home, ".ssh", open))));
  }
  return found;
}

async function glob(pattern: string): Promise<string[]> {
  if (!/[*?]/.test(pattern)) return [pattern];
  const { root } = parse(pattern);
  let folders = [root];
  for (const segment of pattern.slice(root.length).split(/[\\/]/)) {
    const next: string[] = [];
    for (const folder of folders) {
      if (!/[*?]/.test(segment)) next.push(join(folder, segment));
      else {
        const names = await readdir(folder).catch(() => [] as string[]);
        const visible = names.filter((name) => !name.startsWith(".") && wildcardMatches(segment, name));
        next.push(...visible.sort().map((name) => join(folder, name)));
      }
    }
    folders = next;
  }
  return folders;
}
