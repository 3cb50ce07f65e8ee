// One file under one reader: follows it, keeps its records, and reads a slice again when somebody looks at it.
import { open, readFile, stat } from "node:fs/promises";
import { LineSplitter } from "../../core/base/lines";
import type { LineParser, RolloutBody, StepBody, TraceReader } from "../../core/trace/reader";
import { FileTail } from "../disk/fileTail";
import { Records } from "./records";
import { loadIndex, saveIndex, worthSaving } from "./savedIndex";

/** Longer lines are counted and skipped. */
const LINE_LIMIT = 16 << 20;
const NEWLINE = 10;
const CLOSING_BRACE = 125;
const DOCUMENT_LIMIT = 64 << 20;

export class SourceIndex {
  records: Records;
  private parser: LineParser | null = null;
  private splitter: LineSplitter | null = null;
  private tail: FileTail;
  private savedAt = 0;
  private settled = false;
  /** Of a document: what it looked like when it was last read. */
  private documentStamp = "";
  /** Grows when anything already handed out no longer counts, so that holders start again. */
  generation = 0;

  constructor(
    readonly absolute: string,
    /** Relative to the target, as people and protocol name it. */
    readonly path: string,
    readonly reader: TraceReader,
    readonly confidence: number,
    private readonly cacheFolder: string | null,
  ) {
    this.records = new Records(path);
    this.tail = new FileTail(absolute);
    if (reader.input === "lines") this.resume();
  }

  get bytes(): number {
    return this.tail.size;
  }

  get label(): string {
    return this.reader.labelOf?.(this.path) ?? "";
  }

  /** Which file and how far: part of a cursor. */
  get stamp(): string {
    return this.reader.input === "document"
      ? this.documentStamp
      : `${this.tail.identity}@${this.splitter?.resumeOffset ?? 0}+${this.generation}`;
  }

  /** Reads what is new. True when something changed. */
  async advance(signal?: AbortSignal): Promise<boolean> {
    return this.reader.input === "document" ? this.readDocument() : this.readLines(signal);
  }

  async rollout(row: number): Promise<RolloutBody | null> {
    const { rollouts } = this.records;
    const text = await this.slice(rollouts.at(row, "offset"), rollouts.at(row, "length"));
    return this.reader.readRollout?.(text) ?? null;
  }

  async rolloutText(row: number): Promise<string> {
    const { rollouts } = this.records;
    return this.slice(rollouts.at(row, "offset"), rollouts.at(row, "length"));
  }

  async steps(episodeId: string): Promise<StepBody[]> {
    const rows = this.records.episodes.get(episodeId)?.rows ?? [];
    const found: StepBody[] = [];
    // Steps of one document share one byte range: read it once.
    const ranges = new Map(rows.map((row) => [`${row.offset}+${row.length}`, row]));
    for (const row of ranges.values()) {
      const text = await this.slice(row.offset, row.length);
      const bodies = this.reader.readSteps?.(text, this.path) ?? [];
      found.push(...bodies.filter((b) => b.episodeId === episodeId));
    }
    return found;
  }

  private async slice(offset: number, length: number): Promise<string> {
    const handle = await open(this.absolute, "r");
    try {
      const bytes = Buffer.alloc(length);
      const { bytesRead } = await handle.read(bytes, 0, length, offset);
      return bytes.toString("utf8", 0, bytesRead);
    } finally {
      await handle.close();
    }
  }

  /** Bytes of a last line whose newline has not come: held back, because more of it may follow. */
  get torn(): number {
    return this.splitter?.pending ?? 0;
  }

  /**
   * For a file that nobody writes any more: its last line counts without a newline, if it is whole. Should the file grow
   * after all, anything but a newline in that place makes us read it again.
   */
  settle(): boolean {
    if (!this.splitter || this.torn === 0 || !this.splitter.endsWith(CLOSING_BRACE)) return false;
    this.splitter.flush();
    this.settled = true;
    return true;
  }

  private async readLines(signal?: AbortSignal): Promise<boolean> {
    const before = this.stamp;
    let continuesSettledLine = false;
    await this.tail.advance(
      (bytes) => {
        continuesSettledLine ||= this.settled && bytes[0] !== NEWLINE;
        this.settled = false;
        this.splitter?.push(bytes);
      },
      () => this.startOver("truncated", "the file was truncated or replaced; it is read again from its start"),
      signal,
    );
    if (continuesSettledLine) {
      this.tail = new FileTail(this.absolute);
      this.generation++;
      this.records = new Records(this.path);
      this.begin(0, undefined);
      return this.readLines(signal);
    }
    const changed = this.stamp !== before;
    if (changed) await this.save();
    return changed;
  }

  private startOver(code: string, message: string): void {
    this.generation++;
    const before = this.records.diagnostics.get(code)?.count ?? 0;
    this.records = new Records(this.path);
    for (let i = 0; i <= before; i++) this.records.diagnostic({ code, severity: "warning", message });
    this.begin(0, undefined);
  }

  private resume(): void {
    const saved = this.cacheFolder ? loadIndex(this.cacheFolder, this.absolute, this.reader) : null;
    if (saved) {
      this.records = new Records(this.path, saved.records);
      this.tail = new FileTail(this.absolute, saved.position);
      this.savedAt = saved.position.offset;
    }
    this.begin(saved?.position.offset ?? 0, saved?.parser);
  }

  private begin(offset: number, state: unknown): void {
    if (this.reader.input !== "lines") return;
    // The sink goes through `this`, because records are replaced when the file starts over.
    const records = this.records;
    const parser = this.reader.open(records, state);
    this.parser = parser;
    this.splitter = new LineSplitter(
      (bytes, start, end, at) => {
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
    const offset = this.splitter?.resumeOffset ?? 0;
    if (!this.cacheFolder || offset < worthSaving || offset < this.savedAt * 1.25) return;
    const position = await this.tail.positionAt(offset);
    if (!position || !this.parser) return;
    this.savedAt = offset;
    saveIndex(this.cacheFolder, this.absolute, {
      reader: this.reader.id,
      version: this.reader.version,
      position,
      parser: this.parser.state(),
      records: this.records.saved(),
    });
  }

  private async readDocument(): Promise<boolean> {
    if (this.reader.input !== "document") return false;
    const seen = await stat(this.absolute).catch(() => null);
    if (!seen) return false;
    const stamp = `${seen.dev}:${seen.ino}:${seen.size}:${seen.mtimeMs}`;
    if (stamp === this.documentStamp) return false;
    const fresh = new Records(this.path);
    this.tail.size = seen.size;
    if (seen.size > DOCUMENT_LIMIT) {
      fresh.diagnostic({ code: "too-large", severity: "warning", message: "longer than 64 MB: not read" });
    } else this.reader.parse(await readFile(this.absolute, "utf8"), this.path, fresh);
    // A file that is being rewritten shows half of itself for a moment: what was read before stays until it is whole.
    const half = this.documentStamp !== "" && [...fresh.diagnostics.values()].some((d) => d.severity === "error");
    this.documentStamp = stamp;
    if (half) return false;
    this.generation++;
    this.records = fresh;
    return true;
  }
}
