// A Host block for the user's SSH config: what ssh itself makes of it there, and writing it where it wins.
import { chmod, mkdir, mkdtemp, readFile, realpath, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isError, messageOf } from "../../core/base/errors";
import { aliasTaken, badSshConfig, blockOverruled, blockRefused } from "./configFailures";
import { askSsh } from "./askSsh";
import type { RawConfig } from "./sshConfig";
import { listHosts } from "./sshConfigFile";

export interface CheckedBlock {
  block: string;
  /** What of it was left out because ssh refuses it, in sentences. */
  notes: string[];
}

/** Throws where the file is broken, or would make something else of the block. `program` null: there is no ssh to ask. */
export async function checkHostBlock(configFile: string, block: string, program: string | null): Promise<CheckedBlock> {
  const alias = await freeAlias(configFile, block);
  if (program === null) return { block, notes: [] };
  const folder = await mkdtemp(join(tmpdir(), "runside-config-"));
  try {
    const file = join(folder, "config");
    const ask = async (text: string): Promise<RawConfig> => {
      await writeFile(file, text, { mode: 0o600 });
      return askSsh(program, alias, { configFile: file }, {});
    };
    const { checked, alone } = await withoutRefused(alias, block, ask);
    const text = await readOrEmpty(configFile);
    // First as it is: a line that it has wrong today is named by its own number.
    if (text !== "") await askSsh(program, alias, { configFile }, {});
    const there = await ask(withBlock(text, checked.block));
    const otherwise = keysOf(checked.block).filter((key) => {
      const values = there.get(key.toLowerCase()) ?? [];
      return (alone.get(key.toLowerCase()) ?? []).some((value) => !values.includes(value));
    });
    const instead = (key: string): string => `${key} ${there.get(key.toLowerCase())?.join(" ") ?? "unset"}`;
    const decisive = otherwise.filter((key) => whereTo.test(key));
    if (decisive.length > 0) throw blockOverruled(alias, configFile, decisive.map(instead).join(", "));
    const lines = checked.block.split("\n");
    return {
      block: lines.filter((line) => !otherwise.some((key) => line.trim().startsWith(`${key} `))).join("\n"),
      notes: [
        ...checked.notes,
        ...otherwise.map((key) => `${key} was left out: the top of ${configFile} decides it (${instead(key)}).`),
      ],
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Before the first Host or Match, because ssh takes the first value it finds. The file is made 0600, its folder 0700. */
export async function insertHostBlock(configFile: string, block: string): Promise<void> {
  await freeAlias(configFile, block);
  await mkdir(dirname(configFile), { recursive: true, mode: 0o700 });
  // People keep their config elsewhere and link to it.
  const file = await realpath(configFile).catch(() => configFile);
  const text = withBlock(await readOrEmpty(file), block);
  const fresh = `${file}.runside-${process.pid}`;
  try {
    await writeFile(fresh, text, { mode: 0o600 });
    await rename(fresh, file);
  } catch {
    await rm(fresh, { force: true });
    // A file mounted by itself, as into a container, cannot be replaced.
    await writeFile(file, text).catch((error: unknown) => {
      throw badSshConfig(messageOf(error), configFile);
    });
    await chmod(file, 0o600);
  }
}

async function freeAlias(configFile: string, block: string): Promise<string> {
  const alias = /^\s*Host\s+(\S+)/i.exec(block)?.[1];
  if (alias === undefined) throw badSshConfig("the new block does not begin with Host", configFile);
  if ((await listHosts(configFile)).includes(alias)) throw aliasTaken(alias, configFile);
  return alias;
}

/** Decides which machine is reached, and as whom. */
const whereTo = /^(HostName|User|Port|Proxy\w+|HostKeyAlias|Identity\w+|CertificateFile|BindAddress)$/i;

/** One misspelt option would make every ssh of the user refuse to start. */
async function withoutRefused(
  alias: string,
  block: string,
  ask: (text: string) => Promise<RawConfig>,
): Promise<{ checked: CheckedBlock; alone: RawConfig }> {
  const lines = block.trimEnd().split("\n");
  const notes: string[] = [];
  for (;;) {
    const text = `${lines.join("\n")}\n`;
    try {
      return { alone: await ask(text), checked: { block: text, notes } };
    } catch (error) {
      const [, at, why] = /line (\d+): (.*?)\.?$/s.exec(problemOf(error)) ?? [];
      const line = lines[Number(at) - 1]?.trim();
      if (!isError(error, "connect/bad-config") || !why || !line) throw error;
      if (/^(Host|HostName|User|Port)\s/i.test(line)) throw blockRefused(alias, `${line}: ${why}`);
      lines.splice(Number(at) - 1, 1);
      notes.push(`"${line}" was left out: ssh does not take it (${why}).`);
    }
  }
}

/** In ssh's own words. */
const problemOf = (error: unknown): string =>
  isError(error, "connect/bad-config") ? String(error.data["problem"]) : messageOf(error);

const keysOf = (block: string): string[] =>
  block
    .split("\n")
    .slice(1)
    .flatMap((line) => /^\s*(\w+)/.exec(line)?.[1] ?? []);

function withBlock(text: string, block: string): string {
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  const added = block.trimEnd().split("\n").join(newline) + newline;
  const at = placeFor(text);
  const [head, rest] = [text.slice(0, at), text.slice(at)];
  const gap = head === "" ? "" : /(^|\n)\r?\n$/.test(head) ? "" : head.endsWith("\n") ? newline : newline + newline;
  return head + gap + added + (rest === "" ? "" : newline) + rest;
}

/** Comments that stand directly over the first Host are its own, except at the top of the file. */
function placeFor(text: string): number {
  const first = /^[ \t]*"?(?:host|match)"?[ \t=]/im.exec(text)?.index;
  if (first === undefined) return text.length;
  const own = /(?:(?<=^|\n)[ \t]*#[^\n]*\n)*$/.exec(text.slice(0, first))?.[0] ?? "";
  return own.length === first ? first : first - own.length;
}

async function readOrEmpty(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw badSshConfig(messageOf(error), file);
  }
}
