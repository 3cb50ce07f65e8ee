// What runs are compared by, and where in a config it stands. A recipe names the keys; the first one that is there counts.
import { factNames, type FactName, type RecordedFact } from "../model/fact";
import { valueAt } from "./configText";

export interface Fact {
  /** The key path that holds it: what `--set` and an editor change. Null: the launch or the program's own default gave it. */
  key: string | null;
  value: number | string | boolean;
}

/** Absent: the config leaves it to the program. */
export type Facts = Partial<Record<FactName, Fact>>;

export function factsAt(doc: unknown, keys: Readonly<Partial<Record<FactName, readonly string[]>>>): Facts {
  const facts: Facts = {};
  for (const name of factNames) {
    for (const key of keys[name] ?? []) {
      const value = valueOf(valueAt(doc, key));
      if (value === null) continue;
      facts[name] = { key, value: texts.has(name) ? value : asNumber(value) };
      break;
    }
  }
  return facts;
}

const texts: ReadonlySet<FactName> = new Set(["model", "dataset"]);

/** Environment variables are texts, and PyYAML reads 5e-6 as one: both are numbers for the person who compares runs. */
const asNumber = (value: Fact["value"]): Fact["value"] =>
  typeof value === "string" && /^[-+]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(value)
    ? Number(value.replaceAll("_", ""))
    : value;

/** Where people's own training configs keep what trainers have no name for. */
export const sections = ["training", "trainer", "train", "training_args", "training_arguments"];
export const usualSeeds = ["seed", "run.seed", ...sections.map((section) => `${section}.seed`)];

/** Of a config that no trainer's schema describes: the keys that people mostly use. */
export const usualFacts = (doc: unknown): Facts =>
  factsAt(doc, {
    seed: usualSeeds,
    learningRate: [
      "learning_rate",
      "lr",
      ...sections.flatMap((at) => [`${at}.learning_rate`, `${at}.lr`]),
      "optimizer.lr",
    ],
    beta: ["beta", ...sections.map((at) => `${at}.beta`)],
    groupSize: ["num_generations", ...sections.map((at) => `${at}.num_generations`)],
    model: ["model_name_or_path", "model.name", "model.path", "model"],
    dataset: ["dataset", "dataset_name", "data.dataset", "data.path"],
  });

/** In the order of `factNames`. `seed` is the run's own: it wins over the config's, and says so by having no key. */
export function recordedFacts(facts: Facts, seed: number | null): RecordedFact[] {
  const given = seed === null || facts.seed?.value === seed ? facts : { ...facts, seed: { key: null, value: seed } };
  return factNames.flatMap((name) => {
    const fact = given[name];
    return fact ? [{ name, ...fact }] : [];
  });
}

function valueOf(value: unknown): Fact["value"] | null {
  // JSON has no word for .nan and .inf; the config's own has to do.
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value === "boolean") return value;
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
