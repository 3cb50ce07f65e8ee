// What a file's records were made by, told from its name: `eval_qwen_base.json` -> base, `samples_grpo.jsonl` -> grpo.

const policies = ["base", "sft", "ft", "grpo", "dapo", "drgrpo", "ppo", "dpo", "gkd", "rl", "claude", "dummy"];

export function stemOf(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return name.replace(/\.(jsonl|ndjson|json)$/i, "");
}

const validation = ["val", "valid", "validation", "eval", "evaluation", "test"];

/** "val" for rollouts of a validation: only their folder and their file's name may say so, because any run may be called a test. */
export function labelOfRollouts(path: string): string {
  const words = path
    .toLowerCase()
    .split("/")
    .slice(-2)
    .join("/")
    .split(/[^a-z]+/);
  return words.some((word) => validation.includes(word)) ? "val" : "";
}

/** The first policy word in the file's name, or "". */
export function labelOfPath(path: string): string {
  const words = stemOf(path)
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  return words.find((word) => policies.includes(word)) ?? "";
}
