// The contract of a reader: it turns one file's bytes into records, and later a slice of that file into one whole thing.
// A reader sees no path to open and throws nothing: what it cannot read becomes a diagnostic.
import type { Action, ParsedActions } from "../model/action";
import type { EvalTable } from "../model/evaluation";

/** The beginning of a file: enough to recognise it. `names` are the target's other paths, for formats told by neighbours. */
export interface SourceSample {
  /** Path relative to the target's root, with `/`. */
  path: string;
  size: number;
  /** Up to 64 KB from the start, decoded; may end inside a line. */
  head: string;
  /** The same from the end, of what may not show in its beginning what it is: parquet, logs, lines that are longer than `head`. */
  tail?: string;
}

/** One rollout group as the index keeps it: where it lies and its numbers. Missing numbers are NaN. */
export interface RolloutEntry {
  /** Byte range of its record in the file; of a file read by ranges the number of its first row, and about how many bytes it takes. */
  offset: number;
  length: number;
  step: number;
  version: number;
  samples: number;
  rewardMean: number;
  rewardMin: number;
  rewardMax: number;
  /** Population standard deviation within the group. */
  rewardStd: number;
}

/** One rollout group's text, read from its byte range. */
export interface RolloutBody {
  promptId: string | null;
  prompt: string;
  samples: {
    text: string;
    reward: number | null;
    parts: Record<string, number>;
    tokens: number | null;
    finish: string | null;
  }[];
  /** The answer its samples are compared with, as people see it. */
  reference: string | null;
  /** The same as the file has it, where that is no text or number: several answers, IFEval's constraints. */
  gold?: unknown;
  /** Paths as the file has them: relative to the file's folder, to the target, or absolute. */
  images: string[];
  expected: Action | null;
  /** `[x0, y0, x1, y1]` in unit coordinates. */
  expectedBox: [number, number, number, number] | null;
  extra: Record<string, string>;
  /** Where the file says "prompt 12 of my data" and nothing else of it: the 0-based record of the data file. */
  dataRow?: number;
}

/** One step of an episode as the index keeps it. */
export interface StepEntry {
  offset: number;
  length: number;
  episodeId: string;
  index: number;
  /** null where the file holds no prediction (a recorded episode). */
  typeMatch: boolean | null;
  /** null where no click was expected. */
  clickHit: boolean | null;
  /** What the file itself says of the whole episode, where it does. */
  success?: boolean;
  /**
   * For formats whose evaluator calls an episode done by the sum of its steps' scores: what it gives this one, and the sum it asks
   * for; without that sum, one for every step. Where no step has a score, nobody says whether the episode was a success.
   */
  score?: number;
  scoreNeeded?: number;
}

/** A text that a model is to learn, and the dialect whose parser will read what the model then writes. */
export interface TrainingTarget {
  text: string;
  dialect: string;
  /** What the text is meant to ask for. */
  means: Action;
}

/** One step of an episode, read from its byte range. Fields the file lacks are null. */
export interface StepBody {
  episodeId: string;
  index: number;
  goal: string | null;
  /** Where its screenshot may lie: paths or path endings, most likely first. */
  images: string[];
  expected: Action | null;
  /** `[x0, y0, x1, y1]` in unit coordinates. */
  expectedBox: [number, number, number, number] | null;
  boxFrom: "episode" | "inferred" | null;
  predictedText: string | null;
  /** What the model was asked with, where the file says: it may declare the size of the screen. */
  prompt?: string | null;
  /** What the trainer writes for this step as the text to learn. */
  target?: TrainingTarget;
  /** What the writer's own parser made of the text, where the file says. */
  predicted: Action | null;
  /** Distance in unit coordinates as the file says, else null. */
  distance: number | null;
  /** What else the file says of this step, and of the whole episode. */
  extra?: Record<string, string>;
  about?: Record<string, string>;
}

export interface DiagnosticAt {
  code: string;
  severity: "error" | "warning" | "info";
  message: string;
}

/**
 * For a group that is no byte range of its own. A number: which of the groups in its record it is; `entry.offset` is then that of
 * the record plus this number, so that no two groups share one. A list: the pieces that its record is made of, a line each,
 * `[offset, length, offset, length, ...]` in bytes of the file.
 */
export type Held = number | readonly number[];

/** Where a reader puts what it finds. The agent's index implements it; tests collect. */
export interface RecordSink {
  /** `raw` is the file's own name; a non-finite value is kept as it is. `again`: this is what the curve's last point has become. */
  point(raw: string, step: number, value: number, again?: boolean): void;
  /** The file's writer went back to `step` and goes on from there: what was said of it and of later ones gives way. */
  rewind(step: number): void;
  /** When `step` was logged, in seconds since 1970: what places files on steps that know only the time. */
  clockTick(step: number, seconds: number): void;
  /** `grown`: which of this source's groups, in the order in which they came, this is from now on; without it, a new one. */
  rollout(entry: RolloutEntry, held?: Held, grown?: number): void;
  step(entry: StepEntry): void;
  evaluation(table: Omit<EvalTable, "source">): void;
  /** A text to learn; the index reads it as its dialect will, and reports one that would not come back as what it means. */
  target?(target: TrainingTarget): void;
  /** Facts about the target: `total_steps`, `title`, `seed`. */
  fact(name: string, value: string | number): void;
  /** About the line being read. */
  diagnostic(problem: DiagnosticAt): void;
}

