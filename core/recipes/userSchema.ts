// The schema of .runside/recipes.yaml. Also the source of media/schemas/recipes.schema.json and of the editor's completions.
import * as z from "zod/mini";
import { factNames } from "../model/fact";

export const fieldTexts = {
  "": {
    recipes: "How configs of this workspace are run. These extend the built-in recipes and win where both fit.",
  },
  recipe: {
    id: "Short name, used on the command line and in the run's record. The id of a built-in recipe replaces it.",
    title: "What the editor shows.",
    match: "Which configs this recipe runs; everything given must fit.",
    command: "One command as a list of arguments. Nothing passes through a shell.",
    commands: "Several commands, run in this order, each only if the one before it succeeded.",
    cwd: "Folder in which the commands start, relative to the workspace. The workspace itself where it is absent.",
    env: "Environment variables. Secrets belong in the editor's secret storage, not here.",
    setup:
      "Shell text before the command, like `source .venv/bin/activate`: runs as written, in the command's folder, shown before the launch.",
    progress: "How the step is read from the log.",
    outputFromLog: "Regular expression over log lines with a group `path`: the line that names the output folder.",
    watch: "Folders, relative to cwd, in which the program writes besides {out}.",
    expects: "Globs of files, inside the output folder, that a successful run has written.",
    inputs: "Globs, relative to the workspace, of files that git ignores and the run needs.",
    gpus: "GPUs that a run takes from the queue: a number, `none`, or the key of the config that holds the number.",
    seed: "Key of the config that holds the seed, like `run.seed`.",
    facts:
      "Where the config says what runs are compared by, as keys like `training.lr`. The usual keys where it is absent.",
  },
  match: {
    files: "Globs of the config's path, relative to the workspace; one must fit.",
    keys: "Keys that the config must have, like `training.lr`.",
    values: "Values that the config must have, by key.",
  },
  progress: {
    pattern: "Regular expression over log lines with a group `step`, and `total` if the log says it.",
    total: "Number of steps, or the key of the config that holds it.",
  },
} as const;

const key = z.string().check(z.regex(/^[^.\s]+(\.[^.\s]+)*$/, "is no key path like run.seed"));
const text = z.string().check(z.minLength(1, "is empty"));
const glob = z.string().check(z.minLength(1, "is empty"), z.maxLength(300, "is longer than 300 characters"));
const argv = z.array(z.string()).check(z.minLength(1, "has no program"));
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()], {
  error: "is not a text, number, boolean or null",
});

/** Keeps each field's description beside it, in the JSON schema too. */
function described<T extends z.core.$ZodShape>(shape: T, texts: Record<keyof T & string, string>): T {
  for (const [name, schema] of Object.entries(shape)) {
    z.globalRegistry.add(schema, { description: texts[name] ?? "" });
  }
  return shape;
}

const matchSchema = z.strictObject(
  described(
    {
      files: z.optional(z.array(glob).check(z.minLength(1, "is empty"))),
      keys: z.optional(z.array(key).check(z.minLength(1, "is empty"))),
      values: z.optional(z.record(key, scalar)),
    },
    fieldTexts.match,
  ),
);

const progressSchema = z.strictObject(
  described(
    { pattern: text, total: z.optional(z.union([z.number(), key], { error: "is neither a number nor a key" })) },
    fieldTexts.progress,
  ),
);

export const userRecipeSchema = z.strictObject(
  described(
    {
      id: z.string().check(z.regex(/^[a-z0-9][a-z0-9_-]{0,40}$/, "is not made of a-z, 0-9, - and _")),
      title: z.optional(text),
      match: matchSchema,
      command: z.optional(argv),
      commands: z.optional(z.array(argv).check(z.minLength(1, "is empty"))),
      cwd: z.optional(z.string()),
      env: z.optional(
        z.record(
          z.string().check(z.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "is no name of an environment variable")),
          z.string(),
        ),
      ),
      setup: z.optional(text),
      progress: z.optional(progressSchema),
      outputFromLog: z.optional(text),
      watch: z.optional(z.array(text)),
      expects: z.optional(z.array(glob)),
      inputs: z.optional(z.array(glob)),
      gpus: z.optional(
        z.union([z.int().check(z.minimum(0), z.maximum(1024)), key], {
          error: "is neither a number, `none` nor a key",
        }),
      ),
      seed: z.optional(key),
      facts: z.optional(z.partialRecord(z.enum(factNames), key)),
    },
    fieldTexts.recipe,
  ),
);

export const userRecipesSchema = z.strictObject(described({ recipes: z.array(userRecipeSchema) }, fieldTexts[""]));

export type UserRecipe = z.infer<typeof userRecipeSchema>;

/** What media/schemas/recipes.schema.json holds; a test compares. */
export function recipesJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(userRecipesSchema, { target: "draft-7", io: "input" }) as Record<string, unknown>;
  return { ...schema, title: "Runside recipes (.runside/recipes.yaml)" };
}
