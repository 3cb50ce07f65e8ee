// What the connect tests share: a box, prompts that answer from a list, the built fake agent, and an end for everything.
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterEach, beforeEach, describe } from "vitest";
import { nullLogger } from "../../../core/base/logger";
import { agentFile, type AgentFile } from "../../../src/connect/agentInstall";
import { connectBox, type BoxOptions } from "../../../src/connect/boxes";
import { findSsh } from "../../../src/connect/sshConfig";
import type { Connection } from "../../../src/connect/connection";
import type { ConnectPrompts } from "../../../src/connect/prompts";
import { Credentials } from "../../../src/connect/credentials";
import type { Transport } from "../../../src/connect/transport";
import { connectHost, type HostOptions, type TransportChoice } from "../../../src/connect/transportChoice";
import { removeFolder, startSshBox, type SshBox, type SshBoxOptions } from "../../support/sshBox";

const endings: (() => Promise<void> | void)[] = [];

let current: TransportChoice = "ssh2";

/** The same tests over our own SSH and over the user's `ssh`. */
export function overBoth(name: string, tests: (transport: "ssh2" | "openssh") => void, skip = false): void {
  for (const transport of ["ssh2", "openssh"] as const) {
    const absent = transport === "openssh" && findSsh() === null;
    if (absent && process.env.CI === "true") throw new Error("ssh is missing on CI: install openssh-client.");
    describe.skipIf(absent || skip)(`${name} (${transport})`, () => {
      beforeEach(() => void (current = transport));
      afterEach(() => void (current = "ssh2"));
      tests(transport);
    });
  }
}

export function atEnd(end: () => Promise<void> | void): void {
  endings.push(end);
}

afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

export async function tempFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "runside-connect-"));
  atEnd(() => removeFolder(dir));
  return dir;
}

export async function boxWith(options: Omit<SshBoxOptions, "dir"> = {}): Promise<SshBox> {
  const box = await startSshBox({ dir: await tempFolder(), ...options });
  atEnd(box.stop);
  return box;
}

export interface Asked extends ConnectPrompts {
  log: string[];
}

/** Declines whatever has no answer here. */
export function prompts(answers: Partial<ConnectPrompts> = {}): Asked {
  const log: string[] = [];
  return {
    log,
    password: (label) => (log.push(`password ${label}`), answers.password?.(label) ?? Promise.resolve(null)),
    passphrase: (path) => (log.push("passphrase"), answers.passphrase?.(path) ?? Promise.resolve(null)),
    answers: (name, text, list) => {
      log.push(`answers ${list.map((one) => one.prompt).join("|")}`);
      return answers.answers?.(name, text, list) ?? Promise.resolve(null);
    },
    confirmHostKey: (question) => {
      log.push(`host ${question.host}:${question.port} ${question.keyType} ${question.fingerprint.slice(0, 7)}`);
      return answers.confirmHostKey?.(question) ?? Promise.resolve(false);
    },
    bringNode: (question) => {
      log.push(`node ${question.version} ${question.megabytes} MB to ${question.to}`);
      return answers.bringNode?.(question) ?? Promise.resolve(false);
    },
    withProgress: (title, work) =>
      answers.withProgress?.(title, work) ?? work((message) => void log.push(message), new AbortController().signal),
    keepSecret: (kind, name) => {
      log.push(`keep ${kind} ${name}`);
      return answers.keepSecret?.(kind, name) ?? Promise.resolve(false);
    },
  };
}

export interface Failure {
  code: string;
  message: string;
  data: Record<string, unknown>;
}

export function failureOf(promise: Promise<unknown>): Promise<Failure> {
  return promise.then(
    () => {
      throw new Error("it did not fail");
    },
    (error: unknown) => error as Failure,
  );
}

export async function connectTo(
  box: { alias: string; configFile: string },
  options: Partial<HostOptions> = {},
): Promise<Transport> {
  const transport = await connectHost({
    alias: box.alias,
    config: { configFile: box.configFile },
    prompts: prompts(),
    credentials: new Credentials(),
    logger: nullLogger,
    agentSocket: null,
    transport: current,
    ...options,
  });
  atEnd(() => transport.dispose());
  return transport;
}

/** A box that waits 50 ms, not half a second, before it is tried again. */
export async function open(
  box: { alias: string; configFile: string },
  options: Partial<BoxOptions> = {},
): Promise<Connection> {
  const connection = connectBox({
    target: { kind: "ssh", alias: box.alias, config: { configFile: box.configFile } },
    agent: await fakeAgent(),
    remoteHome: null,
    prompts: prompts(),
    logger: nullLogger,
    agentSocket: null,
    backoffMs: [50, 100, 200],
    transport: current,
    ...options,
  });
  atEnd(() => connection.close());
  return connection;
}

let built: Promise<AgentFile> | null = null;

export function fakeAgent(): Promise<AgentFile> {
  built ??= build({
    entryPoints: [join(__dirname, "fixtures/fakeAgent.ts")],
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    write: false,
    logLevel: "error",
  }).then((result) => agentFile(result.outputFiles[0]?.contents ?? new Uint8Array()));
  return built;
}