/** Parses lines in order. `state()` is JSON; a parser opened with it continues as if it had never stopped. */
export interface LineParser {
  line(bytes: Uint8Array, start: number, end: number, offset: number): void;
  /** All that there is has been given, for now: what is held back for a better moment is told, as points that later ones replace. */
  caughtUp?(): void;
  state(): unknown;
}

/** Takes a file's bytes in order, in pieces of any size, and keeps no more of them than one unfinished record. */
export interface ByteParser {
  push(bytes: Uint8Array): void;
  /** Offset in the file of the first byte of which no whole record was made: where a parser opened with `state()` goes on. */
  readonly resumeOffset: number;
  /** Bytes seen of a record whose end has not come yet. */
  readonly pending: number;
  /** JSON. */
  state(): unknown;
}

/** A file of which only what is asked for is read. `read` gives `[start, end)`, shorter where the file ends, and may reject. */
export interface ByteRanges {
  readonly size: number;
  read(start: number, end: number): Promise<Uint8Array>;
}

interface ReaderBase {
  id: string;
  title: string;
  /** Raise it when the records of the same bytes change: saved indexes of older versions are dropped. */
  version: number;
  /** 0 (not mine) to 1 (certain), by content; a name alone never gives more than 0.2. */
  detect(sample: SourceSample): number;
  /** A canonical name that this format alone knows; null leaves it to the common table in core/metrics. */
  canonical?(raw: string): string | null;
  /** What this reader's points count on the x axis; the fact `axis` says otherwise, `time` (seconds since 1970) among it. */
  axis: "step" | "version" | "line" | "epoch";
  /** Its curves are means over its own rollouts: where another file has a curve of the name, that one is meant. */
  derives?: true;
  /** Files with the same `run` are lives of one run that was resumed; `at` orders them. null: this file stands alone. */
  lifeOf?(path: string): { run: string; at: number } | null;
  /** `part`: the number that went with the group into the sink, else 0. */
  readRollout?(record: string, part?: number): RolloutBody | null;
  /** All steps in the record; a line of step samples holds one, an episode file many. */
  readSteps?(record: string, path: string): StepBody[];
  /** Each rollout of this reader is one prompt of a data set, in the file's order: what `dataRow` counts. */
  holdsPrompts?: true;
  /** Its rollouts name their prompts by `dataRow` alone. */
  promptsByPlace?: true;
  /**
   * Files that hold this file's rollouts and more (their verdicts, the failed ones): where one of them is there and has as many,
   * this file's are not listed again.
   */
  supersededBy?(path: string): string[];
  /** What the records of this file were made by, from its content or name: `base`, `sft`, ...; "" where unknown. */
  labelOf?(path: string): string;
}

/** One record a line, appended to: followed from where it was left. */
export interface LineReader extends ReaderBase {
  input: "lines";
  /** A small file of the same run that says what the lines do not, by its path from this one: `open` gets its text where it is there. */
  beside?: string;
  /** `path` says what the lines do not: of which step and benchmark they are. Without it they are read all the same. */
  open(sink: RecordSink, saved?: unknown, path?: string, beside?: string): LineParser;
}

/** One value in the whole file, rewritten in place: read again when it changes. At most 64 MB. */
export interface DocumentReader extends ReaderBase {
  input: "document";
  /** `text` may be half a file; then report a diagnostic and emit nothing. */
  parse(text: string, path: string, sink: RecordSink): void;
}

/** A log of framed records, no text, that is appended to: followed from where it was left, however long it is. */
export interface BytesReader extends ReaderBase {
  input: "bytes";
  /** `saved` and `offset` are `state()` and `resumeOffset` of the parser that this one continues. */
  open(sink: RecordSink, saved?: unknown, path?: string, offset?: number): ByteParser;
}

/** A file that is written whole and holds a directory of its parts (parquet): read by ranges, again when it changes. */
export interface RangesReader extends ReaderBase {
  input: "ranges";
  /**
   * Half a file is nothing but a diagnostic, and null. Holds a few megabytes of the file at a time. Never rejects. What it gives is
   * kept until the file changes.
   */
  index(file: ByteRanges, path: string, sink: RecordSink): Promise<RolloutsByRange | null>;
}

export interface RolloutsByRange {
  /** One group by what `index` said of it; null where the file holds something else by now. Never rejects. */
  readRollout(file: ByteRanges, entry: Pick<RolloutEntry, "offset" | "samples">): Promise<RolloutBody | null>;
}

export type TraceReader = LineReader | DocumentReader | BytesReader | RangesReader;

export type { Action, ParsedActions };
