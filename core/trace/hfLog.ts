// What one log of Hugging Face's Trainer means, wherever it was written: state file, stdout, ms-swift (formats/gui-and-trainers.md 3.1).
import { canonicalName } from "../metrics/names";
import { isFields, numberOf, type Fields } from "../base/json";

/** The last log of a run: means and speeds of the whole run, no point of any curve (5.11, `mean-as-final`). */
export function isRunSummary(log: Fields): boolean {
  return "train_runtime" in log;
}

/** Whether a dict or object is one log of the Trainer: a number, and the epoch or a field that only it writes. */
export function isTrainerLog(value: unknown): value is Fields {
  if (!isFields(value)) return false;
  const known = "epoch" in value || "train_runtime" in value || "eval_runtime" in value || "eval_loss" in value;
  if (!known && !("loss" in value && ("learning_rate" in value || "grad_norm" in value))) return false;
  return Object.entries(value).some(([key, v]) => key !== "epoch" && key !== "step" && numberOf(v) !== null);
}

/** Every log of an evaluation: nothing in it was measured while training. */
export function isEvaluation(log: Fields): boolean {
  return Object.keys(log).every((key) => /^(eval|test|predict)_/.test(key) || key === "epoch" || key === "step");
}

/** `train_loss` is the mean over the whole run, so it is never the loss. */
export function hfCanonical(raw: string): string | null {
  const bare = raw.replace(/^train\//, "");
  if (bare === "train_loss") return "train_loss";
  return bare === raw ? null : canonicalName(bare);
}
