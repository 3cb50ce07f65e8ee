// The login experiment itself at reduced size: it learns, it repeats, it stops when told to, and it writes what real
// trainers write.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { parseConfig, withSeed } from "../../examples/login/src/config";
import { runExperiment } from "../../examples/login/src/experiment";
import type { ExperimentResult } from "../../examples/login/src/experiment";

const configs = fileURLToPath(new URL("../../examples/login/", import.meta.url));
const readConfig = (name: string): string => readFileSync(join(configs, name), "utf8");

/** grpo.yaml, cut down until it takes a few seconds. */
const small = readConfig("grpo.yaml")
  .replace(/train_episodes: \d+/, "train_episodes: 36")
  .replace(/(sft:[^]*?episodes: )\d+([^]*?steps: )\d+/, "$124$290")
  .replace(/(grpo:[^]*?steps: )\d+/, "$160")
  .replace(/warmup_steps: 60/, "warmup_steps: 10")
  .replace(/prompts_per_step: \d+/, "prompts_per_step: 12")
  .replace(/checkpoint_interval: \d+/, "checkpoint_interval: 25")
  .replace(/(eval:[^]*?episodes: )\d+/, "$16");
const tiny = small
  .replace(/(sft:[^]*?steps: )\d+/, "$14")
  .replace(/(grpo:[^]*?steps: )\d+/, "$13")
  .replace(/(eval:[^]*?episodes: )\d+/, "$12");

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "login-"));
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

interface RunOptions {
  readonly stop?: { requested: boolean };
  readonly print?: (line: string) => void;
}

function run(folder: string, configText: string, { stop, print }: RunOptions = {}): Promise<ExperimentResult> {
  return runExperiment({
    config: parseConfig(configText),
    configText,
    configPath: "grpo.yaml",
    outDir: join(root, folder),
    print: print ?? (() => undefined),
    stop: stop ?? { requested: false },
  });
}

