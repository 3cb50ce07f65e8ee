// ms-swift's completions.jsonl (rlhf_trainers/grpo_trainer.py:1876; formats/gui-and-trainers.md 3.3): a line is one log step, its values
// are lists with one entry per sample. Groups are runs of equal prompts, so that a line holds several.
import { isFields, numberOf, textOf, type Fields } from "../../base/json";
import { listOf, shown, valueOf } from "../document";
import { sharedGold } from "../gold";
import { referenceKeys, rewardNumbers, runsOf, sharedReference, sumOfParts, sumOfRewards } from "../groups";
import { labelOfRollouts } from "../label";
import type { LineParser, LineReader, RecordSink, RolloutBody, SourceSample } from "../reader";
import { ascii, headRecords, parseOutline, reportNotARecord } from "../scan";

/** Lists of numbers that are no rewards: 3.3, and what 4.x added. */
const notRewards = new Set(["step", "advantages", "advantage", "num_turns", "entropy", "completion_length", "tokens"]);

/** Columns of texts that say nothing of rewards and groups. */
const textBytes = ["completion", ...referenceKeys].map(ascii);

/** One line by columns: how many samples, and which columns are rewards. */
interface Table {
  fields: Fields;
  prompts: unknown[];
  rewards: string[];
}

function tableOf(value: unknown): Table | null {
  if (!isFields(value) || !Array.isArray(value.prompt) || !Array.isArray(value.completion)) return null;
  const rewards = Object.entries(value).filter(([key, column]) => !notRewards.has(key) && isNumbers(column));
  return { fields: value, prompts: value.prompt, rewards: rewards.map(([key]) => key) };
}

/** A reward function that does not apply says null or NaN. */
function isNumbers(column: unknown): boolean {
  if (!Array.isArray(column)) return false;
  return column.some((v) => typeof v === "number") && column.every((v) => v === null || numberOf(v) !== null);
}

const cell = (table: Table, key: string, row: number): unknown => listOf(table.fields[key])[row];

function partsOf(table: Table, row: number): Record<string, number> {
  const parts = table.rewards.map((name) => [name, numberOf(cell(table, name, row))] as const);
  return Object.fromEntries(parts.flatMap(([name, part]) => (part === null ? [] : [[name, part]])));
}

const samePrompt = (a: unknown, b: unknown): boolean => a === b || shown(a) === shown(b);

class SwiftCompletionsParser implements LineParser {
  /** `before`: what stands before the names of its curves. */
  constructor(
    private readonly sink: RecordSink,
    private readonly before: string,
  ) {}

  line(bytes: Uint8Array, start: number, end: number, offset: number): void {
    const record = parseOutline(bytes, start, end, textBytes, this.sink);
    if (record === undefined) return;
    const table = tableOf(record);
    if (!table) {
      reportNotARecord(this.sink, "a step with lists of prompts and completions");
      return;
    }
    const columns = table.rewards.map((name) => listOf(table.fields[name]));
    this.means(table, columns);
    for (const [part, [from, to]] of runsOf(table.prompts, samePrompt).entries()) {
      const rewards = Array.from({ length: to - from }, (_, i) => sumOfRewards(columns.map((of) => of[from + i])));
      const step = numberOf(cell(table, "step", from)) ?? numberOf(table.fields.step) ?? NaN;
      const entry = { step, version: NaN, samples: to - from, ...rewardNumbers(rewards) };
      this.sink.rollout({ offset: offset + part, length: end - start, ...entry }, part > 0 ? part : undefined);
    }
  }

  private means({ fields, rewards }: Table, columns: readonly unknown[][]): void {
    const step = numberOf(listOf(fields.step)[0] ?? fields.step);
    if (step === null || !Number.isFinite(step)) return;
    for (const [i, values] of columns.entries()) {
      const { rewardMean } = rewardNumbers(values.map(numberOf));
      if (!Number.isNaN(rewardMean)) this.sink.point(`${this.before}reward/${rewards[i] ?? ""}`, step, rewardMean);
    }
  }

  state(): unknown {
    return null;
  }
}

function readRollout(record: string, part = 0): RolloutBody | null {
  const table = tableOf(valueOf(record));
  const run = table ? runsOf(table.prompts, samePrompt)[part] : undefined;
  if (!table || !run) return null;
  const rows = Array.from({ length: run[1] - run[0] }, (_, i) => run[0] + i);
  const column = (key: string): unknown[] => rows.map((row) => cell(table, key, row));
  const referenceKey = referenceKeys.find((key) => sharedReference(column(key)) !== null) ?? "";
  const understood = new Set(["step", "prompt", "completion", "images", referenceKey, ...table.rewards]);
  const rest = Object.keys(table.fields).filter((key) => !understood.has(key));
  return {
    promptId: null,
    prompt: table.prompts[run[0]] === undefined ? "" : shown(table.prompts[run[0]]),
    samples: rows.map((row) => {
      const parts = partsOf(table, row);
      const text = cell(table, "completion", row);
      return {
        text: textOf(text) ?? (text === undefined ? "" : shown(text)),
        reward: sumOfParts(parts),
        parts,
        tokens: numberOf(cell(table, "completion_length", row)),
        finish: null,
      };
    }),
    ...sharedGold(column(referenceKey)),
    images: [...new Set(column("images").flat())].filter((path) => typeof path === "string"),
    expected: null,
    expectedBox: null,
    extra: Object.fromEntries(
      rest.map((key) => [key, Array.isArray(table.fields[key]) ? shown(column(key)) : shown(table.fields[key])]),
    ),
  };
}

function detect(sample: SourceSample): number {
  const records = headRecords(sample);
  const tables = records.filter((record) => tableOf(record) && !(isFields(record) && "rewards" in record));
  // Damaged lines say nothing about the others.
  const whole = records.filter((record) => record !== undefined);
  if (tables.length > 0) return tables.length >= whole.length * 0.6 ? 0.95 : 0;
  // Lines reach megabytes: the lists must show at the start of one.
  const long = records.every((r) => r === undefined) && sample.head.length < sample.size;
  return long && /^\s*\{\s*"step"\s*:\s*\[\s*"?\d+"?[\s,\]].{0,60000}?"prompt"\s*:\s*\[/s.test(sample.head) ? 0.85 : 0;
}

export const swiftCompletions: LineReader = {
  id: "swift-completions",
  title: "ms-swift completions",
  version: 2,
  axis: "step",
  input: "lines",
  detect,
  labelOf: labelOfRollouts,
  derives: true,
  readRollout,
  open: (sink, _saved, path = "") => new SwiftCompletionsParser(sink, labelOfRollouts(path) === "val" ? "eval/" : ""),
};
