// A pasted `ssh -p 31234 root@1.2.3.4` line -> the Host block that *Add a box...* would write.
import { badSshCommand } from "./configFailures";
import { checkAlias } from "./sshConfig";

export interface ParsedSshCommand {
  /** A name for the box that its address suggests. */
  alias: string;
  hostBlock: string;
  /** What of the line was left out, in sentences. */
  notes: string[];
}

const canonical = new Map(
  ["User", "Port", "HostName", "IdentityFile", "IdentitiesOnly", "ProxyJump", "ProxyCommand"].map((key) => [
    key.toLowerCase(),
    key,
  ]),
);
const withValue = new Set([..."BbcDEeFIiJLlmOoPpQRSWw"]);
const withoutValue = new Set([..."46AaCfGgKkMNnqsTtVvXxYy"]);
const forwards = new Set([..."LRDW"]);
const harmless = new Set([..."TtNnqvfxa"]);

export function parseSshCommandLine(line: string, name?: string): ParsedSshCommand {
  // A second line would be a second directive in the config.
  if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(line.trim())) throw badSshCommand("it has more than one line");
  // As it stands in a provider's page: a prompt sign before it, backticks around it, a backslash where its line was broken.
  const words = splitWords(line.trim().replace(/^[`$%>#\s]+|[`\\\s]+$/g, ""));
  const named = /^(.*[\\/])?ssh(\.exe)?$/.test(words[0] ?? "");
  if (named) words.shift();
  const notes: string[] = [];
  const settings = new Map<string, string[]>();
  const set = (key: string, value: string): void => {
    const same = canonical.get(key.toLowerCase()) ?? key;
    settings.set(same, [...(settings.get(same) ?? []), value]);
  };
  let destination: string | null = null;
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === "--") continue;
    if (word.startsWith("-") && word.length > 1) {
      readFlags(word, words, set, notes);
      continue;
    }
    if (destination === null) {
      destination = word;
      continue;
    }
    if (!named) throw badSshCommand(`it does not begin with ssh but with "${destination}"`);
    notes.push(`The command "${[word, ...words].join(" ")}" at the end was left out: Runside starts its own.`);
    break;
  }
  if (destination === null) throw badSshCommand("there is no host in it");
  return toBlock(destination, settings, notes, name);
}

function readFlags(word: string, words: string[], set: (key: string, value: string) => void, notes: string[]): void {
  for (let at = 1; at < word.length; at++) {
    const flag = word.charAt(at);
    if (withoutValue.has(flag)) {
      if (flag === "4") set("AddressFamily", "inet");
      else if (flag === "6") set("AddressFamily", "inet6");
      else if (flag === "A") set("ForwardAgent", "yes");
      else if (!harmless.has(flag)) notes.push(`-${flag} was left out: it changes nothing for Runside.`);
      continue;
    }
    if (!withValue.has(flag)) {
      notes.push(`-${flag} was left out: it is not an option of ssh.`);
      continue;
    }
    const value = at + 1 < word.length ? word.slice(at + 1) : words.shift();
    if (value === undefined) throw badSshCommand(`-${flag} has no value`);
    if (flag === "p") set("Port", value);
    else if (flag === "l") set("User", value);
    else if (flag === "i") set("IdentityFile", keyPath(value, notes));
    else if (flag === "J") set("ProxyJump", value);
    else if (flag === "o") readOption(value, set, notes);
    else if (forwards.has(flag)) notes.push(`-${flag} ${value} was left out: Runside needs no forwarded port.`);
    else notes.push(`-${flag} ${value} was left out.`);
    return;
  }
}

function keyPath(value: string, notes: string[]): string {
  if (/^<.*>$/.test(value)) throw badSshCommand(`put the path of your own key in place of ${value}`);
  if (/[\\/]/.test(value)) return value;
  // ssh would look in whatever folder it is started from.
  notes.push(`-i ${value} names no folder and was taken as ~/.ssh/${value}: put the key there, or correct the path.`);
  return `~/.ssh/${value}`;
}

