// TRL's completions_{step}.parquet, log_completions=True (grpo_trainer.py:3311; formats/gui-and-trainers.md 3.2).
// A row per sample; a group is a run of equal prompts. Its record is made here, because a parquet file holds no text to cut out.
import { parquetMetadata, parquetReadObjects, type FileMetaData } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { isFields, numberOf, parseJsonLine, textOf, type Fields } from "../../base/json";
import { referenceKeys, rewardNumbers, runsOf, sharedReference, sumOfParts } from "../groups";
import type { BytesReader, RecordSink, RolloutBody, SourceSample } from "../reader";

const required = ["prompt", "completion", "advantage"];

async function parseBytes(bytes: Uint8Array, path: string, sink: RecordSink): Promise<void> {
  const rows = await rowsOf(bytes).catch((error: unknown) => String(error));
  if (typeof rows === "string") {
    const message = `${path} is no whole parquet file (${rows.replace(/^\w*Error: /, "").slice(0, 120)}).`;
    sink.diagnostic({ code: "not-parquet", severity: "warning", message });
    return;
  }
  if (!rows.columns.includes("prompt") || !rows.columns.includes("completion")) {
    const message = `${path} is parquet, but holds no prompts and completions.`;
    sink.diagnostic({ code: "not-a-record", severity: "warning", message });
    return;
  }
  const same = (a: Fields, b: Fields): boolean => a.prompt === b.prompt && a.step === b.step;
  for (const [start, end] of runsOf(rows.rows, same)) {
    const group = rows.rows.slice(start, end);
    const record = JSON.stringify({ rewards: rows.rewards, rows: group.map(plainValues) });
    sink.rollout(
      {
        offset: start,
        length: record.length,
        step: numberOf(group[0]?.step) ?? NaN,
        version: NaN,
        samples: group.length,
        ...rewardNumbers(group.map((row) => sumOfParts(partsOf(row, rows.rewards)))),
      },
      record,
    );
  }
}

interface Rows {
  rows: Fields[];
  columns: string[];
  rewards: string[];
}

async function rowsOf(bytes: Uint8Array): Promise<Rows> {
  // A copy, because a Node Buffer is a window into a larger one; and so is its slice().
  const file = new Uint8Array(bytes).buffer;
  const metadata = parquetMetadata(file);
  // A damaged directory may promise more rows than there are bytes, and the library would make room for them.
  if (Number(metadata.num_rows) > bytes.length) throw new Error("its directory is damaged");
  const paths = metadata.row_groups[0]?.columns.map((column) => column.meta_data?.path_in_schema ?? []) ?? [];
  const columns = paths.flatMap((path) => (path.length === 1 && path[0] !== undefined ? [path[0]] : []));
  const rows: Record<string, unknown>[] = [];
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    const held: Record<string, unknown>[] = Array.from({ length: rowEnd - rowStart }, () => ({}));
    // One column at a time: of several that are damaged the library would leave all rejections but one to nobody.
    for (const name of columns) {
      const values = await parquetReadObjects({ file, metadata, compressors, columns: [name], rowStart, rowEnd });
      held.forEach((row, i) => (row[name] = values[i]?.[name] as unknown));
    }
    rows.push(...held);
    rowStart = rowEnd;
  }
  return { rows: rows.map(fieldsOfRow), columns, rewards: rewardColumns(metadata, columns) };
}

/** The floating columns right behind the completion; behind the first of another type stand what users log. */
function rewardColumns(metadata: FileMetaData, columns: readonly string[]): string[] {
  const typeOf = new Map(metadata.schema.map((element) => [element.name, element.type]));
  const after = columns.slice(columns.indexOf("completion") + 1);
  const end = after.findIndex((name) => name === "advantage" || !/^(DOUBLE|FLOAT)$/.test(typeOf.get(name) ?? ""));
  return end < 0 ? after : after.slice(0, end);
}

/** 64-bit integers become numbers: steps and counts are small. */
const fieldsOfRow = (row: Record<string, unknown>): Fields =>
  Object.fromEntries(Object.entries(row).map(([k, v]) => [k, typeof v === "bigint" ? Number(v) : v]));

/** What JSON cannot hold is a word, and read back as the number it was. */
const plainValues = (row: Fields): Fields =>
  Object.fromEntries(
    Object.entries(row).map(([k, v]) => [k, typeof v === "number" && !Number.isFinite(v) ? String(v) : v]),
  );

function partsOf(row: Fields, names: readonly string[]): Record<string, number> {
  // A function that does not apply to a sample says None, which is no reward of 0.
  return Object.fromEntries(
    names.flatMap((name) => {
      const number = numberOf(row[name]);
      return number === null ? [] : [[name, number]];
    }),
  );
}

function readRollout(record: string): RolloutBody | null {
  const parsed = parseJsonLine(record);
  if (!parsed.ok || !isFields(parsed.value) || !Array.isArray(parsed.value.rows)) return null;
  const rows = parsed.value.rows.filter(isFields);
  const rewards = (Array.isArray(parsed.value.rewards) ? parsed.value.rewards : []).filter(
    (r) => typeof r === "string",
  );
  const extra: Record<string, string> = {};
  const referenceKey = referenceKeys.find((key) => sharedReference(rows.map((row) => row[key])) !== null) ?? "";
  const known = new Set(["step", "prompt", "completion", referenceKey, ...rewards]);
  for (const key of Object.keys(rows[0] ?? {})) {
    if (!known.has(key)) extra[key] = JSON.stringify(rows.map((row) => row[key] ?? null));
  }
  return {
    promptId: null,
    prompt: textOf(rows[0]?.prompt) ?? "",
    samples: rows.map((row) => {
      const parts = partsOf(row, rewards);
      return { text: textOf(row.completion) ?? "", reward: sumOfParts(parts), parts, tokens: null, finish: null };
    }),
    reference: sharedReference(rows.map((row) => row[referenceKey])),
    images: [],
    expected: null,
    expectedBox: null,
    extra,
  };
}

function detect(sample: SourceSample): number {
  if (!sample.head.startsWith("PAR1")) return 0;
  // The directory at the end names the columns. A file longer than the tail may hide it; half a file has none yet.
  const tail = sample.tail ?? sample.head;
  return required.every((name) => tail.includes(name)) ? 0.9 : 0;
}

export const trlCompletions: BytesReader = {
  id: "trl-completions",
  title: "TRL completions",
  version: 1,
  axis: "step",
  input: "bytes",
  detect,
  readRollout,
  parseBytes,
};
