// Conditions on parts of the reward, such as `format_score > 0`: the index holds none of them, so the groups that fit everything else
// are read, up to a bound.
import { wrongUsage } from "../../core/base/errors";
import type { RolloutBody } from "../../core/trace/reader";

export interface PartCondition {
  name: string;
  /** Of the mean over the group's samples. */
  fits: (mean: number) => boolean;
}

/** Groups that are looked at for the names of parts: the first of so many files. */
const FILES_ASKED = 50;

/** A place in the list of all groups: how large it is, and what it says. */
export interface Readable {
  bytes(index: number): number;
  body(index: number): Promise<RolloutBody | null>;
  /** The first group of each file. */
  firsts: readonly number[];
}

export async function withParts(
  order: Uint32Array,
  conditions: readonly PartCondition[],
  from: Readable,
  mostBytes: number,
): Promise<{ order: Uint32Array; note: string | null }> {
  await expectKnown(conditions, from);
  const found: number[] = [];
  let read = 0;
  for (const [at, index] of order.entries()) {
    read += from.bytes(index);
    if (read > mostBytes) {
      const note = `looked at ${at.toLocaleString("en")} of ${order.length.toLocaleString("en")} rollouts; narrow the filter to look at the rest`;
      return { order: Uint32Array.from(found), note };
    }
    const body = await from.body(index);
    if (body && conditions.every(({ name, fits }) => fits(meanOf(body, name)))) found.push(index);
  }
  return { order: Uint32Array.from(found), note: null };
}

/** Throws `usage` where no file has a part of a name that was asked for. */
async function expectKnown(conditions: readonly PartCondition[], from: Readable): Promise<void> {
  const known = new Set<string>();
  for (const index of from.firsts.slice(0, FILES_ASKED)) {
    const body = await from.body(index);
    for (const { parts } of body?.samples ?? []) for (const name of Object.keys(parts)) known.add(name);
  }
  const missing = conditions.find(({ name }) => !known.has(name));
  if (!missing) return;
  const have = [...known].join(", ");
  throw wrongUsage(`No sample here has a part of its reward called ${missing.name}; there are: ${have || "none"}.`);
}

/** NaN, which fits nothing, where no sample has the part. */
function meanOf({ samples }: RolloutBody, name: string): number {
  const values = samples.flatMap(({ parts }) => parts[name] ?? []).filter(Number.isFinite);
  return values.length === 0 ? NaN : values.reduce((sum, value) => sum + value, 0) / values.length;
}
