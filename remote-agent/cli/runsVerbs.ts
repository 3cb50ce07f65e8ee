// ls, show, logs, cancel: what the sidebar shows and does.
import {
  commandWords,
  durationWords,
  leftWords,
  progressWords,
  stoppingWords,
  usageWords,
} from "../../core/model/words";
import { setTimeout as sleep } from "node:timers/promises";
import { open } from "node:fs/promises";
import { wrongUsage } from "../../core/base/errors";
import { isLive, mayStop, type RunSummary } from "../../core/model/run";
import { Target } from "../index/target";
import { idsIn } from "../disk/runIds";
import { summaryOf } from "../index/runDirectory";
import { readStatus } from "../disk/runFolder";
import { readSetupRecord } from "../supervise/setupRecord";
import { requestStop } from "../supervise/requestStop";
import { setupOf, setupTexts, withoutSetup } from "../../core/model/setup";
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

const stateWords = ({ status }: RunSummary): string =>
  `${status.but ? "finished, but" : status.state}${status.left ? `, ${status.left.length} left running` : ""}`;

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
      const setup = target.files && readSetupRecord(target.files);
      if (options.flag("json")) {
        printJson({ manifest, setup, status, progress });
        return 0;
      }
      printLine(`${manifest.id}`);
      const row = (name: string, value: string): void => printLine(`${name.padEnd(14)}${value}`);
      row("state", `${status?.state ?? "unknown"}${status?.but ? `, but ${status.but}` : ""}`);
      if (status?.reason) row("reason", status.reason);
      if (status?.health?.sentence && !status.reason) row("health", status.health.sentence);
      if (status?.left) row("left", leftWords(status.left));
      if (status?.stopping) row("stopping", stoppingWords(status.stopping));
      const words = progressWords(progress);
      if (words) row("progress", words);
      row("config", manifest.config.path);
      row("recipe", manifest.recipe);
      printFacts(manifest.facts, row);
      for (const text of setupTexts(setupOf(manifest.commands))) row("setup", text);
      for (const argv of manifest.commands) row("command", commandWords(withoutSetup(argv).command));
      for (const [name, value] of Object.entries(setup?.set ?? {}))
        row(
          "environment",
          `${name}=${value}${setup?.kept.includes(name) ? "  (as before; the setup gave another)" : ""}`,
        );
      for (const name of setup?.hidden ?? []) row("environment", `${name}  (looks like a secret, not recorded)`);
      for (const name of setup?.removed ?? []) row("environment", `${name}  (removed)`);
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
    const printed: Printed = { inode: 0, offset: 0, last: Buffer.alloc(0) };
    for (;;) {
      const live = target.isLive();
      await printRest(log, printed);
      if (!options.flag("follow") || !live) break;
      await sleep(200);
    }
    target.dispose();
    return 0;
  },
};

/** How far a log was printed, and its last bytes there: a log that was begun anew is printed from its start. */
interface Printed {
  inode: number;
  offset: number;
  last: Buffer;
}

const LAST = 256;

async function printRest(path: string, printed: Printed): Promise<void> {
  const handle = await open(path, "r").catch(() => null);
  if (!handle) return;
  try {
    const { ino, size } = await handle.stat();
    const { last } = printed;
    const before = Buffer.alloc(last.length);
    await handle.read(before, 0, last.length, printed.offset - last.length);
    if (ino !== printed.inode || size < printed.offset || !before.equals(last))
      Object.assign(printed, { inode: ino, offset: 0, last: Buffer.alloc(0) });
    if (size === printed.offset) return;
    for await (const piece of handle.createReadStream({ start: printed.offset, autoClose: false })) {
      const bytes = piece as Buffer;
      printed.offset += bytes.length;
      printed.last = Buffer.concat([printed.last, bytes.subarray(-LAST)]).subarray(-LAST);
      if (!process.stdout.write(bytes)) await new Promise((resolve) => process.stdout.once("drain", resolve));
    }
  } finally {
    await handle.close();
  }
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
    const { id, runFolder } = target;
    target.dispose();
    let status = readStatus(runFolder);
    for (let waited = 0; accepted && waited < 20_000 && mayStop(status); waited += 50) {
      await sleep(50);
      status = readStatus(runFolder);
    }
    const { state, sent, left } = status;
    if (options.flag("json")) printJson({ accepted, state, sent, left });
    else if (!accepted) process.stderr.write(`${id} is not running (${state}).\n`);
    else {
      const words = isLive(state) ? "still stopping" : left ? `${state}; ${leftWords(left)}` : state;
      printLine(`${id}: ${words}${sent.length > 0 ? ` (sent ${sent.join(", ")})` : ""}`);
    }
    return accepted ? 0 : 1;
  },
};
