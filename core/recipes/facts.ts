// What runs are compared by, and where in a config it stands. A recipe names the keys; the first one that is there counts.
import { numberAt, valueAt } from "./configText";

export const factNames = ["seed", "learningRate", "beta", "groupSize", "model", "dataset"] as const;
export type FactName = (typeof factNames)[number];

export interface Fact {
  /** The key path that holds it: what `--set` and an editor change. */
  key: string;
  value: number | string | boolean;
}

/** Absent: the config leaves it to the program. */
export type Facts = Partial<Record<FactName, Fact>>;

export function factsAt(doc: unknown, keys: Readonly<Partial<Record<FactName, readonly string[]>>>): Facts {
  const facts: Facts = {};
  for (const name of factNames) {
    for (const key of keys[name] ?? []) {
      const value = valueOf(valueAt(doc, key)) ?? numberAt(doc, key);
      if (value === null) continue;
      // A number that PyYAML reads as text is one for the person who compares runs.
      facts[name] = { key, value: numberAt(doc, key) ?? value };
      break;
    }
  }
  return facts;
}

function valueOf(value: unknown): Fact["value"] | null {
  if (typeof value === "number" || typeof value === "boolean") return value;
  if (typeof value === "string") return value === "" ? null : value;
  const parts = Array.isArray(value) ? value.map(nameOf).filter((each) => each !== null) : [];
  return parts.length === 0 ? null : parts.join(", ");
}

/** A dataset in a list is a text, or a mapping with its path or name. */
function nameOf(entry: unknown): string | null {
  if (typeof entry === "string") return entry;
  for (const key of ["path", "name", "dataset"]) {
    const value = valueAt(entry, key);
    if (typeof value === "string") return value;
  }
  return null;
}
