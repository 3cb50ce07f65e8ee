// The text that OpenAdapt's formatter (datasets/next_action.py:107-155; formats/gui-and-trainers.md 1.6.6 and 1.6.7) makes of a
// set-of-marks step. Its generator keeps the mark in action.raw, the formatter looks for it in action.element.
import { isFields, textOf, type Fields } from "../base/json";
import { actionOfRecord } from "./openadaptAction";
import type { TrainingTarget } from "./reader";

/** Null for a step without a mark: other targets are in coordinates, which the generator keeps where they are looked for. */
export function marksTargetOf(action: Fields): TrainingTarget | null {
  const raw = isFields(action.raw) ? action.raw : {};
  const mark = raw.element_index;
  const means = actionOfRecord(action);
  if ((typeof mark !== "number" && typeof mark !== "string") || (means?.kind !== "click" && means?.kind !== "type"))
    return null;
  const element = isFields(action.element) ? action.element.element_id : undefined;
  const known = typeof element === "number" || typeof element === "string" ? `[${String(element)}]` : null;
  const typed = textOf(action.text) ?? "";
  const quoted = `"${typed.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
  const click = known === null ? "ACTION(type=click)" : `CLICK(${known})`;
  const told = means.kind === "click" ? click : `TYPE(${[known, quoted].filter((part) => part !== null).join(", ")})`;
  return {
    text: told,
    dialect: "openadapt",
    means: { kind: means.kind, element: String(mark), ...(means.kind === "type" ? { text: typed } : {}) },
  };
}
