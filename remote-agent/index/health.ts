// Dead, hung and slow told apart: is the process there, do steps still come at their pace, does anything still write, do the
// GPUs still work. Made from files and their times, so that every agent says the same; sentences name times, not ages, so that they stand.
import { statSync } from "node:fs";
import type { Health } from "../../core/model/run";
import { durationWords } from "../../core/model/words";
import { attemptOf } from "./attempts";
import type { SourceIndex } from "./sourceIndex";

export interface Signs {
  /** All times in ms of the box's clock. */
  now: number;
  lastStepAt: number | null;
  /** From step to step: the median over the run where its trace has times, else the mean. */
  pace: number | null;
  /** The same over the last few steps; null where the trace has no times. */
  latePace: number | null;
  /** When the log or any trace last grew. */
  lastWriteAt: number | null;
  /** Percent, of the GPUs that the run holds; null where nobody knows. */
  gpu: number | null;
}

/** Slower than this many times its pace is slow. */
const SLOW = 3;
const LATE = 5;
/** Less than any two time zones are apart. */
const ZONES_MS = 14 * 60_000;
/** Loading a model and a data set may take this many times longer than the shortest wait, without a word. */
const WARM_UP = 30;
/** A folder of checkpoints' files is not looked through for the newest. */
const SOURCES = 20;

const ok: Health = { verdict: "ok", sentence: "" };

/** After how many steps' time without a sign a run counts as hung, and never before so many seconds: RUNSIDE_HUNG_AFTER="10,60". */
function patience(): { steps: number; leastMs: number } {
  const [steps, seconds] = (process.env["RUNSIDE_HUNG_AFTER"] ?? "").split(",").map(Number);
  return { steps: steps && steps > 0 ? steps : 10, leastMs: (seconds && seconds > 0 ? seconds : 60) * 1000 };
}

/** Of a run whose process lives. */
export function healthOf({ now, lastStepAt, pace, latePace, lastWriteAt, gpu }: Signs): Health {
  const { steps, leastMs } = patience();
  if (lastStepAt === null || pace === null) {
    if (lastWriteAt === null || now - lastWriteAt < WARM_UP * leastMs) return ok;
    return { verdict: "slow", sentence: `No step yet, and nothing written since ${timeWords(lastWriteAt)}.` };
  }
  const limit = Math.max(steps * pace, leastMs);
  const usual = `steps came every ${durationWords(pace / 1000)}`;
  if (now - lastStepAt > limit) {
    const since = `No step since ${timeWords(lastStepAt)}, while ${usual}`;
    if (gpu !== null && gpu > 0) return { verdict: "slow", sentence: `${since}; its GPUs still work.` };
    if (now - (lastWriteAt ?? 0) <= limit) return { verdict: "slow", sentence: `${since}; it still writes.` };
    const idle = gpu === null ? "" : " and its GPUs are idle";
    return { verdict: "hung", sentence: `${since}; nothing was written since${idle}: it lives, but hangs.` };
  }
  if (now - lastStepAt > Math.max(SLOW * pace, leastMs / 4))
    return { verdict: "slow", sentence: `The last step came at ${timeWords(lastStepAt)}, while ${usual}.` };
  if (latePace !== null && latePace > SLOW * pace) {
    const late = `Steps come every ${durationWords(latePace / 1000)} lately`;
    return { verdict: "slow", sentence: `${late}, ${durationWords(pace / 1000)} over the run.` };
  }
  return ok;
}

/** What the traces of one attempt say of its steps, and when anything was written. `startedAt` in ms. */
export function signsOf(
  sources: readonly SourceIndex[],
  attempt: number,
  startedAt: number | null,
  log: string,
): Pick<Signs, "lastStepAt" | "pace" | "latePace" | "lastWriteAt"> {
  const own = sources.filter((source) => attemptOf(source.path).attempt === attempt && source.records.series.size > 0);
  const written = own.slice(-SOURCES).map((source) => changedAt(source.absolute) ?? 0);
  const lastWriteAt = Math.max(startedAt ?? 0, changedAt(log) ?? 0, ...written) || null;
  const timed = own.find((source) => source.records.clock.times.length > LATE);
  if (timed) {
    const clock = timed.records.clock.times;
    const times = Array.from(clock.view(Math.max(0, clock.length - 200)));
    const intervals = times.slice(1).map((time, i) => (time - (times[i] ?? 0)) * 1000);
    const told = (times.at(-1) ?? 0) * 1000;
    // A trace may count in another time zone than the box: then its file's own time stands for its last step.
    const grew = changedAt(timed.absolute) ?? told;
    const lastStepAt = Math.abs(grew - told) < ZONES_MS ? told : grew;
    return { lastStepAt, pace: median(intervals), latePace: median(intervals.slice(-LATE)), lastWriteAt };
  }
  const points = Math.max(0, ...own.flatMap(({ records }) => [...records.series.values()].map((c) => c.steps.length)));
  const lastStepAt = Math.max(0, ...written) || null;
  const pace = points > 1 && lastStepAt !== null && startedAt !== null ? (lastStepAt - startedAt) / points : null;
  return { lastStepAt: pace === null ? null : lastStepAt, pace, latePace: null, lastWriteAt };
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? null;
}

function changedAt(path: string): number | null {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return null;
  }
}

const timeWords = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")} UTC`;
