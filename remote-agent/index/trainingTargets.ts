// Texts that a model is to learn, read as its dialect will read them: a target that does not come back as what it means is learnt
// for nothing (formats/gui-and-trainers.md 1.6.7). Said in the problems of the file and at the step.
import { dialectById } from "../../core/actions/registry";
import { readsAs } from "../../core/actions/roundTrip";
import type { TrainingTarget } from "../../core/trace/reader";

/** Why the target is not read as what it means; null where it is, or where nobody knows its dialect. */
export function targetProblem({ text, dialect, means }: TrainingTarget): string | null {
  const known = dialectById(dialect);
  return known ? (readsAs(known, text, [means]).why ?? null) : null;
}
