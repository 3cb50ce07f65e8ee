// What runs are compared by: a value of the config under the name that every experiment has for it.
import * as z from "zod/mini";

export const factNames = ["seed", "learningRate", "beta", "groupSize", "model", "dataset"] as const;
export type FactName = (typeof factNames)[number];

export const factSchema = z.object({
  /** One of `factNames`; a newer agent may know more. */
  name: z.string(),
  /** The key path of the config that holds it; null where the launch or the program's own default gave it. */
  key: z.nullable(z.string()),
  value: z.union([z.number(), z.string(), z.boolean()]),
});

export type RecordedFact = z.infer<typeof factSchema>;

/** Runs from before facts were recorded have none. */
export const factsSchema = z._default(z.array(factSchema), []);

const words: Readonly<Record<FactName, string>> = {
  seed: "seed",
  learningRate: "learning rate",
  beta: "beta",
  groupSize: "group size",
  model: "model",
  dataset: "dataset",
};

export const factWords = (name: string): string => words[name as FactName] ?? name;

/** As a table shows it: a small rate is 5e-6, whatever its config calls it. */
export function factValueWords(value: RecordedFact["value"]): string {
  if (typeof value !== "number") return String(value);
  const size = Math.abs(value);
  return size !== 0 && size < 1e-3 ? value.toExponential() : String(value);
}