const lines = (path: string): Record<string, unknown>[] =>
  readFileSync(join(root, path), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const average = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("the login experiment", () => {
  it("learns: SFT beats the base, and GRPO raises the reward", { timeout: 240_000 }, async () => {
    const { evals, rewards } = await run("learns", small);
    const { base, sft, grpo } = evals;
    for (const trained of [sft, grpo]) {
      expect(trained!.action_type_accuracy).toBeGreaterThan(base!.action_type_accuracy + 0.2);
      expect(trained!.mean_coord_error).toBeLessThan(base!.mean_coord_error ?? Infinity);
      expect(trained!.click_hit_rate).toBeGreaterThan(base!.click_hit_rate ?? 0);
    }
    expect(average(rewards.slice(-6))).toBeGreaterThan(average(rewards.slice(0, 6)) + 0.05);
  });

  it("writes every file, and counters in the order readers rely on", async () => {
    const printed: string[] = [];
    await run("files", tiny, { print: (line) => printed.push(line) });
    const all = readdirSync(join(root, "files"), { recursive: true, encoding: "utf8" });
    for (const file of [
      "config.yaml",
      "trainer.json",
      "checkpoints/sft/config.json",
      "checkpoints/login_grpo_final/weights.bin",
      "eval/eval_base.json",
      "eval/eval_sft.json",
      "eval/eval_grpo.json",
      "eval/samples_grpo.jsonl",
      "sft/metrics.jsonl",
      "screens_eval/episode_0001_login.json",
      "screens_eval/episode_0001/episode_0001_login_step_6.png",
    ]) {
      expect(all).toContain(file);
    }
    const counters = lines("files/traces/trace.jsonl").filter(({ type }) => type === "counter");
    const inOrder = [
      "batch.padding",
      "batch.finish_reasons",
      "batch.reward_vs_len",
      "rewards",
      "metrics",
      "grpo.debug",
    ];
    const perStep = [...inOrder, "reward_stats", "reward_parts"];
    expect(counters.map(({ name }) => name)).toEqual([...perStep, ...perStep, ...perStep]);
    expect(counters.filter(({ name }) => name === "batch.padding").map(({ step }) => step)).toEqual([1, 2, 3]);
    const rollouts = lines("files/traces/rollouts.jsonl");
    expect(rollouts).toHaveLength(36);
    for (const { completions, rewards, images } of rollouts) {
      expect(completions).toHaveLength(8);
      expect(rewards).toHaveLength(8);
      expect(existsSync(join(root, "files", (images as string[])[0]!))).toBe(true);
    }
    expect(
      printed.filter((line) => /^step=\d+ loss=\S+ grad_norm=\S+ reward=\S+ reward_all=\S+$/.test(line)),
    ).toHaveLength(3);
  });

  it("gives the same numbers for the same seed, and others for another", async () => {
    const first = await run("first", tiny);
    const again = await run("again", tiny);
    const other = await run("other", withSeed(tiny, 2));
    expect(again).toEqual(first);
    expect(other.rewards).not.toEqual(first.rewards);
    for (const file of ["eval/samples_grpo.jsonl", "traces/rollouts.jsonl", "sft/metrics.jsonl"]) {
      expect(lines(`again/${file}`)).toEqual(lines(`first/${file}`));
    }
  });

  it("takes up the SFT start it finds, and gets the same result", async () => {
    const printed: string[] = [];
    const fresh = await run("resumed", tiny);
    const resumed = await run("resumed", tiny, { print: (line) => printed.push(line) });
    expect(printed.some((line) => line.startsWith("[sft] starting from"))).toBe(true);
    expect(resumed).toEqual(fresh);
  });

  it("stops after the step at hand with a final checkpoint, and without a false SFT start", async () => {
    const stop = { requested: true };
    expect(await run("stopped", tiny, { stop })).toMatchObject({ stopped: true });
    expect(lines("stopped/sft/metrics.jsonl")).toHaveLength(1);
    expect(existsSync(join(root, "stopped/checkpoints/login_grpo_final/weights.bin"))).toBe(true);
    expect(existsSync(join(root, "stopped/checkpoints/sft"))).toBe(false);
  });
});

describe("the configs", () => {
  it("differ between grpo and grpo-collapse in the learning rate alone, a hundredfold", () => {
    const good = parseConfig(readConfig("grpo.yaml"));
    const bad = parseConfig(readConfig("grpo-collapse.yaml"));
    expect(bad.grpo!.lr).toBeCloseTo(100 * good.grpo!.lr);
    expect({ ...bad, run: good.run, grpo: { ...bad.grpo, lr: good.grpo!.lr } }).toEqual(good);
  });

  it("share everything but grpo with sft.yaml", () => {
    const { run: _run, ...rest } = parseConfig(readConfig("sft.yaml"));
    expect(parseConfig(readConfig("grpo.yaml"))).toMatchObject({ ...rest, grpo: {} });
  });

  it.each([
    [/group_size: .*/, "grop_size: 8", "Unknown key grpo.grop_size"],
    [/clip_eps: .*/, "", "grpo.clip_eps is missing."],
    [/^sft:/m, "stf:", "Unknown key stf"],
    [/beta: .*/, "beta:", "grpo.beta must be a number of at least 0, not null."],
    [/^experiment: .*/m, "", "experiment is missing."],
    [/clip_eps: .*/, "clip_eps: 0.2\n  clop_eps: 1", "Unknown key grpo.clop_eps"],
    [/hidden: .*/, "hidden: wide", 'policy.hidden must be a whole number from 4 to 1024, not "wide".'],
    [/beta: .*/, "beta: -1", "grpo.beta must be a number of at least 0, not -1."],
    [/experiment: .*/, "experiment: logout", "experiment must be"],
    [/name: .*/, "name: a/b", "run.name may hold"],
    [/^/, "{", "The config is not valid YAML"],
  ])("are refused with the key's name: %s → %s", (pattern, replacement, message) => {
    expect(() => parseConfig(readConfig("grpo.yaml").replace(pattern, replacement))).toThrow(message);
  });
});
