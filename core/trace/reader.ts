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
  /** The same from the end, of a file that begins as one whose directory stands there (parquet). */
  tail?: string;
}

/** One rollout group as the index keeps it: where it lies and its numbers. Missing numbers are NaN. */
export interface RolloutEntry {
  /** Byte range of its record in the file. */
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
  reference: string | null;
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
  /** What the writer's own parser made of the text, where the file says. */
  predicted: Action | null;
  /** Distance in unit coordinates as the file says, else null. */
  distance: number | null;
}

export interface DiagnosticAt {
  code: string;
  severity: "error" | "warning" | "info";
  message: string;
}

/** Where a reader puts what it finds. The agent's index implements it; tests collect. */
export interface RecordSink {
  /** `raw` is the file's own name; a non-finite value is kept as it is. */
  point(raw: string, step: number, value: number): void;
  /**
   * `held`, for a group that is no byte range of its own. A number: which of the groups in its record it is; `entry.offset` is then
   * that of the record plus this number, so that no two groups share one. A string: the record itself, where the file holds no text.
   */
  rollout(entry: RolloutEntry, held?: number | string): void;
  step(entry: StepEntry): void;
  evaluation(table: Omit<EvalTable, "source">): void;
  /** Facts about the target: `total_steps`, `title`, `seed`. */
  fact(name: string, value: string | number): void;
  /** About the line being read. */
  diagnostic(problem: DiagnosticAt): void;
}

/** Parses lines in order. `state()` is JSON; a parser opened with it continues as if it had never stopped. */
export interface LineParser {
  line(bytes: Uint8Array, start: number, end: number, offset: number): void;
  state(): unknown;
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
  /** What this reader's points count on the x axis. */
  axis: "step" | "version" | "line" | "epoch";
  /** `part`: the number that went with the group into the sink, else 0. */
  readRollout?(record: string, part?: number): RolloutBody | null;
  /** All steps in the record; a line of step samples holds one, an episode file many. */
  readSteps?(record: string, path: string): StepBody[];
  /** Each rollout of this reader is one prompt of a data set, in the file's order: what `dataRow` counts. */
  holdsPrompts?: true;
  /** What the records of this file were made by, from its content or name: `base`, `sft`, ...; "" where unknown. */
  labelOf?(path: string): string;
}

/** One record a line, appended to: followed from where it was left. */
export interface LineReader extends ReaderBase {
  input: "lines";
  /** `path` says what the lines do not: of which step and benchmark they are. Without it they are read all the same. */
  open(sink: RecordSink, saved?: unknown, path?: string): LineParser;
}

/** One value in the whole file, rewritten in place: read again when it changes. At most 64 MB. */
export interface DocumentReader extends ReaderBase {
  input: "document";
  /** `text` may be half a file; then report a diagnostic and emit nothing. */
  parse(text: string, path: string, sink: RecordSink): void;
}

/** A file that is no text: read again when it changes. At most 64 MB. */
export interface BytesReader extends ReaderBase {
  input: "bytes";
  /** `bytes` may be half a file: what is whole in it is emitted, or nothing but a diagnostic. Never throws, never rejects. */
  parseBytes(bytes: Uint8Array, path: string, sink: RecordSink): void | Promise<void>;
}

export type TraceReader = LineReader | DocumentReader | BytesReader;

export type { Action, ParsedActions };
