// One file under one reader: follows it, keeps its records, and reads a slice again when somebody looks at it.
import { readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseJsonLine } from "../../core/base/json";
import { LineSplitter } from "../../core/base/lines";
import type {
  ByteParser,
  RolloutBody,
  RolloutsByRange,
  StepBody,
  StepEntry,
  TraceReader,
} from "../../core/trace/reader";
import { FileTail } from "../disk/fileTail";
import { textAt, withRanges } from "../disk/ranges";
import { shortHash } from "../disk/home";
import { textBeside } from "./besideFile";
import { Records } from "./records";
import { loadIndex, saveIndex, worthSaving } from "./savedIndex";

/** Longer lines are counted and skipped. */
const LINE_LIMIT = 16 << 20;
const NEWLINE = 10;
const CLOSING_BRACE = 125;
const DOCUMENT_LIMIT = 64 << 20;

let generations = 0;

export class SourceIndex {
  records: Records;
  /** Names this source in ids that outlive this process: the order in which files were found does not. */
  readonly key: string;
  /** What takes the bytes of a file that is followed, and what its reader's parser must remember. */
  private intake: LineSplitter | ByteParser | null = null;
  private stateOf: () => unknown = () => null;
  private caughtUp: () => void = () => undefined;
  private tail: FileTail;
  private savedAt = 0;
  /** The last line was taken without its newline. */
  private settled = false;
  /** Where the file ended when its last line was last found to be unfinished. */
  private judged = -1;
  /** How often the file was found truncated or replaced. */
  restarts = 0;
  private byRange: RolloutsByRange | null = null;
  /** Of a document: what it looked like when it was last read. */
  private documentStamp = "";
  private lastSteps: { at: string; bodies: StepBody[] } | null = null;
  /** Another number than ever before, in any source, when what was handed out no longer counts: holders start again. */
  generation = ++generations;

  constructor(
    readonly absolute: string,
    /** Relative to the target, as people and protocol name it. */
    readonly path: string,
    readonly reader: TraceReader,
    readonly confidence: number,
    private readonly cacheFolder: string | null,
  ) {
    this.key = shortHash(path);
    this.records = new Records(path);
    this.tail = new FileTail(absolute);
    if (this.isFollowed) this.resume();
  }

  /** Appended to and read on from where it was left, unlike what is read again when it changes. */
  private get isFollowed(): boolean {
    return this.reader.input === "lines" || this.reader.input === "bytes";
  }

  get bytes(): number {
    return this.tail.size;
  }

  get label(): string {
    return this.reader.labelOf?.(this.path) ?? "";
  }

  /** Which file and how far: part of a cursor, so equal in two agents that have read the same. */
  get stamp(): string {
    const place = this.isFollowed ? `${this.tail.identity}~${this.intake?.resumeOffset ?? 0}` : this.documentStamp;
    return `${this.reader.id}:${place}+${this.restarts}`;
  }

  /** Reads what is new. True when something changed. */
  async advance(signal?: AbortSignal): Promise<boolean> {
    try {
      const changed = this.isFollowed ? await this.follow(signal) : await this.readAgain();
      return this.records.diagnostics.delete("unreadable") || changed;
    } catch (error) {
      if (this.records.diagnostics.has("unreadable")) return false;
      const why = (error as NodeJS.ErrnoException).code ?? String(error);
      this.records.diagnostic({ code: "unreadable", severity: "error", message: `the file cannot be read (${why})` });
      return true;
    }
  }

  /** null where the file has gone or holds something else by now. */
  async rollout(row: number): Promise<RolloutBody | null> {
    const { rollouts, held } = this.records;
    if (row >= rollouts.length) return null;
    const offset = rollouts.at(row, "offset");
    if (this.reader.input === "ranges") {
      const entry = { offset, samples: rollouts.at(row, "samples") };
      const { byRange } = this;
      return byRange ? withRanges(this.absolute, (file) => byRange.readRollout(file, entry)).catch(() => null) : null;
    }
    const inside = held.get(row) ?? 0;
    if (typeof inside !== "number") {
      const pieces: string[] = [];
      for (let i = 0; i < inside.length; i += 2)
        pieces.push((await textAt(this.absolute, inside[i] ?? 0, inside[i + 1] ?? 0)) ?? "");
      return this.reader.readRollout?.(pieces.join("\n"), 0) ?? null;
    }
    const text = await textAt(this.absolute, offset - inside, rollouts.at(row, "length"));
    return text === null ? null : (this.reader.readRollout?.(text, inside) ?? null);
  }

  async steps(episodeId: string): Promise<StepBody[]> {
    const rows = this.records.episodes.get(episodeId)?.rows ?? [];
    const found: StepBody[] = [];
    // Steps of one document share one byte range: read it once.
    const ranges = new Map(rows.map((row) => [`${row.offset}+${row.length}`, row]));
    for (const row of ranges.values()) found.push(...(await this.stepsIn(row, episodeId)));
    return found;
  }

  async firstStep(episodeId: string): Promise<StepBody | null> {
    const row = this.records.episodes.get(episodeId)?.rows[0];
    return row ? ((await this.stepsIn(row, episodeId))[0] ?? null) : null;
  }

  /** A page of episodes asks for the same document again and again, so the last range is kept parsed. */
  private async stepsIn(row: StepEntry, episodeId: string): Promise<StepBody[]> {
    const at = `${this.generation}@${row.offset}+${row.length}`;
    if (this.lastSteps?.at !== at) {
      const text = await textAt(this.absolute, row.offset, row.length);
      this.lastSteps = { at, bodies: text === null ? [] : (this.reader.readSteps?.(text, this.path) ?? []) };
    }
    return this.lastSteps.bodies.filter((body) => body.episodeId === episodeId);
  }

