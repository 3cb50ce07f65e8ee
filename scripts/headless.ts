// `npm start -- --headless`: the whole way without an editor, through the extension's own services: connect over SSH with the
// host key checked, install the agent, send the workspace, launch, follow, and report.
import { dirname, join, relative, resolve, sep } from "node:path";
import { existsSync } from "node:fs";
import { Scope } from "../core/base/disposable";
import { messageOf } from "../core/base/errors";
import { isLive, type RunSummary } from "../core/model/run";
import type { EvalTable } from "../core/model/evaluation";
import type { RunState } from "../core/model/runState";
import { fromWire } from "../core/model/number";
import { runs } from "../core/protocol/runs";
import type { Peer } from "../core/rpc/peer";
import { createApp } from "../src/app";
import { buildLaunch } from "../src/launch/buildSpec";
import type { Platform } from "../src/platform";
import { launchOn } from "../src/runs/launchConfig";
import type { RunMirror } from "../src/runs/runMirror";
import { durationWords, numberWords, progressWords, stateWords } from "../core/model/words";
import { defaultSettings } from "../src/settings";
import { unattended } from "../src/unattended";
import type { DemoBox } from "./demoBox";
import { devFolder, projectRoot } from "./folders";

export interface HeadlessOptions {
  box: DemoBox;
  config: string;
  seed: number;
}

/** Returns the exit code: 0 only if the run succeeded with what its recipe promises. */
export async function runHeadless({ box, config, seed }: HeadlessOptions): Promise<number> {
  const scope = new Scope("headless");
  const app = createApp(platformFor(box));
  try {
    const session = app.boxes.open(box.host);
    const began = Date.now();
    const peer = await session.link.peer();
    console.log(`Connected to ${box.host} over SSH, host key checked, agent running (${Date.now() - began} ms).`);
    const workspace = workspaceOf(resolve(config));
    const path = relative(workspace, resolve(config)).split(sep).join("/");
    const launch = await buildLaunch(workspace, path, { seed });
    const started = Date.now();
    const { id, pid } = await launchOn({ workspace, launch, peer, report: () => undefined });
    const begun = pid === null ? "waits its turn" : `started: pid ${pid}`;
    console.log(`Run ${id} ${begun}, ${Date.now() - started} ms after the click.`);
    const { manifest } = await peer.request(runs.manifest, { target: id });
    for (const argv of manifest?.commands ?? []) console.log(`Command: ${argv.join(" ")}\n`);
    stopOnInterrupt(peer, id, scope);
    const lease = scope.add(session.hub.lease(id));
    await lease.mirror.loaded();
    const state = await untilEnded(lease.mirror, scope);
    report(id, box, state);
    return state.status?.state === "succeeded" && state.status.but === null ? 0 : 1;
  } catch (error) {
    console.error(messageOf(error));
    return 1;
  } finally {
    scope.dispose();
    await app.close();
  }
}

/** Settings of its own; nobody is asked anything, because the demo box needs no answer. */
const platformFor = (box: DemoBox): Platform =>
  unattended({
    extensionFolder: projectRoot,
    cacheFolder: devFolder("node"),
    settings: () => ({ ...defaultSettings, "ssh.configFile": box.configFile, "local.enabled": false }),
    logger: {
      log: (level, tag, message) => {
        if (level === "error" || level === "warn") console.error(`[${tag}] ${message}`);
      },
    },
  });

/** What the editor would have open: `examples/` for ours, else the project around the config. */
function workspaceOf(config: string): string {
  const examples = join(projectRoot, "examples");
  if (config.startsWith(examples + sep)) return examples;
  for (let folder = dirname(config); dirname(folder) !== folder; folder = dirname(folder)) {
    if (existsSync(join(folder, ".git"))) return folder;
  }
  return dirname(config);
}

/** Ctrl-C means the run here: it was started to be watched. */
function stopOnInterrupt(peer: Peer, id: string, scope: Scope): void {
  const stop = (): void => void peer.request(runs.stop, { id }).catch(() => undefined);
  process.once("SIGINT", stop);
  scope.onDispose(() => process.off("SIGINT", stop));
}

