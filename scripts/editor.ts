// Starts the real VS Code: the one from npm as a server for Chromium or a person's browser, or finds a desktop one.
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { StringDecoder } from "node:string_decoder";
import type { ChildProcess } from "node:child_process";
import { delimiter, dirname, join } from "node:path";
import { ensureEditor, type InstalledEditor } from "./editorInstall";
import { endGroup, runQuiet, startGroup } from "./processes";
import { findProgram } from "./system";

export interface EditorOptions {
  dataDir: string;
  extensionsDir: string;
  /** A free port is taken when absent. */
  port?: number;
  /** For a person: whoever opens the address must know it. Without it every local user gets a terminal. */
  token?: string;
  /** For tests: lets the address name an extension under development and a test suite. */
  smoke?: boolean;
  disableTrust?: boolean;
  settings?: Record<string, unknown>;
  env?: NodeJS.ProcessEnv;
}

export interface RunningEditor {
  port: number;
  /** The address that opens `folder`; `payload` pairs as VS Code's web workbench takes them. */
  url(folder: string, payload?: readonly (readonly [string, string])[]): string;
  /** A path on this machine as the web workbench names it, for `payload`. */
  uri(path: string): string;
  /** Everything the server printed so far. */
  log(): string;
  /** Resolves if the server ends without having been stopped. */
  crashed: Promise<void>;
  stop(): Promise<void>;
}

/** A clean window, for tests, pictures and the demo alike. */
const quietSettings = {
  "workbench.startupEditor": "none",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "chat.disableAIFeatures": true,
  "telemetry.telemetryLevel": "off",
  "extensions.ignoreRecommendations": true,
  "update.mode": "none",
  "git.openRepositoryInParentFolders": "never",
};

const startTimeoutMs = 60_000;

