// The answer that a prompt's samples are compared with, as its file has it: a text to show, and the value where that is more than a text.
import { isFields, type Fields } from "../base/json";
import { shown } from "./document";
import { sharedReference } from "./groups";

export interface Gold {
  /** As people see it. */
  reference: string | null;
  /** Several accepted answers, IFEval's constraints, or a record around the answer; only where it is no text or number. */
  gold?: unknown;
}

export function goldOf(value: unknown): Gold {
  if (value === undefined || value === null) return { reference: null };
  return { reference: shown(value), ...(typeof value === "object" ? { gold: value } : {}) };
}

/** The one answer of a group whose samples each name it; none where they differ. */
export const sharedGold = (values: readonly unknown[]): Gold =>
  sharedReference(values) === null ? { reference: null } : goldOf(values[0]);

/** IFEval writes what a text must keep beside the prompt, and no answer (formats/rlvr-openbrowser.md A2.5). */
export function constraintsOf(fields: Fields): Fields | undefined {
  const { instruction_id_list, instruction_id, kwargs } = fields;
  if (Array.isArray(instruction_id_list)) return { instruction_id_list, kwargs: kwargs ?? [] };
  return Array.isArray(instruction_id) ? { instruction_id, kwargs: kwargs ?? [] } : undefined;
}

/** The first of these keys that says something. */
export function goldAt(fields: Fields, keys: readonly string[]): unknown {
  const key = keys.find((name) => fields[name] !== undefined && fields[name] !== null);
  return key === undefined ? undefined : fields[key];
}

export const goldOfRecord = (value: unknown, keys: readonly string[]): unknown =>
  isFields(value) ? (goldAt(value, keys) ?? constraintsOf(value)) : undefined;
