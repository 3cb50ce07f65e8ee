// A target's rollouts judged by a choice of lenses, as far as there was time: continued by the next question, and when files grow.
// Groups are taken in an order that is spread over all files at any moment, so that a part of them stands for the whole.
import { setImmediate } from "node:timers/promises";
import { cancelled } from "../../core/base/errors";
import { Agreement, type Cell } from "../../core/lenses/agreement";
import { goldKind, referenceFor } from "../../core/lenses/gold";
import type { JudgeItem, LensChoice } from "../../core/lenses/judge";
import type { RolloutBody } from "../../core/trace/reader";
import { judgesWithoutGold, verdictOfReward } from "../judge/lensChoice";
import type { LensJudge } from "../judge/lensJudge";
import { AllRows, bodyOf, stepOf, type Test } from "./rolloutQuery";
import type { SourceIndex } from "./sourceIndex";
import type { Target } from "./target";

/** Groups that go to the judging thread at once. */
const BATCH = 16;
/** Enough for intervals of a quarter of a percent; more would only take longer. */
const MOST_SAMPLES = 200_000;

interface Taken {
  generation: number;
  rows: Uint8Array;
}

interface Place {
  source: SourceIndex;
  row: number;
}

export class LensAccount {
  agreement: Agreement;
  withoutReference = 0;
  /** Rows that could not be read again. */
  lost = 0;
  private places: Place[] = [];
  private readonly taken = new Map<SourceIndex, Taken>();

  constructor(
    private readonly target: Target,
    private readonly judge: LensJudge,
    readonly choices: readonly LensChoice[],
    readonly mark: number | null,
    private readonly test: Test | null,
  ) {
    this.agreement = this.fresh();
  }

  get isFull(): boolean {
    return this.agreement.samples >= MOST_SAMPLES;
  }

  /** Judges what is not judged yet until `until` (milliseconds since 1970). Throws `cancelled`. */
  async advance(until: number, signal: AbortSignal): Promise<void> {
    this.dropReplaced();
    const all = new AllRows(this.target.index.rolloutSources());
    let batch: Place[] = [];
    for (const index of spread(all.length)) {
      const place = all.at(index);
      if (this.isTaken(place) || (this.test && !this.test(place.source, place.row))) continue;
      batch.push(place);
      if (batch.length < BATCH) continue;
      await this.add(batch, signal);
      batch = [];
      if (this.isFull || Date.now() >= until) return;
    }
    if (batch.length > 0) await this.add(batch, signal);
  }

  /** Groups that fit the condition, judged or not. */
  count(): number {
    if (!this.test) return this.target.index.rolloutCount();
    let count = 0;
    for (const source of this.target.index.rolloutSources())
      for (let row = 0; row < source.records.rollouts.length; row++) if (this.test(source, row)) count++;
    return count;
  }

  /** Of `JudgedGroup.at`. */
  placeOf(at: number): Place | undefined {
    return this.places[at];
  }

  idOf(at: number): string | null {
    const place = this.places[at];
    return place ? `${place.source.key}:${String(place.row)}` : null;
  }

  private fresh(): Agreement {
    return new Agreement(this.choices.length + (this.mark === null ? 0 : 1));
  }

  /** What a file held before it was replaced no longer counts, and sums cannot be taken back. */
  private dropReplaced(): void {
    const held = new Set(this.target.index.rolloutSources());
    const same = [...this.taken].every(
      ([source, { generation }]) => held.has(source) && source.generation === generation,
    );
    if (same) return;
    this.agreement = this.fresh();
    this.places = [];
    this.taken.clear();
    this.withoutReference = 0;
    this.lost = 0;
  }

  private isTaken({ source, row }: Place): boolean {
    return this.taken.get(source)?.rows[row] === 1;
  }

  private take({ source, row }: Place): void {
    let taken = this.taken.get(source);
    if (!taken || taken.rows.length <= row) {
      const rows = new Uint8Array(Math.max(64, source.records.rollouts.length, row + 1));
      rows.set(taken?.rows ?? []);
      this.taken.set(source, (taken = { generation: source.generation, rows }));
    }
    taken.rows[row] = 1;
  }

  private async add(places: readonly Place[], signal: AbortSignal): Promise<void> {
    const { agreement } = this;
    const found: { place: Place; body: RolloutBody; items: JudgeItem[] }[] = [];
    for (const place of places) {
      // A document's groups are in memory: without this, nobody else would have a turn.
      await setImmediate();
      if (signal.aborted) throw cancelled();
      const body = await bodyOf(this.target, place.source, place.row);
      if (body) found.push({ place, body, items: itemsOf(body) });
    }
    const judged = await this.judge.judge(
      this.choices,
      found.flatMap(({ items }) => items),
    );
    if (signal.aborted) throw cancelled();
    // Somebody who asked the same meanwhile may have been here first, or a file was replaced.
    if (this.agreement !== agreement) return;
    for (const place of places) {
      if (found.some((f) => f.place === place) || this.isTaken(place)) continue;
      this.take(place);
      this.lost++;
    }
    let at = 0;
    for (const { place, body, items } of found) {
      const rows = judged.slice(at, (at += items.length));
      if (this.isTaken(place)) continue;
      this.take(place);
      const hasGold = goldKind(items[0]?.gold) !== "none";
      if (!hasGold) this.withoutReference++;
      const step = stepOf(place.source.records.rollouts, place.row);
      const cells = rows.map((row, sample): Cell[] => [
        ...row.map(({ verdict }, i) => (hasGold || this.isFree(i) ? verdict : null)),
        ...(this.mark === null ? [] : [verdictOfReward(body.samples[sample]?.reward ?? null, this.mark)]),
      ]);
      this.agreement.add({ at: this.places.push(place) - 1, step: Number.isNaN(step) ? null : step, cells });
    }
  }

  private isFree(choice: number): boolean {
    const held = this.choices[choice];
    return held !== undefined && judgesWithoutGold(held);
  }
}

export function itemsOf(body: RolloutBody): JudgeItem[] {
  const gold = referenceFor(body.reference, body.gold);
  return body.samples.map(({ text }) => ({ response: text, gold }));
}

/** 0 to n - 1, each once, so that any first part of them lies evenly over the whole: steps of the golden ratio. */
export function* spread(n: number): Generator<number> {
  if (n <= 0) return;
  let stride = Math.max(1, Math.round(n * 0.6180339887));
  while (divisor(stride, n) !== 1) stride++;
  for (let i = 0, at = 0; i < n; i++, at = (at + stride) % n) yield at;
}

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