export async function startEditor(options: EditorOptions): Promise<RunningEditor> {
  const editor = await ensureEditor();
  await writeUserSettings(join(options.dataDir, "data"), options.settings ?? {});
  await writeMachineSettings(join(options.dataDir, "data"), options.settings ?? {});
  await mkdir(options.extensionsDir, { recursive: true });
  const args = ["--host", "127.0.0.1", "--port", String(options.port ?? 0), ...folderArgs(options)];
  args.push("--accept-server-license-terms", "--telemetry-level", "off", ...(await tokenArgs(options)));
  if (options.smoke) args.push("--enable-smoke-test-driver");
  if (options.disableTrust) args.push("--disable-workspace-trust");

  const child = startGroup(editor.node, [join(editor.root, "out", "server-main.js"), ...args], {
    cwd: editor.root,
    env: editorEnv(editor, options.env),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const printed = collectOutput(child);
  let stopping = false;
  try {
    const port = await listeningPort(child, printed);
    const authority = `127.0.0.1:${port}`;
    const uri = (path: string) => `vscode-remote://${authority}${path}`;
    return {
      port,
      uri,
      url: (folder, payload) => {
        const query = new URLSearchParams({ folder });
        if (options.token) query.set("tkn", options.token);
        if (payload) query.set("payload", JSON.stringify(payload));
        return `http://${authority}/?${query.toString()}`;
      },
      log: () => printed.text,
      crashed: new Promise((resolve) => child.once("exit", () => stopping || resolve())),
      stop: async () => {
        stopping = true;
        await endGroup(child);
      },
    };
  } catch (error) {
    await endGroup(child);
    throw error;
  }
}

/** Installs a packaged extension (a `.vsix` file) for an editor that will be started with the same folders. */
export async function installExtension(
  folders: Pick<EditorOptions, "dataDir" | "extensionsDir">,
  vsix: string,
): Promise<void> {
  const editor = await ensureEditor();
  const server = join(editor.root, "out", "server-main.js");
  const args = [...folderArgs(folders), "--accept-server-license-terms", "--install-extension", vsix, "--force"];
  await runQuiet(editor.node, [server, ...args], { cwd: editor.root, env: editorEnv(editor) });
}

/**
 * Adds to the user settings, which desktop VS Code reads under `--user-data-dir` and the server under its `data`
 * folder. What a person changed there since stays.
 */
export async function writeUserSettings(userDataDir: string, settings: Record<string, unknown>): Promise<void> {
  await mergeSettings(join(userDataDir, "User"), { ...quietSettings }, settings);
}

/** Settings that belong to the machine the extension runs on: in a remote window they are read from here alone. */
async function writeMachineSettings(dataFolder: string, settings: Record<string, unknown>): Promise<void> {
  const ours = Object.entries(settings).filter(([name]) => name.startsWith("runside."));
  await mergeSettings(join(dataFolder, "Machine"), {}, Object.fromEntries(ours));
}

async function mergeSettings(
  folder: string,
  below: Record<string, unknown>,
  above: Record<string, unknown>,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, "settings.json");
  const kept = await readFile(file, "utf8").then(parseSettings, () => ({}));
  await writeFile(file, JSON.stringify({ ...below, ...kept, ...above }, null, 2));
}

function parseSettings(text: string): object {
  try {
    return Object(JSON.parse(text)) as object;
  } catch {
    // Edited by hand, with comments: a demo may start afresh.
    return {};
  }
}

/** The command that starts an installed desktop VS Code, if there is one and something to show it on. */
export function findDesktopCode(): string | undefined {
  if (process.platform === "darwin") {
    const inApp = "Applications/Visual Studio Code.app/Contents/Resources/app/bin/code";
    const app = ["/", process.env.HOME ?? "/"].map((home) => join(home, inApp)).find(existsSync);
    return app ?? findProgram("code");
  }
  const hasDisplay = Boolean(process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY);
  return hasDisplay ? findProgram("code") : undefined;
}

function folderArgs(folders: Pick<EditorOptions, "dataDir" | "extensionsDir">): string[] {
  return ["--server-data-dir", folders.dataDir, "--extensions-dir", folders.extensionsDir];
}

/** The token travels by file: a command line is readable by everybody on the machine. */
async function tokenArgs(options: EditorOptions): Promise<string[]> {
  if (!options.token) return ["--without-connection-token"];
  const file = join(options.dataDir, "connection-token");
  await writeFile(file, options.token, { mode: 0o600 });
  return ["--connection-token-file", file];
}

/** An editor started from a terminal of another VS Code must not take itself for that one. */
function editorEnv(editor: InstalledEditor, further: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(VSCODE_|ELECTRON_|NODE_OPTIONS$|npm_)/.test(name),
  );
  const path = dirname(editor.node) + delimiter + (process.env.PATH ?? "");
  return { ...Object.fromEntries(inherited), PATH: path, ...further };
}

interface Printed {
  text: string;
  changed?: () => void;
}

function collectOutput(child: ChildProcess): Printed {
  const printed: Printed = { text: "" };
  for (const stream of [child.stdout, child.stderr]) {
    const decoder = new StringDecoder("utf8");
    stream?.on("data", (bytes: Buffer) => {
      printed.text = (printed.text + decoder.write(bytes)).slice(-1_000_000);
      printed.changed?.();
    });
  }
  return printed;
}

async function listeningPort(child: ChildProcess, printed: Printed): Promise<number> {
  return await new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`VS Code's server ${why}:\n${printed.text.slice(-3_000)}`));
    const timer = setTimeout(() => fail(`did not start within ${startTimeoutMs / 1_000} s`), startTimeoutMs);
    child.once("exit", (code) => fail(`ended with exit code ${code}`));
    child.once("error", (error) => fail(`could not be started: ${error.message}`));
    printed.changed = () => {
      const port = /Extension host agent listening on (\d+)/.exec(printed.text)?.[1];
      if (!port) return;
      clearTimeout(timer);
      resolve(Number(port));
    };
    child.once("exit", () => clearTimeout(timer));
    printed.changed();
  });
}
