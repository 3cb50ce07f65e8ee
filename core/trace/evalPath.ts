// Which benchmark and which training step an evaluation belongs to, told from its folder where the file does not say it.

/** The last `step20`, `step_20`, `checkpoint-20` of a path; null where there is none. */
export function stepOfPath(path: string): number | null {
  const found = [...path.matchAll(/(?:^|[/_-])(?:step|checkpoint)[_-]?(\d+)(?=[/_.-]|$)/gi)].at(-1)?.[1];
  return found === undefined ? null : Number(found);
}

/** `evals/gsm8k/step20/…`, `evals/gsm8k_pass32/…`, else the nearest folder that is not a step or a shard; "" for none. */
export function benchmarkOfPath(path: string): string {
  const folders = path.split("/").slice(0, -1);
  const plain = (name: string): string => name.replace(/_pass\d+$/, "");
  const evals = folders.lastIndexOf("evals");
  if (evals >= 0) return plain(folders[evals + 1] ?? "");
  const named = folders.filter((name) => !/^(step|checkpoint|shard|pass-at-k)[_-]?[\w-]*$/i.test(name));
  return plain(named.at(-1) ?? "");
}

/** Which task, after which step: as an evaluation table is labelled. */
export const labelOfEval = (benchmark: string, step: number | null, otherwise = "eval"): string =>
  [benchmark || otherwise, ...(step === null ? [] : [`step ${String(step)}`])].join(" ");
