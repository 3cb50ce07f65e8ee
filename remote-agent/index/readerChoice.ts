// Which reader a file has: the one that the project names in .runside/sources.yaml, else the one that is surest of its first bytes.
import { stat } from "node:fs/promises";
import type { Diagnostic } from "../../core/model/diagnostic";
import { mappedReader } from "../../core/trace/mappedReader";
import type { TraceReader } from "../../core/trace/reader";
import { detectReader } from "../../core/trace/registry";
import { mappingFor, userSourcesPath } from "../../core/trace/userSources";
import { noOwnSources, ownSources } from "../disk/ownSources";
import { HEAD_BYTES, sampleOf, withEnd } from "./discover";
import type { SourceIndex } from "./sourceIndex";

export interface Chosen {
  reader: TraceReader;
  confidence: number;
  /** Of the file when it was looked at. */
  size: number;
}

/** Tables and lines of records: what a mapping can open. */
const mappable = /\.(csv|tsv|jsonl|ndjson)$/i;
/** So many are named in one notice. */
const NAMED = 5;

export class ReaderChoice {
  private own = noOwnSources;
  /** Files looked at and not recognised, with the size they had: a growing file may become recognisable. */
  private refused = new Map<string, Refused>();
  /** What was known of a source when its reader was chosen: from a file's first bytes another format may be guessed. */
  private chosenAt = new WeakMap<SourceIndex, { size: number; restarts: number }>();

  /** `around`: the folder in or above which the project's own file lies. */
  constructor(private readonly around: string) {}

  /** Looks at the project's file again; what was chosen by another one is chosen anew. */
  look(): void {
    const before = this.own;
    this.own = ownSources(this.around, before);
    if (this.own === before) return;
    this.refused = new Map();
    this.chosenAt = new WeakMap();
  }

  isMapped(path: string): boolean {
    return mappingFor(path, this.own.mappings) !== null;
  }

  /** The reader that the file is to have from now on; "same" where nothing changed, null where nobody knows it. */
  async choose(
    file: { path: string; absolute: string },
    known: SourceIndex | undefined,
  ): Promise<Chosen | "same" | null> {
    const refused = this.refused.get(file.absolute);
    if (known ? this.isSure(known) : refused !== undefined && (await isAsItWas(file.absolute, refused))) return "same";
    const sample = await sampleOf(file);
    if (!sample) return "same";
    const mapping = mappingFor(file.path, this.own.mappings);
    const byHead = mapping ? { reader: mappedReader(mapping), confidence: 1 } : detectReader(sample);
    const whole = byHead ? null : await withEnd(file.absolute, sample);
    const chosen = byHead ?? (whole && detectReader(whole));
    if (known) this.chosenAt.set(known, { size: sample.size, restarts: known.restarts });
    if (!chosen) {
      // A format that was recognised once stays, whatever a rewritten beginning looks like; a mapping that has gone does not.
      if (known && !isOwn(known.reader)) return "same";
      this.refused.set(file.absolute, { path: file.path, size: sample.size, hasEnd: whole !== null });
      return null;
    }
    this.refused.delete(file.absolute);
    return known && isSame(known.reader, chosen.reader) ? "same" : { ...chosen, size: sample.size };
  }

  /** After the source was made. */
  took(source: SourceIndex, { size }: Chosen): void {
    this.chosenAt.set(source, { size, restarts: source.restarts });
  }

  /** What is wrong in the project's file. */
  diagnostics(): Diagnostic[] {
    const { problems } = this.own;
    return problems.map(({ severity, message, line }) => ({
      ...{ code: "bad-sources-file", severity, message, path: userSourcesPath, line, count: 1 },
    }));
  }

  /** Tables and lines that nobody knows, as one notice that says what to do about it. */
  unknown(): Diagnostic[] {
    const paths = [...this.refused.values()]
      .filter(({ path, size }) => size > 0 && mappable.test(path))
      .map((r) => r.path);
    const [first] = paths;
    if (first === undefined) return [];
    const named =
      paths.slice(0, NAMED).join(", ") + (paths.length > NAMED ? `, and ${String(paths.length - NAMED)} more` : "");
    const message = `no reader knows the columns of ${named}; ${userSourcesPath} can say which is the step, which are metrics, prompts and completions`;
    return [{ code: "unknown-format", severity: "info", message, path: first, line: null, count: paths.length }];
  }

  /** Its reader was chosen from as much of the file as is ever looked at, and the file has not started again since. */
  private isSure(source: SourceIndex): boolean {
    const chosen = this.chosenAt.get(source);
    if (chosen?.restarts !== source.restarts) return false;
    return chosen.size >= HEAD_BYTES || chosen.size === source.bytes;
  }
}

interface Refused {
  path: string;
  size: number;
  /** Its end was looked at as well, and that is another one when the file has grown. */
  hasEnd: boolean;
}

async function isAsItWas(absolute: string, { size, hasEnd }: Refused): Promise<boolean> {
  if (size >= HEAD_BYTES && !hasEnd) return true;
  const now = await stat(absolute).catch(() => null);
  return now === null || now.size === size;
}

const isOwn = (reader: TraceReader): boolean => reader.id.startsWith("own-");

const isSame = (a: TraceReader, b: TraceReader): boolean =>
  a === b || (isOwn(a) && a.id === b.id && a.version === b.version);