  /** Bytes of a last line or record whose end has not come: held back, because more of it may follow. */
  get torn(): number {
    return this.intake?.pending ?? 0;
  }

  /**
   * For a file that nobody writes at the moment: its last line counts without a newline, if it is whole. Should the file
   * grow after all, anything but a newline in that place makes us read it again.
   */
  settle(): boolean {
    const { intake } = this;
    if (
      !(intake instanceof LineSplitter) ||
      this.torn === 0 ||
      !intake.endsWith(CLOSING_BRACE) ||
      this.judged === this.tail.offset
    )
      return false;
    this.judged = this.tail.offset;
    // A buffered writer stops anywhere, also behind a brace inside the record.
    if (!parseJsonLine(new TextDecoder().decode(intake.peek())).ok) return false;
    intake.flush();
    this.caughtUp();
    this.settled = true;
    return true;
  }

  private async follow(signal?: AbortSignal): Promise<boolean> {
    const before = this.stamp;
    let continuesSettledLine = false;
    await this.tail.advance(
      (bytes) => {
        if (this.settled && bytes[0] !== NEWLINE) continuesSettledLine = true;
        this.intake?.push(bytes);
        this.settled = false;
      },
      () => this.startOver(this.tail.checked ? this.restarts + 1 : 0),
      signal,
    );
    if (continuesSettledLine) {
      this.tail = new FileTail(this.absolute);
      this.startOver(this.restarts);
      return this.follow(signal);
    }
    const changed = this.stamp !== before;
    if (changed) this.caughtUp();
    if (changed) await this.save();
    return changed;
  }

  /** `restarts`: how often people are told that it happened. A saved index of what is another file by now was never shown. */
  private startOver(restarts: number): void {
    this.generation = ++generations;
    this.restarts = restarts;
    this.records = new Records(this.path);
    const message = "the file was truncated or replaced; it is read again from its start";
    for (let i = 0; i < restarts; i++) this.records.diagnostic({ code: "truncated", severity: "warning", message });
    this.savedAt = 0;
    this.settled = false;
    this.judged = -1;
    this.begin(0, undefined);
  }

  private resume(): void {
    const loaded = new Records(this.path);
    const saved = this.cacheFolder ? loadIndex(this.cacheFolder, this.absolute, this.reader, loaded) : null;
    if (saved) {
      this.records = loaded;
      this.tail = new FileTail(this.absolute, saved.position);
      this.savedAt = saved.position.offset;
      this.restarts = this.records.diagnostics.get("truncated")?.count ?? 0;
    }
    this.begin(saved?.position.offset ?? 0, saved?.parser);
  }

  private begin(offset: number, state: unknown): void {
    if (this.reader.input === "bytes") {
      const parser = this.reader.open(this.records, state, this.path, offset);
      this.stateOf = () => parser.state();
      this.intake = parser;
    }
    if (this.reader.input !== "lines") return;
    const records = this.records;
    const { beside } = this.reader;
    const words = beside === undefined ? undefined : textBeside(join(dirname(this.absolute), beside));
    const parser = this.reader.open(records, state, this.path, words);
    this.stateOf = () => parser.state();
    this.caughtUp = () => parser.caughtUp?.();
    this.intake = new LineSplitter(
      (bytes, start, end, at) => {
        // The newline of a line that was already taken is no line of its own.
        const wasSettled = this.settled;
        this.settled = false;
        if (wasSettled && start === end) return;
        records.line++;
        parser.line(bytes, start, end, at);
      },
      {
        offset,
        limit: LINE_LIMIT,
        onTooLong: (_at, size) => {
          records.line++;
          const megabytes = (size / (1 << 20)).toFixed(1);
          records.diagnostic({
            code: "line-too-long",
            severity: "warning",
            message: `a line of ${megabytes} MB is longer than 16 MB and was skipped`,
          });
        },
      },
    );
  }

  private async save(): Promise<void> {
    const offset = this.intake?.resumeOffset ?? 0;
    if (!this.cacheFolder || offset < worthSaving || offset < this.savedAt * 1.25) return;
    const position = await this.tail.positionAt(offset);
    if (!position) return;
    this.savedAt = offset;
    const { id, version } = this.reader;
    saveIndex(this.cacheFolder, this.absolute, { reader: id, version, position, parser: this.stateOf() }, this.records);
  }

  private async readAgain(): Promise<boolean> {
    const { reader } = this;
    const seen = await stat(this.absolute).catch(() => null);
    if (!seen) return false;
    const stamp = `${seen.dev}:${seen.ino}:${seen.size}:${seen.mtimeMs}`;
    if (stamp === this.documentStamp) return false;
    const fresh = new Records(this.path);
    this.tail.size = seen.size;
    let byRange: RolloutsByRange | null = null;
    if (reader.input === "ranges")
      byRange = await withRanges(this.absolute, (file) => reader.index(file, this.path, fresh));
    else if (reader.input === "document" && seen.size > DOCUMENT_LIMIT) {
      fresh.diagnostic({ code: "too-large", severity: "warning", message: "longer than 64 MB: not read" });
    } else if (reader.input === "document") reader.parse(await readFile(this.absolute, "utf8"), this.path, fresh);
    // A file that is being rewritten shows half of itself for a moment: what was read before stays, with what is wrong now.
    const half = this.documentStamp !== "" && fresh.isEmpty && fresh.diagnostics.size > 0;
    this.documentStamp = stamp;
    if (half) {
      this.records.diagnostics.clear();
      for (const [code, problem] of fresh.diagnostics) this.records.diagnostics.set(code, problem);
    } else {
      this.generation = ++generations;
      this.records = fresh;
      this.byRange = byRange;
    }
    return true;
  }
}
