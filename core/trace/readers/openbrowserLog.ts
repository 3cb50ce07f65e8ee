// OpenBrowser's training and evaluation logs, the only source of its metrics (formats/rlvr-openbrowser.md B2.2). A message may hold a
// whole rollout's text, whose lines look like `Step 1: Navigate to …`: only a line with the log's prefix begins a message.
import { isFields, numberOf } from "../../base/json";
import { hfCanonical, isTrainerLog } from "../hfLog";
import { headLines, logLine } from "../logText";
import { rewardNumbers } from "../groups";
import { OpenbrowserEvaluation } from "../openbrowserEvaluation";
import { canonicalNames, MESSAGE, numbersOfStep, patterns, readLoggedRollout, troubleIn } from "../openbrowserMessages";
import { OpenbrowserRemarks } from "../openbrowserRemarks";
import { pythonLiteral } from "../../base/pythonLiteral";
import type { LineParser, LineReader, RecordSink, SourceSample } from "../reader";
import { lastByte } from "../scan";
import { wallSeconds } from "../wallTime";
import { hfStdout } from "./hfStdout";

interface State {
  /** The step of the last step line: epochs and rollouts carry none. */
  step: number;
  /** Runs that this log has seen begin. */
  starts: number;
  /** The rollouts of one prompt, whose lines are still coming: where they begin and end, and what they scored. */
  group: { offset: number; end: number; rewards: [number, number][]; texts: number[] } | null;
  evaluation: unknown;
  remarks: unknown;
  /** What a Trainer prints between the messages: dicts and bars, without a prefix. */
  trainer: unknown;
}

class OpenbrowserLogParser implements LineParser {
  private now: State = { step: NaN, starts: 0, group: null, evaluation: null, remarks: null, trainer: null };
  private readonly evaluation: OpenbrowserEvaluation;
  private readonly remarks: OpenbrowserRemarks;
  private readonly trainer: LineParser;

  constructor(
    private readonly sink: RecordSink,
    saved?: unknown,
  ) {
    // A step that is not known yet is NaN, which JSON turns into null.
    if (isFields(saved)) this.now = { ...this.now, ...(saved as Partial<State>), step: numberOf(saved.step) ?? NaN };
    this.evaluation = new OpenbrowserEvaluation(sink, this.now.evaluation);
    this.remarks = new OpenbrowserRemarks(sink, this.now.remarks);
    this.trainer = hfStdout.open(sink, this.now.trainer ?? undefined);
  }

  line(bytes: Uint8Array, start: number, end: number, offset: number): void {
    if (lastByte(bytes, start, end) < 0) return;
    const line = logLine(bytes, start, end, this.sink);
    const { msg: message, asctime } = MESSAGE.exec(line)?.groups ?? {};
    const { group } = this.now;
    if (message !== undefined) this.message(message, offset, end - start, wallSeconds(asctime));
    // The rest of a rollout's text.
    else if (group) group.end = offset + end - start;
    else this.trainer.line(bytes, start, end, offset);
    const trouble = troubleIn(line);
    if (trouble !== null) this.sink.diagnostic({ ...trouble, severity: "warning" });
  }

  state(): State {
    const { group } = this.now;
    const evaluation = this.evaluation.state();
    const [remarks, trainer] = [this.remarks.state(), this.trainer.state()];
    return {
      ...this.now,
      group: group && { ...group, rewards: [...group.rewards], texts: [...group.texts] },
      evaluation,
      remarks,
      trainer,
    };
  }

  private message(message: string, offset: number, length: number, seconds: number | null): void {
    if (this.rollout(message, offset, length)) return;
    const step = patterns.step.exec(message)?.groups;
    const skip = patterns.skip.exec(message)?.groups;
    const sft = patterns.sft.exec(message)?.groups;
    const epoch = patterns.epoch.exec(message)?.groups;
    const start = patterns.start.exec(message)?.groups;
    if (skip)
      this.points(Number(skip.step), [
        ...pair("avg_reward", skip.r),
        ...pair("skipped_in_a_row", skip.consec),
        ...pair("reward_var", skip.var),
      ]);
    else if (step) {
      if (seconds !== null) this.sink.clockTick(Number(step.step), seconds);
      this.points(Number(step.step), numbersOfStep(step.kv ?? ""));
      const total = numberOf(step.stotal);
      if (total !== null) this.sink.fact("total_steps", total);
    } else if (sft)
      this.points(Number(sft.step), [...pair("loss", sft.loss), ...pair("avg_loss", sft.avg), ...pair("epoch", sft.e)]);
    else if (epoch) {
      const at = Number.isNaN(this.now.step) ? Number(epoch.e) : this.now.step;
      for (const [name, value] of numbersOfStep(epoch.kv ?? "")) this.sink.point(`epoch.${name}`, at, value);
    } else if (start) this.start(message, start);
    else {
      this.evaluation.message(message);
      this.remarks.message(message, this.now.step);
    }
  }

