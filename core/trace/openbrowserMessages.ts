// The messages of OpenBrowser's trainers (formats/rlvr-openbrowser.md B2.2): one pattern a kind, and a group's rollouts read again.
import { numberOf } from "../base/json";
import type { RolloutBody } from "./reader";

/** `%(asctime)s - %(name)s - %(levelname)s - %(message)s`, or basicConfig's `INFO:__main__:message`. */
export const MESSAGE =
  /^(?:(?<asctime>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}) - (?<logger>[\w.]+) - (?<level>[A-Z]+) - |(?<level2>[A-Z]+):(?<logger2>[\w.]+):)(?<msg>.*)$/;

export const patterns = {
  step: /^\s*Step (?<step>\d+)(?:\/(?<stotal>\d+))?(?: \(prompt (?<i>\d+)\/(?<n>\d+)\)| \[multi-turn\])?: (?<kv>[a-z_]+=[^\s,]+(?:, [a-z_]+=[^\s,]+)*)$/,
  skip: /^\s*Step (?<step>\d+) \(prompt (?<i>\d+)\/(?<n>\d+)\): avg_reward=(?<r>\S+) \[SKIPPED: (?:(?<zero>all-zero)|low-var=(?<var>[\d.]+)), (?<consec>\d+) consecutive\]$/,
  epoch: /^Epoch (?<e>\d+) (?:complete|summary): (?<kv>.*)$/,
  sft: /^Epoch (?<e>\d+), Step (?<step>\d+): loss=(?<loss>[^\s,]+)(?:, avg_loss=(?<avg>\S+))?$/,
  reward: /^Rollout (?<g>\d+): (?:browser_)?reward=(?<r>[-\d.]+) \(actions_executed=(?<x>-?\d+)\/(?<a>\d+)\)$/,
  text: /^Rollout (?<g>\d+): (?<a>\d+) actions parsed\. Text \(first 200 chars\): (?<text>[\s\S]*)$/,
  noActions: /^No valid actions parsed from rollout (?<g>\d+)\. Generated text \(first 300 chars\): (?<text>[\s\S]*)$/,
  start: /^Starting (?<what>.*?): (?<n>\d+) (?:prompts|samples)(?:, G=(?<G>\d+))?(?:, kl(?:_coeff)?=(?<kl>[\d.e-]+))?/,
} as const;

/** `best_reward=0.450@3` is the best of one prompt's group, at a step; `nonzero_rewards=4/100` counts rollouts. */
export function numbersOfStep(text: string): [string, number][] {
  return [...text.matchAll(/([a-z_]+)=([^\s,]+)/g)].flatMap(([, name = "", value = ""]): [string, number][] => {
    const of = /^(\d+)\/(\d+)$/.exec(value);
    if (of) {
      return [
        [name, Number(of[1])],
        [`${name}_of`, Number(of[2])],
      ];
    }
    const number = numberOf(value.replace(/@\d+$/, ""));
    return number === null ? [] : [[name, number]];
  });
}

/** `avg_reward` is the mean of one prompt's group; trainers have no other reward on a step line. */
export const canonicalNames: Readonly<Record<string, string>> = {
  avg_reward: "reward",
  pg_loss: "loss/pg",
  clipped: "clip_frac",
  avg_kl: "kl",
  "epoch.avg_reward": "epoch/reward",
  "epoch.avg_kl": "epoch/kl",
  "epoch.avg_loss": "epoch/loss",
  "prompt.reward": "eval/reward",
};

const troubles: readonly [string, RegExp][] = [
  [
    "log-aborted",
    /FormFactory app\.py not found|Failed to start FormFactory server, aborting|did not start within 30 seconds|Failed to restart FormFactory|No prompts evaluated/,
  ],
  ["log-fallback", /checkpoint not found at |falling back to base model|training from (?:base model|LoRA init)/i],
  ["log-not-finite", /NaN\/Inf (?:in per-token log-probs|logits|(?:cur_|old_|ref_)?log_prob)|NaN loss at batch/],
  ["log-out-of-memory", /CUDA out of memory|OutOfMemoryError/],
];

/** What makes a job that ends with success a failed one (B4, rows B1, B3, B4, B18). */
export function troubleIn(line: string): { code: string; message: string } | null {
  const found = troubles.find(([, pattern]) => pattern.test(line));
  return found ? { code: found[0], message: `The log says: ${line.trim().slice(0, 200)}` } : null;
}

/** The messages of one prompt's rollouts, as they stand in the log: texts are their first 200 or 300 characters. */
export function readLoggedRollout(record: string): RolloutBody | null {
  const messages: string[] = [];
  for (const line of record.split(/\r?\n/)) {
    const message = MESSAGE.exec(line)?.groups?.msg;
    if (message !== undefined) messages.push(message);
    else if (messages.length > 0) messages.push(`${messages.pop() ?? ""}\n${line}`);
  }
  const samples = new Map<number, RolloutBody["samples"][number]>();
  const extra: Record<string, string> = {};
  for (const message of messages) {
    const text = patterns.text.exec(message)?.groups ?? patterns.noActions.exec(message)?.groups;
    const scored = patterns.reward.exec(message)?.groups;
    const g = Number((text ?? scored)?.g);
    if (!text && !scored) continue;
    const held = samples.get(g) ?? { text: "", reward: null, parts: {}, tokens: null, finish: null };
    samples.set(g, text ? { ...held, text: text.text ?? "" } : { ...held, reward: Number(scored?.r) });
    if (scored) extra[`executed ${String(g)}`] = `${String(scored.x)} of ${String(scored.a)}`;
  }
  if (samples.size === 0) return null;
  const ordered = [...samples].sort(([a], [b]) => a - b).map(([, sample]) => sample);
  const nothing = { promptId: null, prompt: "", reference: null, images: [], expected: null, expectedBox: null };
  return { ...nothing, samples: ordered, extra };
}
