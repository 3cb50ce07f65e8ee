// What a Hugging Face Trainer prints: one Python dict per log between tqdm's bars (transformers 4 and 5; formats/gui-and-trainers.md 3.1).
// The dicts hold no step: it is that of the training bar before them, else the epoch is the axis.
import { isFields, numberOf, type Fields } from "../../base/json";
import { barsIn, plain, type Bar } from "../console";
import { hfCanonical, isEvaluation, isRunSummary, isTrainerLog } from "../hfLog";
import { pythonLiteral } from "../../base/pythonLiteral";
import type { LineParser, LineReader, RecordSink, SourceSample } from "../reader";
import { checkUtf8 } from "../scan";

const decoder = new TextDecoder();
const PERCENT = 37;
const OPEN = 123;
const QUOTE = 39;
const PIPE = 124;

/** A dict that was wrapped goes on in so many lines at most. */
const LONGEST_DICT = 64;

interface State {
  /** The lines of a dict that has not ended yet. */
  open: string[];
  axis: "step" | "epoch" | "line" | null;
  at: number;
  /** Of the training bar; bars of an evaluation have another total. */
  total: number | null;
  done: number | null;
  /** Where that bar stood at the last log of the training. */
  logged: number | null;
  /** The last bar since a log, of whatever total. */
  near: { done: number; total: number } | null;
  /** The epoch of the last log, and the step it was put at: a bar that stands still while epochs pass is late. */
  epoch: number;
}

const fresh: State = { open: [], axis: null, at: 0, total: null, done: null, logged: null, near: null, epoch: NaN };

class HfStdoutParser implements LineParser {
  private readonly now: State;

  constructor(
    private readonly sink: RecordSink,
    saved?: unknown,
  ) {
    const state = { ...fresh, ...(isFields(saved) ? (saved as Partial<State>) : {}) };
    // NaN is null in JSON.
    this.now = { ...state, open: [...state.open], epoch: numberOf(state.epoch) ?? NaN };
  }

  line(bytes: Uint8Array, start: number, end: number): void {
    checkUtf8(bytes, start, end, this.sink);
    if (this.now.open.length === 0 && !mayMatter(bytes, start, end)) return;
    for (const piece of plain(decoder.decode(bytes.subarray(start, end))).split("\r")) this.piece(piece);
  }

  state(): State {
    return { ...this.now, open: [...this.now.open] };
  }