  private start(message: string, start: Record<string, string | undefined>): void {
    this.endGroup(NaN);
    this.now.starts++;
    this.remarks.begin();
    this.sink.fact("title", (start.what ?? "").slice(0, 80));
    for (const [name, text] of [
      ["prompts", start.n],
      ["group_size", start.G],
      ["kl_coeff", start.kl],
      ["total_steps", /\bmax_steps=(\d+)/.exec(message)?.[1]],
      ["temperature", /\btemp=([\d.]+)/.exec(message)?.[1]],
    ] as const) {
      const value = numberOf(text);
      if (value !== null) this.sink.fact(name, value);
    }
    if (this.now.starts < 2) return;
    const text = "Another run begins in the same log, as after a job's retry: its steps begin again.";
    this.sink.diagnostic({ code: "second-run", severity: "warning", message: text });
  }

  private points(step: number, values: readonly [string, number][]): void {
    this.endGroup(step);
    this.now.step = step;
    for (const [name, value] of values) this.sink.point(name, step, value);
    this.remarks.atStep(step);
  }

  private rollout(message: string, offset: number, length: number): boolean {
    const text = patterns.text.exec(message)?.groups ?? patterns.noActions.exec(message)?.groups;
    const scored = patterns.reward.exec(message)?.groups;
    const which = Number((text ?? scored)?.g);
    if (!text && !scored) return false;
    const seen = text ? this.now.group?.texts : this.now.group?.rewards.map(([g]) => g);
    // Steps are logged now and then only: a number that comes again is the next prompt's.
    if (seen?.includes(which)) this.endGroup(NaN);
    const group = (this.now.group ??= { offset, end: offset, rewards: [], texts: [] });
    group.end = offset + length;
    if (text) group.texts.push(which);
    else group.rewards.push([which, Number(scored?.r)]);
    return true;
  }

  private endGroup(step: number): void {
    const { group } = this.now;
    this.now.group = null;
    if (!group) return;
    const rewards = group.rewards.map(([, reward]) => reward);
    const samples = new Set([...group.texts, ...group.rewards.map(([g]) => g)]).size;
    const place = { offset: group.offset, length: group.end - group.offset, step, version: NaN, samples };
    this.sink.rollout({ ...place, ...rewardNumbers(rewards) });
  }
}

const pair = (name: string, text: string | undefined): [string, number][] => {
  const value = numberOf(text);
  return value === null ? [] : [[name, value]];
};

/** A Trainer's dict between the messages: another reader knows those alone. */
function hasTrainerLog(lines: readonly string[]): boolean {
  return lines.some((line) => {
    const open = line.indexOf("{'");
    return open >= 0 && isTrainerLog(pythonLiteral(line, open)?.value);
  });
}

function detect(sample: SourceSample): number {
  let own = 0;
  let messages = 0;
  const lines = headLines(sample);
  for (const line of lines) {
    const message = MESSAGE.exec(line)?.groups?.msg;
    if (message === undefined) continue;
    messages++;
    if (Object.entries(patterns).some(([name, pattern]) => name !== "start" && pattern.test(message))) own++;
    else if (OpenbrowserEvaluation.knows(message) || OpenbrowserRemarks.knows(message)) own++;
  }
  const named = messages > 0 && /\b(FormFactory|Anyscale|infra\.training|formfactory_\w+|QLoRA on)\b/.test(sample.head);
  if (own > 0 || named) return hasTrainerLog(lines) ? 0.92 : own > 0 ? 0.9 : messages > 2 ? 0.5 : 0;
  return 0;
}

export const openbrowserLog: LineReader = {
  id: "openbrowser-log",
  title: "OpenBrowser log",
  version: 2,
  axis: "step",
  input: "lines",
  detect,
  canonical: (raw) => (Object.hasOwn(canonicalNames, raw) ? (canonicalNames[raw] ?? null) : hfCanonical(raw)),
  readRollout: readLoggedRollout,
  open: (sink, saved) => new OpenbrowserLogParser(sink, saved),
};
