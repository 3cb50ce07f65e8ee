// Brings the real VS Code from npm (its server, web workbench and extension host) into .runside-dev/editor/.
// Used by `npm test` and `npm start`; nothing here needs a display or VS Code's own download site.
import { existsSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { devFolder } from "./folders";
import { runQuiet } from "./processes";

const editorVersion = "4.139.1";
const nodeVersion = "24.21.0";
/** The parts of VS Code that npm must compile; everything else in it is plain JavaScript. */
const nativeParts = ["@vscode/spdlog", "@parcel/watcher", "@vscode/native-watchdog", "@vscode/fs-copyfile", "node-pty"];

export interface InstalledEditor {
  /** The Node that this editor needs; a newer major than the project's own. */
  node: string;
  /** VS Code's folder, with `out/server-main.js` in it. */
  root: string;
}

export class EditorUnavailable extends Error {}

/** Installs the editor unless that is done already. Safe to call from several processes at once. */
export async function ensureEditor(log: (line: string) => void = console.log): Promise<InstalledEditor> {
  const nodePackage = nodePackageName();
  const parent = join(devFolder(), "editor");
  const final = join(parent, `code-server-${editorVersion}-node-${nodeVersion}-${process.arch}`);
  if (!existsSync(join(final, "installed.json"))) {
    log("Installing the real VS Code from npm, about a minute, once ...");
    const building = `${final}.${process.pid}.partial`;
    await rm(building, { recursive: true, force: true });
    try {
      await install(building, nodePackage);
      await moveIntoPlace(building, final);
    } finally {
      await rm(building, { recursive: true, force: true });
    }
  }
  return locate(final, nodePackage);
}

export function isEditorInstalled(): boolean {
  return existsSync(join(finalFolder(), "installed.json"));
}

function finalFolder(): string {
  return devFolder("editor", `code-server-${editorVersion}-node-${nodeVersion}-${process.arch}`);
}

function nodePackageName(): string {
  const supported = process.platform === "linux" && (process.arch === "x64" || process.arch === "arm64");
  if (!supported) {
    throw new EditorUnavailable(
      `VS Code from npm is built for Linux on x64 and arm64, not for ${process.platform} on ${process.arch}: ` +
        "its tests are left out here; `npm run test:desktop` runs the suite in an installed VS Code.",
    );
  }
  return `node-linux-${process.arch}`;
}

function locate(folder: string, nodePackage: string): InstalledEditor {
  return {
    node: join(folder, "node_modules", nodePackage, "bin", "node"),
    root: join(folder, "node_modules", "code-server", "lib", "vscode"),
  };
}

async function install(folder: string, nodePackage: string): Promise<void> {
  const { root } = locate(folder, nodePackage);
  const nodeFolder = join(folder, "node_modules", nodePackage);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "runside-test-editor", private: true }));
  const packages = [`${nodePackage}@${nodeVersion}`, `code-server@${editorVersion}`];
  await runNpm(["install", "--ignore-scripts", "--save-exact", ...packages], folder, process.env);
  // From here on with the editor's own Node, whose headers the native parts are compiled against.
  const env = {
    ...process.env,
    PATH: join(nodeFolder, "bin") + delimiter + (process.env.PATH ?? ""),
    npm_config_nodedir: nodeFolder,
  };
  await runNpm(["install", "--omit=dev", "--ignore-scripts"], root, env);
  await runNpm(["rebuild", ...nativeParts], root, env);
}

async function runNpm(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<void> {
  await runQuiet("npm", [...args, "--no-audit", "--no-fund", "--loglevel=error"], { cwd, env: withoutNpmRun(env) });
}

/** `npm test` tells its children about its own package; an inner npm must not take that for its own. */
function withoutNpmRun(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = /^npm_(package|lifecycle|command|execpath|node_execpath)|^(INIT_CWD|NODE)$|^npm_config_(local_)?prefix$/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !own.test(name)));
}

async function moveIntoPlace(building: string, final: string): Promise<void> {
  await writeFile(join(building, "installed.json"), JSON.stringify({ editorVersion, nodeVersion }));
  try {
    await rename(building, final);
  } catch (error) {
    // Another process was faster, or an unfinished folder of an older version of this file lies there.
    if (isEditorInstalled()) return;
    await rm(final, { recursive: true, force: true });
    await rename(building, final).catch(() =>
      Promise.reject(error instanceof Error ? error : new Error(String(error))),
    );
  }
}
