// ls, show, logs, cancel: what the sidebar shows and does.
import { commandWords, durationWords, progressWords, stoppingWords, usageWords } from "../../core/model/words";
import { setTimeout as sleep } from "node:timers/promises";
import { createReadStream, existsSync, statSync } from "node:fs";
import { wrongUsage } from "../../core/base/errors";
import { isLive, type RunSummary } from "../../core/model/run";
import { Target } from "../index/target";
import { idsIn, summaryOf } from "../index/runDirectory";
import { readStatus } from "../disk/runFolder";
import { requestStop } from "../supervise/requestStop";
import { printFacts } from "./dryRun";
import { home, parse, printJson, printLine, printTable, type Verb } from "./io";
import { withTarget } from "./openTarget";

const json = { json: { type: "boolean" } } as const;

async function summaries(): Promise<RunSummary[]> {
  const store = home();
  const all: RunSummary[] = [];
  for (const id of [...idsIn(store.runs)].sort().reverse()) {
    const summary = await summaryOf(id, store).catch(() => null);
    if (summary) all.push(summary);
  }
  return all;
}

export const ls: Verb = {
  name: "ls",
  usage: "[--json]",
  summary: "the runs on this box, newest first",
  async run(args) {
    const options = parse(ls, args, json, { min: 0, max: 0 });
    const runs = await summaries();
    if (options.flag("json")) printJson(runs);
    else if (runs.length === 0) printLine("No runs yet. `runside run CONFIG` starts one.");
    else
      printTable(
        ["RUN", "AGE", "STATE", "PROGRESS"],
        runs.map((r) => [r.id, ageWords(r.createdAt), stateWords(r), progressWords(r.progress)]),
      );
    return 0;
  },
};

/** Since its launch. A clock that was set back makes no run younger than new. */
function ageWords(createdAt: string): string {
  const seconds = (Date.now() - Date.parse(createdAt)) / 1000;
  return Number.isNaN(seconds) ? "" : durationWords(Math.max(1, seconds));
}

const stateWords = (run: RunSummary): string => (run.status.but ? "finished, but" : run.status.state);

export const show: Verb = {
  name: "show",
  usage: "RUN [--json]",
  summary: "one run: state, config, recipe, facts, command, progress",
  async run(args) {
    const options = parse(show, args, json, { min: 1, max: 1 });
    const [spec = ""] = options.positionals;
    return withTarget(spec, (target) => {
      const { manifest } = target;
      if (!manifest)
        throw wrongUsage(
          `${spec} is a folder that Runside did not launch; \`runside inspect ${spec}\` says what is in it.`,
        );
      const status = target.status();
      const progress = target.progress(status);
      if (options.flag("json")) {
        printJson({ manifest, status, progress });
        return 0;
      }
      printLine(`${manifest.id}`);
      const row = (name: string, value: string): void => printLine(`${name.padEnd(14)}${value}`);
      row("state", `${status?.state ?? "unknown"}${status?.but ? `, but ${status.but}` : ""}`);
      if (status?.reason) row("reason", status.reason);
      if (status?.health?.sentence && !status.reason) row("health", status.health.sentence);
      if (status?.stopping) row("stopping", stoppingWords(status.stopping));
      const words = progressWords(progress);
      if (words) row("progress", words);
      row("config", manifest.config.path);
      row("recipe", manifest.recipe);
      printFacts(manifest.facts, row);
      for (const argv of manifest.commands) row("command", commandWords(argv));
      row("folder", manifest.cwd);
      row("output", manifest.out);
      row("launched", `${manifest.createdAt} (${ageWords(manifest.createdAt)} ago)`);
      if (status?.startedAt) row("started", status.startedAt);
      if (status?.endedAt) row("ended", status.endedAt);
      const used = status?.usage ? usageWords(status.usage) : "";
      if (used) row("used", used);
      return 0;
    });
  },
};

export const logs: Verb = {
  name: "logs",
  usage: "RUN [-f]",
  summary: "what the training wrote to stdout and stderr; -f follows it",
  async run(args) {
    const options = parse(logs, args, { follow: { type: "boolean", short: "f" } }, { min: 1, max: 1 });
    const target = Target.open(options.positionals[0] ?? "", home(), process.cwd());
    const log = target.files?.log;
    if (!log)
      throw wrongUsage(`${options.positionals[0] ?? ""} is no run; logs are kept for runs that Runside launched.`);
    let at = 0;
    for (;;) {
      const live = target.isLive();
      at += await copyFrom(log, at);
      if (!options.flag("follow") || !live) break;
      await sleep(200);
    }
    target.dispose();
    return 0;
  },
};

async function copyFrom(path: string, start: number): Promise<number> {
  if (!existsSync(path) || statSync(path).size <= start) return 0;
  let copied = 0;
  for await (const piece of createReadStream(path, { start })) {
    const bytes = piece as Buffer;
    copied += bytes.length;
    if (!process.stdout.write(bytes)) await new Promise((resolve) => process.stdout.once("drain", resolve));
  }
  return copied;
}

export const cancel: Verb = {
  name: "cancel",
  usage: "RUN [--json]",
  summary: "stop a run: SIGINT, then SIGTERM, then SIGKILL",
  async run(args) {
    const options = parse(cancel, args, json, { min: 1, max: 1 });
    const [spec = ""] = options.positionals;
    const target = Target.open(spec, home(), process.cwd());
    if (!target.runFolder) throw wrongUsage(`${spec} is no run; only what Runside launched can be stopped.`);
    const accepted = requestStop(target.id, home());
    for (let waited = 0; accepted && waited < 20_000 && target.isLive(); waited += 50) await sleep(50);
    const status = readStatus(target.runFolder);
    target.dispose();
    if (options.flag("json")) printJson({ accepted, state: status.state, sent: status.sent });
    else if (!accepted) process.stderr.write(`${target.id} is not running (${status.state}).\n`);
    else {
      const state = isLive(status.state) ? "still stopping" : status.state;
      printLine(`${target.id}: ${state}${status.sent.length > 0 ? ` (sent ${status.sent.join(", ")})` : ""}`);
    }
    return accepted ? 0 : 1;
  },
};
