// What a window that follows a run holds of it right now, by the product's own reducer and log buffer: what a view would show.
import type { WireNumber } from "../../core/model/number";
import type { RunState } from "../../core/model/runState";
import type { LogPage } from "../../webviews/shared/runReads";
import { askAfter, fromPage, withLater, type LogLines } from "../../webviews/shared/logBuffer";
import { compare, logName } from "./ledger";

/** A window is sent the points of a longer curve thinned. Not told by how many it has: a hole must not pass for that. */
const THINNED_BEYOND = 2000;

export const CURVE = "metrics.jsonl#reward";

export const metricLines = ({ steps, values }: { steps: WireNumber[]; values: WireNumber[] }): string[] =>
  steps.map((step, at) => `metric ${step} = ${values[at] ?? null}`);

/** A log view: pieces join what is held, and one that says that the file is shorter by now begins anew. */
export class HeldLog {
  private held: LogLines | null = null;

  /** Where what is held ends in the file. */
  get end(): number {
    return this.held?.end ?? 0;
  }

  /** Where the next piece is to begin, as the view asks for it. */
  get after(): number {
    return this.held ? askAfter(this.held) : 0;
  }

  restart(): void {
    this.held = null;
  }

  /** False where the file was begun anew. */
  take(piece: LogPage): boolean {
    const next = this.held ? withLater(this.held, piece) : fromPage(piece);
    this.held = next === "restarted" ? null : next;
    return this.held !== null;
  }

  /** Without a last line that has no end yet; and whether it is the file from its beginning on. */
  lines(): { lines: readonly string[]; whole: boolean } {
    const { lines, open, start, dropped } = this.held ?? { lines: [], open: false, start: 0, dropped: 0 };
    return { lines: (open ? lines.slice(0, -1) : lines).map(logName), whole: start === 0 && dropped === 0 };
  }
}

/** Lost and doubled in what is held, against whole lines on the disk. Of a thinned curve and a log's tail only what is there is judged. */
export function compareHeld(
  disk: readonly string[],
  state: Pick<RunState, "series">,
  log: HeldLog,
): { lost: string[]; doubled: string[] } {
  const metrics = disk.filter((line) => line.startsWith("metric "));
  const written = disk.filter((line) => line.startsWith("log "));
  const curve = state.series.get(CURVE);
  const points = compare(metrics, curve ? metricLines(curve) : []);
  const isThinned = curve !== undefined && curve.total > THINNED_BEYOND;
  const { lines, whole } = log.lines();
  const tail = compare(whole ? written : written.slice(written.length - lines.length), lines);
  return { lost: [...(isThinned ? [] : points.lost), ...tail.lost], doubled: [...points.doubled, ...tail.doubled] };
}
