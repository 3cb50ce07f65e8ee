// TRL's completions_{step}.parquet, log_completions=True (grpo_trainer.py:3311; formats/gui-and-trainers.md 3.2).
// A row per sample; a group is a run of equal prompts.
import { numberOf, textOf } from "../../base/json";
import { sharedGold } from "../gold";
import { referenceKeys, rewardNumbers, sharedReference, sumOfParts, sumOfRewards } from "../groups";
import { labelOfRollouts } from "../label";
import { ParquetFile, type ParquetColumn } from "../parquetFile";
import type {
  ByteRanges,
  RangesReader,
  RecordSink,
  RolloutBody,
  RolloutEntry,
  RolloutsByRange,
  SourceSample,
} from "../reader";

const required = ["prompt", "completion", "advantage"];

/** Bytes of columns that are decoded at a time. */
const SLICE = 8 << 20;

async function index(file: ByteRanges, path: string, sink: RecordSink): Promise<RolloutsByRange | null> {
  try {
    const parquet = await ParquetFile.open(file);
    const names = parquet.columns.map((column) => column.name);
    if (!names.includes("prompt") || !names.includes("completion")) {
      const message = `${path} is parquet, but holds no prompts and completions.`;
      sink.diagnostic({ code: "not-a-record", severity: "warning", message });
      return null;
    }
    const rewards = rewardColumns(parquet.columns);
    await groups(file, parquet, rewards, sink);
    return { readRollout: (now, entry) => readGroup(now, parquet, rewards, entry) };
  } catch (error) {
    const why = String(error)
      .replace(/^\w*Error: /, "")
      .slice(0, 120);
    sink.diagnostic({
      code: "not-parquet",
      severity: "warning",
      message: `${path} is no whole parquet file (${why}).`,
    });
    return null;
  }
}

interface Run {
  start: number;
  prompt: unknown;
  step: unknown;
  rewards: (number | null)[];
  bytes: number;
}

/** Completions are not read: a group's own are, when it is looked at. A group may go on behind a row group's end. */
async function groups(
  file: ByteRanges,
  parquet: ParquetFile,
  rewards: readonly string[],
  sink: RecordSink,
): Promise<void> {
  const step = parquet.columns.some((column) => column.name === "step") ? "step" : null;
  let run: Run | null = null;
  for (const { start, end, bytes } of parquet.rowGroups) {
    const perRow = Math.max(1, bytes / (end - start));
    const take = Math.max(64, Math.floor(SLICE / perRow));
    for (let from = start; from < end; from += take) {
      const wanted = ["prompt", step, ...rewards];
      const [prompts = [], steps = [], ...parts] = await columnsOf(
        file,
        parquet,
        wanted,
        from,
        Math.min(end, from + take),
      );
      for (const [i, prompt] of prompts.entries()) {
        const reward = sumOfRewards(at(parts, i));
        if (!run || run.prompt !== prompt || run.step !== steps[i]) {
          if (run) emit(run, sink);
          run = { start: from + i, prompt, step: steps[i], rewards: [], bytes: 0 };
        }
        run.rewards.push(reward);
        run.bytes += perRow;
      }
    }
  }
  if (run) emit(run, sink);
}

const at = (columns: readonly unknown[][], row: number): unknown[] => columns.map((values) => values[row]);

function emit({ start, step, rewards, bytes }: Run, sink: RecordSink): void {
  const place = { offset: start, length: Math.round(bytes), version: NaN, samples: rewards.length };
  sink.rollout({ ...place, step: numberOf(plain(step)) ?? NaN, ...rewardNumbers(rewards) });
}

/** One column after another: of several that are damaged the library would leave all rejections but one to nobody. */
async function columnsOf(
  file: ByteRanges,
  parquet: ParquetFile,
  names: readonly (string | null)[],
  start: number,
  end: number,
): Promise<unknown[][]> {
  const columns: unknown[][] = [];
  for (const name of names) columns.push(name === null ? [] : await parquet.read(file, name, start, end));
  return columns;
}

/** The floating columns right behind the completion; behind the first of another type stand what users log. */
function rewardColumns(columns: readonly ParquetColumn[]): string[] {
  const after = columns.slice(columns.findIndex((column) => column.name === "completion") + 1);
  const end = after.findIndex(({ name, type }) => name === "advantage" || !/^(DOUBLE|FLOAT)$/.test(type));
  return (end < 0 ? after : after.slice(0, end)).map((column) => column.name);
}

/** 64-bit integers become numbers: steps and counts are small. What JSON cannot hold is a word. */
const plain = (value: unknown): unknown => (typeof value === "bigint" ? Number(value) : value);
const shownNumber = (value: unknown): unknown =>
  typeof value === "number" && !Number.isFinite(value) ? String(value) : value;

function partsOf(values: readonly unknown[], names: readonly string[]): Record<string, number> {
  // A function that does not apply to a sample says None, which is no reward of 0.
  return Object.fromEntries(
    names.flatMap((name, i) => {
      const number = numberOf(values[i]);
      return number === null ? [] : [[name, number]];
    }),
  );
}

async function readGroup(
  file: ByteRanges,
  parquet: ParquetFile,
  rewards: readonly string[],
  { offset, samples }: Pick<RolloutEntry, "offset" | "samples">,
): Promise<RolloutBody | null> {
  try {
    const names = parquet.columns.map((column) => column.name);
    const columns = await columnsOf(file, parquet, names, offset, offset + samples);
    const of = (name: string): unknown[] => (columns[names.indexOf(name)] ?? []).map(plain);
    const referenceKey = referenceKeys.find((key) => sharedReference(of(key)) !== null) ?? "";
    const known = new Set(["step", "prompt", "completion", referenceKey, ...rewards]);
    const others = names.filter((name) => !known.has(name));
    const scores = rewards.map(of);
    return {
      promptId: null,
      prompt: textOf(of("prompt")[0]) ?? "",
      samples: of("completion").map((text, i) => {
        const parts = partsOf(at(scores, i), rewards);
        return { text: textOf(text) ?? "", reward: sumOfParts(parts), parts, tokens: null, finish: null };
      }),
      ...sharedGold(of(referenceKey)),
      images: [],
      expected: null,
      expectedBox: null,
      extra: Object.fromEntries(
        others.map((name) => [name, JSON.stringify(of(name).map((v) => shownNumber(v) ?? null))]),
      ),
    };
  } catch {
    return null;
  }
}

function detect(sample: SourceSample): number {
  if (!sample.head.startsWith("PAR1")) return 0;
  // The directory at the end names the columns. A file longer than the tail may hide it; half a file has none yet.
  const tail = sample.tail ?? sample.head;
  return required.every((name) => tail.includes(name)) ? 0.9 : 0;
}

export const trlCompletions: RangesReader = {
  id: "trl-completions",
  title: "TRL completions",
  version: 2,
  axis: "step",
  input: "ranges",
  detect,
  labelOf: labelOfRollouts,
  index,
};
