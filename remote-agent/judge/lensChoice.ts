// What is asked of lenses, checked once: which lenses with which options, and above which recorded reward a sample has passed.
import { wrongUsage } from "../../core/base/errors";
import { passMark } from "../../core/lenses/agreement";
import type { LensChoice } from "../../core/lenses/judge";
import type { Judgement, Lens, Verdict } from "../../core/lenses/lens";
import { lensById, lenses } from "../../core/lenses/registry";
import type { LensInfo } from "../../core/protocol/lenses";
import type { Target } from "../index/target";

export type OptionsByLens = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** More say nothing more, and the matrix grows with their square. */
export const MOST_LENSES = 8;

export const lensList = (): LensInfo[] =>
  lenses.map(({ id, title, says, options, withoutGold }) => ({
    id,
    title,
    says,
    reference: withoutGold === "always" ? "unused" : withoutGold === "pattern" ? "pattern" : "needed",
    options: options.map((option) => ({ name: option.name, says: option.says })),
  }));

export function lensNamed(id: string): Lens {
  const known = lensById(id);
  if (known) return known;
  throw wrongUsage(`There is no lens "${id}"; there are: ${lenses.map((each) => each.id).join(", ")}.`);
}

/** Throws `usage` for an unknown lens and for an option that it lacks or cannot use. */
export function lensChoices(ids: readonly string[], options: OptionsByLens = {}): LensChoice[] {
  const unique = [...new Set(ids)];
  if (unique.length > MOST_LENSES) throw wrongUsage(`At most ${String(MOST_LENSES)} lenses at once.`);
  return unique.map((id) => {
    const lens = lensNamed(id);
    const own = Object.entries(options[id] ?? {}).filter(([, text]) => text !== "");
    const unknown = own.find(([name]) => !lens.options.some((option) => option.name === name));
    if (unknown) throw wrongUsage(`The lens "${id}" has no option "${unknown[0]}".`);
    const chosen = Object.fromEntries(own);
    const problem = lens.problem?.(chosen) ?? null;
    if (problem !== null) throw wrongUsage(`The lens "${id}": ${problem}.`);
    return { id, options: chosen };
  });
}

export function judgesWithoutGold({ id, options }: LensChoice): boolean {
  const needs = lensById(id)?.withoutGold;
  return needs === "always" || (needs === "pattern" && options["pattern"] !== undefined);
}

/** Null where no reward was recorded. */
export function markOf(target: Target, asked: number | undefined): number | null {
  let [low, high] = [Infinity, -Infinity];
  for (const { records } of target.index.sources) {
    for (let row = 0; row < records.rollouts.length; row++) {
      const [min, max] = [records.rollouts.at(row, "rewardMin"), records.rollouts.at(row, "rewardMax")];
      if (min < low && Number.isFinite(min)) low = min;
      if (max > high && Number.isFinite(max)) high = max;
    }
  }
  return low > high ? null : (asked ?? passMark(low, high));
}

/** What the trainer's own reward says; null where there is none. */
export function verdictOfReward(reward: number | null, mark: number | null): Verdict | null {
  if (mark === null || reward === null || Number.isNaN(reward)) return null;
  return reward > mark ? "pass" : "fail";
}

const MOST_SHOWN = 500;

export function shownJudgement({ verdict, extracted, span, note }: Judgement): {
  verdict: Verdict;
  extracted: string | null;
  span: [number, number] | null;
  note: string | null;
} {
  return { verdict, extracted: extracted?.slice(0, MOST_SHOWN) ?? null, span: span ?? null, note: note ?? null };
}