  private piece(piece: string): void {
    const open = piece.indexOf("{'");
    if (this.now.open.length > 0 && this.continued(piece, open)) return;
    const before = open < 0 ? piece : piece.slice(0, open);
    for (const bar of barsIn(before)) this.bar(bar);
    if (open < 0) return;
    const literal = pythonLiteral(piece, open);
    if (literal) {
      if (isTrainerLog(literal.value)) this.log(literal.value, stepBefore(before));
      for (const bar of barsIn(piece.slice(literal.end))) this.bar(bar);
    } else if (/^\{'(loss|eval_loss|train_runtime)'/.test(piece.slice(open))) this.now.open = [piece];
  }

  /** A line behind a dict that was wrapped (pprint, a narrow terminal's log). False where it begins something of its own. */
  private continued(piece: string, open: number): boolean {
    const { now } = this;
    const starts = open >= 0 || barsIn(piece).length > 0 || now.open.length >= LONGEST_DICT;
    const text = starts ? "" : [...now.open, piece].join("\n");
    const at = text.indexOf("{'");
    const literal = at < 0 ? null : pythonLiteral(text, at);
    if (!starts && !literal) {
      now.open.push(piece);
      return true;
    }
    now.open = [];
    if (literal && isTrainerLog(literal.value)) this.log(literal.value, stepBefore(text.slice(0, at)));
    else if (!literal) {
      const message = "A log ends in the middle of its dict.";
      this.sink.diagnostic({ code: "torn-line", severity: "warning", message });
    }
    return !starts;
  }

  private bar({ description, done, total }: Bar): void {
    if (description !== "" && !/^(train|training)\b/i.test(description)) return;
    this.now.near = { done, total };
    if (this.now.total === null) this.turnTo(total);
    if (total === this.now.total) this.now.done = done;
  }

  private turnTo(total: number): void {
    this.sink.fact("total_steps", total);
    this.now.total = total;
  }

  /** A log of the training: the bar right before it is the training's, unless the one that was held for it moves on. */
  private atBar(): void {
    const { now } = this;
    const { near } = now;
    if (near && near.total !== now.total && (now.logged === null || now.logged === now.done)) {
      this.turnTo(near.total);
      now.done = near.done;
    }
    now.logged = now.done;
  }

  /** `said`: the step that the line names before its dict, where it does. */
  private log(log: Fields, said: number | null): void {
    if (isRunSummary(log)) {
      for (const [key, value] of Object.entries(log)) {
        const number = numberOf(value);
        if (number !== null && key !== "epoch") this.sink.fact(key, number);
      }
      if (this.now.axis === "step") this.now.at = Math.max(this.now.at, this.now.done ?? 0);
      // Another training may follow in the same log, with another bar.
      this.now.total = this.now.logged = this.now.near = null;
      return;
    }
    if (!isEvaluation(log)) this.atBar();
    this.now.near = null;
    this.place(log, said);
    for (const [key, value] of Object.entries(log)) {
      if (!isFields(value)) this.point(key, value);
      else for (const [inner, innerValue] of Object.entries(value)) this.point(`${key}/${inner}`, innerValue);
    }
  }

  private point(raw: string, value: unknown): void {
    const number = numberOf(value);
    if (number !== null && raw !== "step" && raw !== this.now.axis) this.sink.point(raw, this.now.at, number);
  }

  private place(log: Fields, said: number | null): void {
    const { now } = this;
    const epoch = numberOf(log.epoch) ?? NaN;
    const written = writtenStep(log) ?? said;
    if (now.axis === null) {
      now.axis = written !== null || now.done !== null ? "step" : Number.isFinite(epoch) ? "epoch" : "line";
      this.sink.fact("axis", now.axis);
    }
    const before = now.at;
    if (now.axis === "epoch") now.at = Number.isFinite(epoch) ? epoch : now.at;
    else if (now.axis === "line") now.at += isEvaluation(log) ? 0 : 1;
    else now.at = written ?? (isEvaluation(log) ? now.at : (now.done ?? now.at));
    if (now.at < before) this.sink.rewind(now.at);
    if (now.axis === "step" && written === null && now.at === before && epoch > now.epoch && !isEvaluation(log)) {
      const message = "The progress bar stood still between two logs, so their step is not exact.";
      this.sink.diagnostic({ code: "step-unsure", severity: "info", message });
    }
    if (Number.isFinite(epoch)) now.epoch = epoch;
  }
}

/** `[INFO] step 40: {'loss': …}`, as a script's own logger has it. */
function stepBefore(text: string): number | null {
  const step = /\b(?:global_)?step\s*[=:]?\s*(\d+)\D{0,12}$/i.exec(text.slice(-60))?.[1];
  return step === undefined ? null : Number(step);
}

/** ms-swift prints "12/300" under `global_step/max_steps`. */
function writtenStep(log: Fields): number | null {
  const slashed = log["global_step/max_steps"];
  const written = typeof slashed === "string" ? slashed.split("/")[0] : (log.step ?? log.global_step);
  const step = numberOf(written);
  return step !== null && Number.isFinite(step) ? step : null;
}

/** A dict or a bar may be in it: the rest of a log is never decoded. */
function mayMatter(bytes: Uint8Array, start: number, end: number): boolean {
  const line = bytes.subarray(start, end);
  return holds(line, OPEN, QUOTE) || holds(line, PERCENT, PIPE);
}

function holds(line: Uint8Array, first: number, second: number): boolean {
  let at = line.indexOf(first);
  while (at >= 0 && line[at + 1] !== second) at = line.indexOf(first, at + 1);
  return at >= 0;
}

function detect(sample: SourceSample): number {
  if (!sample.head.includes("{'") || /^\s*[[{]"/.test(sample.head)) return 0;
  const text = plain(sample.head);
  for (const piece of text.split(/[\r\n]/)) {
    const open = piece.indexOf("{'");
    const literal = open < 0 ? null : pythonLiteral(piece, open);
    if (literal && isTrainerLog(literal.value)) return 0.9;
  }
  // Or wrapped over several lines.
  const at = text.search(/\{'(loss|eval_loss|train_runtime)'/);
  const wrapped = at < 0 ? null : pythonLiteral(text, at);
  return wrapped && isTrainerLog(wrapped.value) ? 0.9 : 0;
}

export const hfStdout: LineReader = {
  id: "hf-stdout",
  title: "Hugging Face Trainer output",
  version: 3,
  axis: "step",
  input: "lines",
  detect,
  canonical: hfCanonical,
  open: (sink, saved) => new HfStdoutParser(sink, saved),
};