function readOption(text: string, set: (key: string, value: string) => void, notes: string[]): void {
  const match = /^\s*([A-Za-z][A-Za-z0-9]*)\s*[=\s]\s*(.+?)\s*$/.exec(text);
  const [, key, value] = match ?? [];
  if (!key || !value) throw badSshCommand(`-o ${text} is not of the form Key=Value`);
  const lower = key.toLowerCase();
  const weakens =
    (lower === "stricthostkeychecking" && /^(no|off|false)$/i.test(value)) ||
    (lower.endsWith("knownhostsfile") && /^(\/dev\/null|none)$/i.test(value));
  if (weakens) notes.push(`-o ${key}=${value} was left out: Runside always checks the host key.`);
  else if (lower === "host" || lower === "match" || lower === "include") {
    throw badSshCommand(`${key} cannot be set with -o`);
  } else set(key, value);
}

function toBlock(
  destination: string,
  settings: Map<string, string[]>,
  notes: string[],
  name?: string,
): ParsedSshCommand {
  const url = /^ssh:\/\/(?:([^@/]+)@)?(\[[^\]]+\]|[^:/]+)(?::(\d+))?\/?$/i.exec(destination);
  const at = destination.lastIndexOf("@");
  const typed = (url?.[2] ?? destination.slice(at + 1)).replace(/^\[(.*)\]$/, "$1");
  checkAlias(typed);
  const host = settings.get("HostName")?.[0] ?? typed;
  const user = url ? url[1] : at > 0 ? destination.slice(0, at) : undefined;
  checkAlias(host);
  if (user !== undefined && !settings.has("User")) settings.set("User", [user]);
  if (url?.[3] !== undefined && !settings.has("Port")) settings.set("Port", [url[3]]);
  for (const one of settings.get("User") ?? []) checkAlias(one);
  const port = settings.get("Port")?.[0];
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65535)) {
    throw badSshCommand(`"${port}" is not a port`);
  }
  if (host === "ssh.runpod.io") notes.push(terminalOnly);
  const alias = name ?? suggestAlias(typed, port, settings.get("User")?.[0]);
  checkAlias(alias);
  const lines = [`Host ${alias}`, `  HostName ${host}`];
  for (const key of ["User", "Port"])
    if (settings.has(key)) lines.push(`  ${key} ${quote(settings.get(key)?.[0] ?? "")}`);
  for (const [key, values] of settings) {
    if (key === "User" || key === "Port" || key === "HostName") continue;
    for (const value of values) lines.push(`  ${key} ${key === "ProxyCommand" ? value : quote(value)}`);
  }
  // Without it a full agent offers its other keys first, and the box hangs up before ours.
  if (settings.has("IdentityFile") && !settings.has("IdentitiesOnly")) lines.push("  IdentitiesOnly yes");
  return { alias, hostBlock: `${lines.join("\n")}\n`, notes };
}

const terminalOnly =
  'ssh.runpod.io opens terminals only and runs no commands: take the line under "SSH over exposed TCP" instead.';

function suggestAlias(host: string, port: string | undefined, user: string | undefined): string {
  // A provider's gate (ssh5.vast.ai): the box is told by the port, or by the user.
  const gate = /^(?:ssh|proxy)[\w-]*\.(?:[\w-]+\.)*([\w-]+)\.\w+$/.exec(host)?.[1];
  if (gate) return `${gate}-${port !== undefined && port !== "22" ? port : (user ?? "box")}`;
  const isAddress = /^[\d.]+$/.test(host) || host.includes(":");
  const plain = isAddress ? `box-${host.replace(/[^\w.]+/g, "-")}` : (host.split(".")[0] ?? host);
  // Rented boxes share an address and differ by port.
  return isAddress && port !== undefined && port !== "22" ? `${plain}-${port}` : plain;
}

function quote(value: string): string {
  if (value.includes('"')) throw badSshCommand(`a value holds a quotation mark: ${value}`);
  return /\s/.test(value) ? `"${value}"` : value;
}

/** As a shell would: quotes and backslashes, and nothing else that a shell does. */
function splitWords(line: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  for (let at = 0; at < line.length; at++) {
    const char = line.charAt(at);
    if (char === "'" || char === '"') {
      const end = line.indexOf(char, at + 1);
      if (end < 0) throw badSshCommand("a quotation mark is not closed");
      word = (word ?? "") + line.slice(at + 1, end);
      at = end;
    } else if (char === "\\" && /[\s"'\\]/.test(line.charAt(at + 1))) word = (word ?? "") + line.charAt(++at);
    else if (/\s/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? "") + char;
  }
  if (word !== null) words.push(word);
  return words;
}
