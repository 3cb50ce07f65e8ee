// References as data sets write them, made into what a rule compares with; and what kind of answer they ask for.
import { isFields } from "../base/json";
import { lastBoxed } from "./boxed";
import { goldTexts } from "./lens";

/** Where a record holds the accepted answers instead of being one: verl's `reward_model`, and `gts` of search tasks. */
const around = ["ground_truth", "answer", "target", "solution"];

/**
 * `gold` is the value as the file has it, where that is no text. A record around the answer is opened, and of a whole solution that
 * ends as GSM8K's do (`#### 18`) the number is the reference, as for lm-evaluation-harness.
 */
export function referenceFor(reference: string | null, gold: unknown): unknown {
  return opened(gold ?? reference);
}

function opened(gold: unknown): unknown {
  if (typeof gold === "string") return lastLine(gold) ?? gold;
  if (Array.isArray(gold)) return gold.map(opened);
  const key = isFields(gold) ? around.find((name) => goldTexts(gold[name]) !== null) : undefined;
  return key !== undefined && isFields(gold) ? opened(gold[key]) : gold;
}

/** What stands behind the last `####`, if that is one line and the last. */
function lastLine(text: string): string | null {
  const at = text.lastIndexOf("####");
  const answer = at < 0 ? "" : text.slice(at + 4).trim();
  return answer === "" || answer.includes("\n") ? null : answer;
}

export const goldKinds = ["constraints", "number", "mathematics", "text", "none"] as const;
export type GoldKind = (typeof goldKinds)[number];

/** Of a reference as `referenceFor` gives it. */
export function goldKind(gold: unknown): GoldKind {
  if (namesConstraints(gold)) return "constraints";
  const texts = goldTexts(gold)?.map((text) => text.trim());
  if (!texts || texts.every((text) => text === "")) return "none";
  const all = (test: (text: string) => boolean): boolean => texts.every(test);
  if (all((text) => /^[-+]?\$?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?\s?%?$/.test(text) && /\d/.test(text)))
    return "number";
  return all((text) => lastBoxed(text) !== null || isFormula(text)) ? "mathematics" : "text";
}

function namesConstraints(gold: unknown): boolean {
  if (typeof gold === "string")
    return /^\s*[[{]/.test(gold) && /["'](?:instruction_id(?:_list)?|func_name)["']/.test(gold);
  if (Array.isArray(gold)) return gold.length === 1 && namesConstraints(gold[0]);
  return isFields(gold) && ["instruction_id_list", "instruction_id", "func_name"].some((key) => key in gold);
}

/** No words in it but those of LaTeX. */
function isFormula(text: string): boolean {
  if (text.length > 300 || !/[\d\\^_=+(]/.test(text)) return false;
  const words = text.replace(/\\text\{[^}]*\}/g, "").replace(/\\[A-Za-z]+/g, "");
  return !/[A-Za-z]{3,}/.test(words);
}
