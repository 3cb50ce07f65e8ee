// What DocEdit's run_eval.py leaves of one model: a line a case, and what it printed, kept as JSON.
import { join } from "node:path";
import { indented, jsonLines, write } from "./counts";

export interface Repaired {
  /** Likeness to the right document, 0..1. */
  similarity: number;
  /** Share of the errors that are repaired. */
  edits: number;
  /** Share of the right lines that are changed. */
  damage: number;
}

const rounded = (value: number): number => Math.round(value * 1e4) / 1e4;

/** Writes `eval_<name>.json` and `eval_<name>.jsonl` below `folder`. The composite is the grader's: half likeness, the rest in quarters. */
export function writeDocumentEvaluation(folder: string, name: string, cases: readonly Repaired[]): void {
  const adapter = `transformers_local:pear-${name}`;
  const records = cases.map(({ similarity, edits, damage }, i) => ({
    case_id: `validation_orchard_d${String(i + 1)}_0${String(i)}`,
    adapter_name: adapter,
    elapsed_seconds: 3 + i / 4,
    exact_match: similarity >= 0.999,
    similarity: rounded(similarity),
    edit_accuracy: rounded(edits),
    collateral_damage: rounded(damage),
    composite_score: rounded(0.5 * similarity + 0.25 * edits + 0.25 * (1 - damage)),
    metadata: { model: "pear/Pear-3B", adapter_path: `runs/pear-${name}`, backend: "transformers_local" },
  }));
  const mean = (of: (record: (typeof records)[number]) => number): number =>
    records.reduce((sum, record) => sum + of(record), 0) / records.length;
  const summary = {
    count: records.length,
    exact_match_rate: mean(({ exact_match }) => (exact_match ? 1 : 0)),
    mean_similarity: mean((record) => record.similarity),
    mean_composite_score: mean((record) => record.composite_score),
    mean_edit_accuracy: mean((record) => record.edit_accuracy),
    mean_collateral_damage: mean((record) => record.collateral_damage),
    mean_elapsed_seconds: mean((record) => record.elapsed_seconds),
  };
  const output = `runs/eval_${name}.jsonl`;
  const head = { manifest: "training/manifests/orchard_v1.json", split: "validation", adapter };
  const printed = { ...head, summary, output_jsonl: output, sample_records: records.slice(0, 3) };
  write(join(folder, `eval_${name}.json`), indented(printed));
  write(join(folder, `eval_${name}.jsonl`), jsonLines(records));
}
