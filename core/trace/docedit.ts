// A document-repair evaluation's record of one case (DocEdit's evaluation harness, `EvalRecord`): four scores of the edited document.
import { isFields, numberOf, type Fields } from "../base/json";

/** similarity and edit_accuracy: higher is better; collateral_damage is the share of right lines that were changed. All in 0..1. */
export const caseScores = ["similarity", "edit_accuracy", "collateral_damage", "composite_score"] as const;

export const isCase = (value: unknown): value is Fields =>
  isFields(value) &&
  typeof value.case_id === "string" &&
  typeof value.exact_match === "boolean" &&
  caseScores.every((name) => numberOf(value[name]) !== null);

/** `transformers_local:grpo-final` -> `grpo-final`: what was evaluated, behind how it was run. */
export const modelOf = (adapter: string): string => adapter.slice(adapter.indexOf(":") + 1);
