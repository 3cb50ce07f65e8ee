// What every benchmark works with: the built product, a box behind SSH, and a client made as the extension makes its own.
import { once } from "node:events";
import { rmSync } from "node:fs";
import { cp, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { devFolder, projectRoot, tsx } from "../scripts/folders";
import { endGroup, runQuiet, startGroup } from "../scripts/processes";
import { createApp, type App } from "../src/app";
import type { Platform } from "../src/platform";
import type { BoxSession } from "../src/runs/boxes";
import { unattended } from "../src/unattended";
import { defaultSettings } from "../src/settings";
import type { BoxFacts } from "./children/box";
import { makeTrace, type Trace } from "./makeTrace";

export interface Client {
  app: App;
  session: BoxSession;
  close(): Promise<void>;
}

export interface Bench {
  /** Fewer samples and smaller files: for a look, not for a verdict. */
  quick: boolean;
  /** What was made stays there afterwards. */
  keep: boolean;
  /** Holds everything that the benchmarks make. */
  folder: string;
  /** A copy of `dist/`, so that a rebuild in the meantime changes nothing. */
  product: string;
  box: BoxFacts;
  /** A window of its own, not connected yet. */
  client(): Client;
  /** The large trace; made once. */
  trace(): Trace;
  close(): Promise<void>;
}

export interface BenchOptions {
  quick: boolean;
  keep: boolean;
}

export async function startBench({ quick, keep }: BenchOptions): Promise<Bench> {
  const folder = devFolder("bench");
  await rm(folder, { recursive: true, force: true });
  // However this ends, 600 MB are not left lying.
  process.once("exit", () => {
    if (keep) console.log(`Kept: ${folder}`);
    else rmSync(folder, { recursive: true, force: true });
  });
  const product = join(folder, "product");
  await mkdir(product, { recursive: true });
  const [node = "", ...build] = tsx("esbuild.ts");
  await runQuiet(node, build, { cwd: projectRoot });
  await cp(join(projectRoot, "dist"), join(product, "dist"), {
    recursive: true,
    filter: (path) => !path.endsWith(".vsix"),
  });
  const box = await startBox(folder);
  let trace: Trace | null = null;
  return {
    quick,
    keep,
    folder,
    product,
    box: box.facts,
    client: () => {
      const app = createApp(platformFor(product, box.facts));
      return { app, session: app.boxes.open(box.facts.host), close: () => app.close() };
    },
    trace: () => {
      const long = join(folder, "long");
      trace ??= makeTrace(long, join(long, "traces", "trace.jsonl"), quick ? 60e6 : 600e6);
      return trace;
    },
    close: () => box.close(),
  };
}

async function startBox(folder: string): Promise<{ facts: BoxFacts; close(): Promise<void> }> {
  const [node = "", ...args] = tsx(join(__dirname, "children", "box.ts"), folder);
  const child = startGroup(node, args, { cwd: projectRoot, stdio: ["pipe", "pipe", "inherit"] });
  if (!child.stdout) throw new Error("the box's process has no output");
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  return { facts: JSON.parse(line) as BoxFacts, close: () => endGroup(child) };
}

function platformFor(extensionFolder: string, box: BoxFacts): Platform {
  return unattended({
    extensionFolder,
    cacheFolder: devFolder("node"),
    settings: () => ({ ...defaultSettings, "ssh.configFile": box.configFile, "local.enabled": false }),
    logger: {
      log: (level, tag, message) => {
        if (level === "error" || level === "warn") console.error(`[${tag}] ${message}`);
      },
    },
  });
}

/** Installs the agent, so that no measurement pays for it. */
export async function warmUp(bench: Bench): Promise<void> {
  const client = bench.client();
  await client.session.link.peer();
  await client.close();
}

/** OpenSSH's own client to the same box. */
export const openssh = (bench: Bench, ...command: string[]): string[] => [
  "-F",
  bench.box.configFile,
  bench.box.host,
  ...command,
];