/** Prints a line when the step moved, and resolves when the run has ended and everything is read. */
function untilEnded(mirror: RunMirror, scope: Scope): Promise<RunState> {
  let printed = "";
  return new Promise((done) => {
    const look = (): void => {
      const { progress, status, indexing } = mirror.state;
      const words = progressWords(progress);
      if (words && words !== printed && due(progress.step)) console.log((printed = words));
      if (status && !isLive(status.state) && !indexing) setTimeout(() => done(mirror.state), 500);
    };
    scope.add(mirror.onDelta(look));
    look();
  });
}

let lastPrinted = -1;
/** Every tenth step is enough for a terminal. */
function due(step: number | null): boolean {
  if (step === null || (step % 10 !== 0 && Math.abs(step - lastPrinted) < 10)) return false;
  lastPrinted = step;
  return true;
}

function report(id: RunSummary["id"], box: DemoBox, state: RunState): void {
  const { status } = state;
  if (!status) return;
  const began = status.startedAt ? Date.parse(status.startedAt) : null;
  const ended = status.endedAt ? Date.parse(status.endedAt) : null;
  const took = began !== null && ended !== null ? ` after ${durationWords((ended - began) / 1000)}` : "";
  console.log(`\n${id}: ${stateWords(status)}${status.but ? ` ${status.but}` : ""}${took}`);
  if (status.reason) console.log(status.reason);
  const { counts } = state;
  console.log(
    `${counts.rollouts} rollouts · ${counts.episodes} episodes · ${counts.evals} evals · ${counts.checkpoints} checkpoints`,
  );
  for (const d of state.diagnostics) console.log(`${d.severity}: ${d.path}: ${d.message}`);
  printReward(state);
  printEvals(state.evals);
  console.log(`\nWhat to try next:
  npm start                                             the same in VS Code: right-click grpo.yaml > Run Config
  npm start -- --headless --config examples/login/grpo-collapse.yaml   watch a learning rate kill it
  RUNSIDE_HOME=${box.runsideHome} node dist/agent.js inspect ${id}
  RUNSIDE_HOME=${box.runsideHome} node dist/agent.js rollouts ${id} --where "reward < 0.5" --limit 5`);
}

/** First against last tenth, and the first step: whether the run learnt what it optimised. */
function printReward(state: RunState): void {
  const reward = [...state.series.values()].find((s) => s.name === "reward");
  const values = (reward?.values ?? []).map(fromWire).filter((v): v is number => v !== null && Number.isFinite(v));
  if (values.length < 10) return;
  const tenth = Math.floor(values.length / 10);
  const mean = (part: number[]): string => numberWords(part.reduce((a, b) => a + b, 0) / part.length);
  console.log(
    `reward: first step ${numberWords(values[0] ?? null)}, first tenth ${mean(values.slice(0, tenth))}, last tenth ${mean(values.slice(-tenth))} (mean over ${tenth} steps)`,
  );
}

function printEvals(tables: readonly EvalTable[]): void {
  if (tables.length === 0) return;
  const shown = ["action_type_accuracy", "mean_coord_error", "click_hit_rate", "episode_success_rate"];
  const order = ["base", "sft", "grpo"];
  const sorted = [...tables].sort((a, b) => order.indexOf(a.label) - order.indexOf(b.label));
  const cell = (table: EvalTable, name: string): string => {
    const metric = table.metrics.find((m) => m.name === name);
    const n = metric?.n === null || metric?.n === undefined ? "n unknown" : `n=${metric.n}`;
    return metric === undefined || metric.value === null ? `– (${n})` : `${numberWords(metric.value)} (${n})`;
  };
  console.log(`\n${"".padEnd(22)}${sorted.map((t) => t.label.padEnd(16)).join("")}`);
  for (const name of shown) console.log(name.padEnd(22) + sorted.map((t) => cell(t, name).padEnd(16)).join(""));
}
