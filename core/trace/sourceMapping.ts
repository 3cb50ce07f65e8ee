// What may stand in .runside/sources.yaml: which of a file's columns or fields are what, for CSV and JSON lines that no reader guesses.
// Also the source of media/schemas/sources.schema.json. The messages are ends of sentences: they are shown at their place in the file.
import * as z from "zod/mini";

const texts = {
  files:
    "Globs of the files, such as `logs/*.csv`; without a `/` of their names alone, else of the ends of their paths.",
  kind: "`csv` (with a line of names; commas, semicolons or tabs) or `jsonl` (one JSON object a line).",
  delimiter: "What parts the columns of a CSV, where it is not the one found most often in the first line.",
  step: "Column or field that counts the training's steps. Fields inside others are written with dots: `info.step`.",
  time: "Column or field with the wall time: seconds or milliseconds since 1970, or a date. Places the rest on the run's steps.",
  metrics:
    "Columns or fields that are curves: a list, or a mapping to the names they are to have (`Belohnung: reward`). All numbers where it is absent.",
  series:
    "Column or field whose words part the curves, such as `split`: `loss` becomes `eval/loss` where it says val, eval or test, stays `loss` where it says train, and gets the word itself before it elsewhere.",
  prompt: "Column or field with what a model was asked; makes each row a sample of a rollout, with `completion`.",
  completion: "Column or field with what the model wrote: a text, or a list of several.",
  reward: "Column or field with the sample's reward; a list where the completion is one.",
  gold: "Column or field with the right answer.",
  group:
    "Column or field that names the group of samples to compare; rows with the same prompt and step where it is absent.",
} as const;

const name = z.string({ error: "must be the name of a column or field" }).check(z.minLength(1, "is empty"));
const glob = z
  .string({ error: "must be a glob such as logs/*.csv" })
  .check(z.minLength(1, "is empty"), z.maxLength(200, "is longer than 200 characters"));

const shape = {
  files: z.union([glob, z.array(glob).check(z.minLength(1, "is empty"))], {
    error: "must be a glob or a list of globs",
  }),
  kind: z.enum(["csv", "jsonl"], { error: "must be csv or jsonl" }),
  delimiter: z.optional(z.enum([",", ";", "\t", "|"], { error: 'must be one of "," ";" "|" and "\\t"' })),
  step: z.optional(name),
  time: z.optional(name),
  metrics: z.optional(
    z.union([z.array(name), z.record(z.string(), name)], {
      error: "must be a list of names, or a mapping of names to names",
    }),
  ),
  series: z.optional(name),
  prompt: z.optional(name),
  completion: z.optional(name),
  reward: z.optional(name),
  gold: z.optional(name),
  group: z.optional(name),
};
for (const [key, schema] of Object.entries(shape))
  z.globalRegistry.add(schema, { description: texts[key as keyof typeof texts] });

export const sourceMappingSchema = z.strictObject(shape, {
  error: (issue) => (issue.code === "invalid_type" ? "a source is a mapping with files and kind" : undefined),
});

export const sourceMappingsSchema = z.strictObject(
  { sources: z.array(sourceMappingSchema, { error: '"sources" must be a list' }) },
  {
    error: (issue) => (issue.code === "invalid_type" ? "the file is a mapping with a list called sources" : undefined),
  },
);

export type SourceMapping = z.infer<typeof sourceMappingSchema>;

/** What media/schemas/sources.schema.json holds; a test compares. */
export function sourcesJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(sourceMappingsSchema, { target: "draft-7", io: "input" }) as Record<string, unknown>;
  return { ...schema, title: "Runside sources (.runside/sources.yaml)" };
}
