// `npm start`: Runside in an editor, with a demo box to run on. Ctrl-C ends all of it.
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { findDesktopCode, installExtension, startEditor, writeUserSettings } from "./editor";
import { openDesktop } from "./desktop";
import { startDemoBox, type DemoBox } from "./demoBox";
import { ensureEditor } from "./editorInstall";
import { devFolder, projectRoot, tsx } from "./folders";
import { runQuiet } from "./processes";
import { ensureSystem } from "./system";

const usage = `Usage: npm start -- [options]
  --browser           the editor in a browser, even where a desktop VS Code is installed
  --headless          no editor: run a config on the demo box through the extension's own services, and report
  --config FILE       the config for --headless (default: examples/login/grpo.yaml)
  --seed N            its seed (default: 1)`;

const options = {
  browser: { type: "boolean", default: false },
  headless: { type: "boolean", default: false },
  config: { type: "string", default: "examples/login/grpo.yaml" },
  seed: { type: "string", default: "1" },
  help: { type: "boolean", default: false },
} as const;

type Choice = ReturnType<typeof parseArgs<{ options: typeof options }>>["values"];

/** What ends a thing that was started; run in reverse order however `npm start` ends. */
type Ends = (() => Promise<void>)[];

async function start(choice: Choice): Promise<number> {
  const ends: Ends = [];
  try {
    return await Promise.race([run(choice, ends), interruption()]);
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

/** Ctrl-C is the normal end of this program. */
async function interruption(): Promise<number> {
  return await new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => resolve(0));
  });
}

async function run(choice: Choice, ends: Ends): Promise<number> {
  console.log("Building ...");
  const [command, ...args] = tsx("esbuild.ts");
  await runQuiet(command!, args, { cwd: projectRoot });
  const box = await startDemoBox({ dir: devFolder() });
  ends.push(() => box.close());
  console.log(`The demo box is up on 127.0.0.1:${box.port}. From a terminal: ssh -F ${box.configFile} ${box.host} ls`);
  if (choice.headless) {
    const { runHeadless } = await import("./headless");
    return await runHeadless({ box, config: choice.config, seed: Number(choice.seed) });
  }
  const code = choice.browser ? undefined : await usableDesktopCode();
  return await (code ? showDesktop(code, box, ends) : showInBrowser(box, ends));
}

async function showDesktop(code: string, box: DemoBox, ends: Ends): Promise<number> {
  const userDataDir = devFolder("vscode");
  await writeUserSettings(userDataDir, settings(box));
  const window = openDesktop(code, {
    extension: projectRoot,
    userDataDir,
    extensionsDir: devFolder("vscode-extensions"),
    open: [join(projectRoot, "examples"), join(projectRoot, options.config.default)],
  });
  console.log(
    "VS Code opens with Runside and the examples. Right-click grpo.yaml > Run Config. Ctrl-C ends everything.",
  );
  ends.push(() => window.close());
  await window.closed;
  return 0;
}

async function showInBrowser(box: DemoBox, ends: Ends): Promise<number> {
  const missing = await ensureSystem(["compiler"]);
  for (const { sentence } of missing) console.log(sentence);
  await ensureEditor();
  console.log("Packaging Runside ...");
  await runQuiet("npm", ["run", "--silent", "package"], { cwd: projectRoot });
  const folders = { dataDir: devFolder("browser", "data"), extensionsDir: devFolder("browser", "extensions") };
  await installExtension(folders, await packagedExtension());
  // Whoever opens the address gets a terminal on this machine, so it has a secret in it, new each time.
  const token = randomBytes(24).toString("hex");
  const editor = await startEditor({ ...folders, token, settings: settings(box) });
  ends.push(() => editor.stop());
  console.log(`\nOpen ${editor.url(join(projectRoot, "examples"))}\n`);
  console.log("Then open login/grpo.yaml and right-click it > Run Config. Ctrl-C ends everything.");
  await editor.crashed;
  console.error(`The editor ended by itself:\n${editor.log().slice(-2_000)}`);
  return 1;
}

function settings(box: DemoBox): Record<string, unknown> {
  // Trust is asked about as for any other folder: it decides whether Runside may run anything.
  return {
    "runside.ssh.configFile": box.configFile,
    // "This machine" too keeps its runs here, so that trying Runside leaves nothing behind.
    "runside.local.store": devFolder("local"),
    "security.workspace.trust.startupPrompt": "always",
  };
}

async function packagedExtension(): Promise<string> {
  const { name, version } = await readManifest();
  return join(projectRoot, "dist", `${name}-${version}.vsix`);
}

async function readManifest() {
  const text = await readFile(join(projectRoot, "package.json"), "utf8");
  return JSON.parse(text) as { name: string; version: string; engines: { vscode: string } };
}

/** A desktop VS Code older than the extension asks for would open without it. */
async function usableDesktopCode(): Promise<string | undefined> {
  const code = findDesktopCode();
  if (!code) return undefined;
  const wanted = (await readManifest()).engines.vscode.replace("^", "");
  const found = (await runQuiet(code, ["--version"])).split("\n")[0] ?? "";
  if (found.localeCompare(wanted, "en", { numeric: true }) >= 0) return code;
  console.log(
    `VS Code ${found} is installed, and Runside needs ${wanted}: using the one from npm in a browser instead.`,
  );
  return undefined;
}

async function main(): Promise<void> {
  const choice = parseArgs({ options }).values;
  if (choice.help) return console.log(usage);
  process.exit(await start(choice));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
