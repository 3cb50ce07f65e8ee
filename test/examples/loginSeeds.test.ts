// The example's claim, on the built trainer and its own configs: it learns for seeds 1, 2 and 3, and the collapse collapses. A seed
// takes half a minute of a core, so one is played unless RUNSIDE_SEEDS ("1,2,3") names others.
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const login = join(__dirname, "..", "..", "examples", "login");
const folder = mkdtempSync(join(tmpdir(), "runside-seeds-"));
const trainer = join(folder, "train.mjs");

beforeAll(async () => {
  await build({
    entryPoints: [join(login, "src", "train.ts")],
    outfile: trainer,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    banner: { js: 'import{createRequire}from"node:module";const require=createRequire(import.meta.url);' },
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function train(config: string, seed: number): Promise<string> {
  const out = join(folder, `${config}-${seed}`);
  const args = [trainer, "--config", join(login, config), "--out", out, "--seed", String(seed)];
  await promisify(execFile)(process.execPath, args, { maxBuffer: 64 << 20 });
  return out;
}

type Metrics = Record<string, number | null>;
const metricsOf = (out: string, label: string): Metrics =>
  (JSON.parse(readFileSync(join(out, "eval", `eval_${label}.json`), "utf8")) as { metrics: Metrics }).metrics;

function rewardsOf(out: string): number[] {
  const lines = readFileSync(join(out, "traces", "trace.jsonl"), "utf8")
    .split("\n")
    .filter((l) => l.includes('"reward_stats"'));
  return lines.map((line) => (JSON.parse(line) as { reward_overall: number }).reward_overall);
}

const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** A null counts as worse than any number. */
function beats(a: number | null | undefined, b: number | null | undefined, lower = false): boolean {
  if (a === null || a === undefined) return false;
  if (b === null || b === undefined) return true;
  return lower ? a < b : a > b;
}

const seeds = (process.env["RUNSIDE_SEEDS"] ?? "1").split(",").map(Number);

describe("grpo.yaml", () => {
  it.each(seeds)("learns with seed %i", { timeout: 240_000 }, async (seed) => {
    const out = await train("grpo.yaml", seed);
    const base = metricsOf(out, "base");
    for (const label of ["sft", "grpo"]) {
      const trained = metricsOf(out, label);
      for (const name of ["action_type_accuracy", "click_hit_rate", "episode_success_rate"]) {
        expect(beats(trained[name], base[name]), `${label} ${name}`).toBe(true);
      }
      expect(beats(trained["mean_coord_error"], base["mean_coord_error"], true), `${label} error`).toBe(true);
      expect(trained["episode_success_rate"], label).toBeGreaterThan(0.5);
    }
    const rewards = rewardsOf(out);
    const tenth = Math.floor(rewards.length / 10);
    expect(mean(rewards.slice(-tenth))).toBeGreaterThan(mean(rewards.slice(0, tenth)));
  });
});

describe("grpo-collapse.yaml", () => {
  it("ends below half of the reward it starts with", { timeout: 240_000 }, async () => {
    const rewards = rewardsOf(await train("grpo-collapse.yaml", 1));
    const tenth = Math.floor(rewards.length / 10);
    expect(mean(rewards.slice(-tenth))).toBeLessThan((rewards[0] ?? 0) / 2);
  });
});
