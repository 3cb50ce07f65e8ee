// Where the numbers of one call of `wandb.log` belong (formats/gui-and-trainers.md 3.6): W&B's own step counts calls, so a trainer's goes
// before it, and what the run declared with `define_metric` before both.
import { isFields, numberOf, textOf, type Fields } from "../base/json";
import { fieldsOf, listOf } from "./document";
import type { RecordSink } from "./reader";

/** What `define_metric` said: which metric is the step of those of this name, or of those that fit a glob. */
export interface DeclaredStep {
  name: string;
  glob: string;
  step: string;
}

/** Hugging Face's and Lightning's callbacks log this beside all their metrics; `_step` counts calls. */
export const trainerSteps = ["train/global_step", "trainer/global_step"];

export interface WandbPlace {
  at: number;
  /** Which of the trainers' own steps this run has. */
  byTrainer: string | null;
  /** What the run declared, the last first to be asked; and what those steps said last. */
  own: DeclaredStep[];
  last: Record<string, number>;
}

export function placeIn(saved: Fields): WandbPlace {
  const last = Object.entries(fieldsOf(saved.last)).flatMap(([name, value]) => {
    const number = numberOf(value);
    return number === null ? [] : [[name, number] as const];
  });
  return {
    at: numberOf(saved.at) ?? 0,
    byTrainer: textOf(saved.byTrainer),
    own: metricsIn(saved.own),
    last: Object.fromEntries(last),
  };
}

function metricsIn(saved: unknown): DeclaredStep[] {
  return listOf(saved).flatMap((each: unknown) => {
    const { name, glob, step } = fieldsOf(each);
    return typeof name === "string" && typeof glob === "string" && typeof step === "string"
      ? [{ name, glob, step }]
      : [];
  });
}

/** A glob of W&B's has its star at the end. An exact name goes before it. What counts epochs is no step. */
function declaredStep(own: readonly DeclaredStep[], name: string): string | null {
  const exact = own.findLast((metric) => metric.name === name);
  const fits = ({ glob }: DeclaredStep): boolean =>
    glob !== "" && (glob.endsWith("*") ? name.startsWith(glob.slice(0, -1)) : glob === name);
  const step = (exact ?? own.findLast(fits))?.step ?? null;
  return step === null || /epoch|time/i.test(step) ? null : step;
}

/** One call of `wandb.log`; returns its step. */
export function logHistory(
  items: readonly (readonly [string, unknown])[],
  step: number | null,
  before: WandbPlace,
  sink: RecordSink,
): WandbPlace {
  const named = items.flatMap(([name, value]) => valuesOf(name, value));
  const written = (wanted: string): number | null => numberOf(named.find(([name]) => name === wanted)?.[1]);
  const time = written("_timestamp");
  const byTrainer = before.byTrainer ?? trainerSteps.find((name) => written(name) !== null) ?? null;
  const trained = byTrainer === null ? null : written(byTrainer);
  const at = trained ?? (byTrainer === null ? (written("_step") ?? step ?? before.at) : before.at);
  if (time !== null) sink.clockTick(at, time);
  for (const { step: name } of before.own) {
    const counted = written(name);
    if (counted !== null) before.last[name] = counted;
  }
  for (const [name, value] of named) {
    const number = typeof value === "boolean" ? null : numberOf(value);
    if (number === null || name.startsWith("_")) continue;
    const own = declaredStep(before.own, name);
    sink.point(name, own === null || own === name ? at : (before.last[own] ?? at), number);
  }
  return { ...before, at, byTrainer };
}

/** Deeper than this nobody nests metrics. */
const DEEPEST = 6;

/** What was logged inside a dict, as current versions name it; pictures and tables say what they are. */
export function valuesOf(name: string, value: unknown, depth = 0): [string, unknown][] {
  if (!isFields(value)) return [[name, value]];
  if ("_type" in value || name.startsWith("_") || depth > DEEPEST) return [];
  return Object.entries(value).flatMap(([inner, each]) => valuesOf(`${name}.${inner}`, each, depth + 1));
}
