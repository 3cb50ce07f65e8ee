// A parquet file by ranges: its directory, and any rows of any flat column, for which only the pages that hold them are read.
// pyarrow writes no index of pages and row groups of a million rows, so the pages' headers are walked once and remembered.
import { parquetMetadata, parquetReadObjects, type ColumnMetaData, type FileMetaData } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import type { ByteRanges } from "./reader";
import { readStruct, type ThriftStruct } from "./thrift";

const FOOTER = 8;
const MAGIC = "PAR1";
/** Bytes. A damaged directory may promise anything. */
const LONGEST_PAGE = 256 << 20;
/** Bytes read for a page's header, which may hold its smallest and largest text; and when that was too little. */
const HEADER = 4096;
const LONG_HEADER = 4 << 20;

/** parquet.thrift, PageType. */
const pageType = { data: 0, dictionary: 2, data2: 3 };

interface Page {
  start: number;
  end: number;
  /** Its first row in the row group; of a dictionary -1. */
  row: number;
  rows: number;
}

export interface ParquetColumn {
  name: string;
  /** As in the format: `BYTE_ARRAY`, `DOUBLE`, ... */
  type: string;
}

export class ParquetFile {
  private readonly pages = new Map<ColumnMetaData, Page[]>();

  /** `[start, end)` of each row group, in rows of the file, and its size in bytes. */
  readonly rowGroups: readonly { start: number; end: number; bytes: number }[];

  private constructor(
    private readonly metadata: FileMetaData,
    readonly columns: readonly ParquetColumn[],
  ) {
    let end = 0;
    this.rowGroups = metadata.row_groups.map((group) => {
      const start = end;
      end += Number(group.num_rows);
      return { start, end, bytes: Number(group.total_byte_size) };
    });
  }

  /** Rejects where this is no whole parquet file. */
  static async open(file: ByteRanges): Promise<ParquetFile> {
    const footer = await file.read(Math.max(0, file.size - FOOTER), file.size);
    if (footer.length < FOOTER || new TextDecoder().decode(footer.subarray(4)) !== MAGIC)
      throw new Error("its end is missing");
    const length = new DataView(footer.buffer, footer.byteOffset).getUint32(0, true) + FOOTER;
    if (length > Math.min(file.size, LONGEST_PAGE)) throw new Error("its directory is damaged");
    const metadata = parquetMetadata(owned(await file.read(file.size - length, file.size)));
    if (Number(metadata.num_rows) > file.size) throw new Error("its directory is damaged");
    const typeOf = new Map(metadata.schema.map((element) => [element.name, element.type ?? ""]));
    const paths = metadata.row_groups[0]?.columns.map((column) => column.meta_data?.path_in_schema ?? []) ?? [];
    const flat = paths.flatMap((path) => (path.length === 1 && path[0] !== undefined ? [path[0]] : []));
    return new ParquetFile(
      metadata,
      flat.map((name) => ({ name, type: typeOf.get(name) ?? "" })),
    );
  }

  /** Values of one column in rows `[start, end)`, as the library decodes them. Rejects where they are damaged. */
  async read(file: ByteRanges, name: string, start: number, end: number): Promise<unknown[]> {
    const values: unknown[] = [];
    for (const [at, group] of this.rowGroups.entries()) {
      if (group.start >= end || group.end <= start) continue;
      const from = Math.max(start, group.start) - group.start;
      const to = Math.min(end, group.end) - group.start;
      for (const value of await this.readInGroup(file, at, name, from, to)) values.push(value);
    }
    return values;
  }

  private async readInGroup(
    file: ByteRanges,
    at: number,
    name: string,
    start: number,
    end: number,
  ): Promise<unknown[]> {
    const group = this.metadata.row_groups[at];
    const chunk = group?.columns.find(
      ({ meta_data: m }) => m?.path_in_schema.length === 1 && m.path_in_schema[0] === name,
    );
    const meta = chunk?.meta_data;
    if (!group || !chunk || !meta) throw new Error(`its column ${name} is missing`);
    const pages = this.pages.get(meta) ?? (await walk(file, meta, Number(group.num_rows)));
    this.pages.set(meta, pages);
    const dictionary = pages.filter((page) => page.row < 0);
    const wanted = pages.filter((page) => page.row < end && page.row + page.rows > start && page.row >= 0);
    const first = wanted[0];
    const last = wanted[wanted.length - 1];
    if (!first || !last) throw new Error(`its column ${name} is damaged`);
    // What the library is given is a file of one column and one row group: the dictionary and the pages wanted, one behind another.
    const parts = await Promise.all(
      [...dictionary, { start: first.start, end: last.end }].map((p) => file.read(p.start, p.end)),
    );
    const bytes = joined(parts);
    const rows = BigInt(last.row + last.rows - first.row);
    const { dictionary_page_offset: _, statistics: __, ...rest } = meta;
    const alone: ColumnMetaData = {
      ...rest,
      num_values: rows,
      total_compressed_size: BigInt(bytes.length),
      // Whichever kind of page comes first: the library goes by their headers.
      data_page_offset: 0n,
    };
    const metadata: FileMetaData = {
      ...this.metadata,
      num_rows: rows,
      row_groups: [
        {
          columns: [{ file_offset: 0n, meta_data: alone }],
          num_rows: rows,
          total_byte_size: rest.total_compressed_size,
        },
      ],
    };
    const found = await parquetReadObjects({
      file: bytes.buffer,
      metadata,
      compressors,
      columns: [name],
      rowStart: start - first.row,
      rowEnd: end - first.row,
    });
    return found.map((row) => row[name] as unknown);
  }
}

/** Where a column's pages lie, by their headers alone. */
async function walk(file: ByteRanges, meta: ColumnMetaData, rows: number): Promise<Page[]> {
  const offsets = [meta.dictionary_page_offset, meta.data_page_offset].filter((o) => o !== undefined && o > 0n);
  let at = Math.min(...offsets.map(Number));
  const end = at + Number(meta.total_compressed_size);
  const pages: Page[] = [];
  for (let row = 0; row < rows && at < end;) {
    const { size, fields } = await headerAt(file, at);
    const [type, raw = NaN, packed = NaN] = [1, 2, 3].map((id) => numberIn(fields, id));
    const start = at;
    at += size + packed;
    if (!(packed >= 0) || !(raw <= LONGEST_PAGE) || at > end) throw new Error("a page is damaged");
    if (type === pageType.dictionary) pages.push({ start, end: at, row: -1, rows: 0 });
    const counts = type === pageType.data ? fields.get(5) : type === pageType.data2 ? fields.get(8) : undefined;
    if (!(counts instanceof Map)) continue;
    // Of a flat column each value is a row.
    const held = numberIn(counts, 1);
    if (!(held >= 0 && held <= rows - row)) throw new Error("a page is damaged");
    pages.push({ start, end: at, row, rows: held });
    row += held;
  }
  return pages;
}

async function headerAt(file: ByteRanges, at: number): Promise<{ size: number; fields: ThriftStruct }> {
  const bytes = await file.read(at, at + HEADER);
  try {
    return readStruct(bytes);
  } catch (error) {
    if (bytes.length < HEADER) throw error;
    return readStruct(await file.read(at, at + LONG_HEADER));
  }
}

/** NaN where the field is missing. */
function numberIn(fields: ThriftStruct, id: number): number {
  const value = fields.get(id);
  return typeof value === "number" ? value : NaN;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** A buffer of these bytes alone: they may be a window into a larger one. */
const owned = (bytes: Uint8Array): ArrayBuffer => joined([bytes]).buffer;
