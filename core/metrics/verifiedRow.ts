// One prompt of an RLVR evaluation with its verdict, from the record shapes of scripts/eval_checkpoint.py, eval_pass_at_k.py and
// verify_lm_eval_samples.py (formats/rlvr-openbrowser.md A2.5). Shared by the scorers of summaries and of pass@k.
import { isFields, numberOf, textOf, type Fields } from "../base/json";

export interface VerifiedRow {
  id: string;
  /** Which script's record it is: they are summed up differently. */
  kind: "answer" | "instructions" | "relabelled";
  correct: boolean;
  level: string | null;
  subject: string | null;
  task: string | null;
  /** Instructions that were followed, of how many. */
  followed: number;
  instructions: number;
}

/** null for a completion that nobody has judged, and for groups of completions. */
export function verifiedRow(record: Fields): VerifiedRow | null {
  const id = wordOf(record.id ?? record.doc_id ?? record.idx);
  if (id === null || typeof record.completion !== "string") return null;
  const said = isFields(record.verification) ? record.verification : null;
  const from = { ...record, ...said };
  const common = {
    id,
    level: wordOf(from.level),
    subject: wordOf(from.subject) ?? wordOf(from.type),
    task: textOf(record.task),
    followed: countOf(from.pass_count) ?? 0,
    instructions: countOf(from.total_count) ?? 0,
  };
  if (said && typeof said.all_pass === "boolean") return { ...common, kind: "instructions", correct: said.all_pass };
  // eval_math_checkpoint.py writes the reward alone, and counts what is above one half.
  const reward = record.idx === undefined ? null : numberOf(record.reward);
  if (reward !== null) return { ...common, kind: "answer", correct: reward > 0.5 };
  if (typeof from.correct !== "boolean") return null;
  return { ...common, kind: said ? "answer" : "relabelled", correct: from.correct };
}

const wordOf = (value: unknown): string | null =>
  typeof value === "number" || (typeof value === "string" && value !== "") ? String(value) : null;

const countOf = (value: unknown): number | null => {
  const number = numberOf(value);
  return number !== null && Number.isInteger(number) && number >= 0 ? number : null;
};

/** One prompt's completions. Above 0 is right, partial credit too. */
export interface VerifiedGroup {
  id: string;
  completions: number;
  correct: number;
  /** In the completions' order; null where only their number is told. */
  scores: number[] | null;
}

/** null for a prompt whose completions nobody has judged. */
export function verifiedGroup(record: Fields): VerifiedGroup | null {
  const id = wordOf(record.prompt_id);
  if (id === null) return null;
  const written: unknown[] = Array.isArray(record.completions) ? record.completions : [];
  const listed: unknown[] = Array.isArray(record.scores)
    ? record.scores
    : written.map((one) => (isFields(one) ? one.score : undefined));
  const scores = listed.flatMap((score) => numberOf(score) ?? []);
  if (scores.length > 0 && scores.length === listed.length)
    return { id, completions: scores.length, correct: scores.filter((score) => score > 0).length, scores };
  const [completions, correct] = [countOf(record.num_completions), countOf(record.num_correct)];
  return completions !== null && completions > 0 && correct !== null
    ? { id, completions, correct, scores: null }
    : null;
}
