// Every file of the shared fixtures and the reader that opens it, and what the files' own scorers made of them, recomputed.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { numberOf, parseJsonLine, isFields, type Fields } from "../../../core/base/json";
import { gelabBlocks, type GelabRow } from "../../../core/metrics/gelabScore";
import type { EvalTable } from "../../../core/model/evaluation";
import { toUnit } from "../../../core/trace/gelab";
import { rowOf } from "../../../core/trace/gelabRecord";
import type { RolloutBody, StepBody, StepEntry } from "../../../core/trace/reader";
import { detectReader, readerById } from "../../../core/trace/registry";
import { readDocument, readLines, sampleOf, type Collected } from "./collect";

const root = join(import.meta.dirname, "../../../../shared/fixtures");
const isThere = existsSync(root);
if (!isThere) console.warn(`skipped: ${root} is not there, so the readers were not tried on the teams' own files`);

const expectedReader: Readonly<Record<string, string>> = {
  "gelab/datas/main/sft.json": "gelab-dataset",
  "gelab/datas/main/st_rl.json": "gelab-dataset",
  "gelab/demo/ui_structure.json": "gelab-pages",
  "gelab/generated/sft_predictions.scripted.jsonl": "gelab-predictions",
  "gelab/generated/sft_predictions.scripted.scores.stdout.txt": "gelab-scores",
  "gelab/koh-dev-sft/datas/eval_sub4_summary.json": "gelab-summary",
  "gelab/koh-dev-sft/datas/icon_grounding.excerpt30.json": "gelab-dataset",
  "gelab/koh-dev-sft/datas/sft.regenerated_excerpt60.json": "gelab-dataset",
  "gelab/koh-dev-sft/datas/test.excerpt30.json": "gelab-dataset",
  "gelab/koh-dev-sft/eval_results/interactive_test.json": "gelab-interactive",
  "openadapt/examples/sample_data.json": "openadapt-episode",
  "openadapt/experiments/qwen_login/2b_dev/eval/eval_qwen3_2b_base_login_hardened.json": "openadapt-eval",
  "openadapt/experiments/qwen_login/2b_dev/eval/eval_qwen3_2b_ft_login_hardened.json": "openadapt-eval",
  "openadapt/experiments/qwen_login/legacy/eval_qwen2_5_login.json": "openadapt-eval",
  "openadapt/experiments/qwen_login/legacy/eval_qwen3_2b_base_login.json": "openadapt-eval",
  "openadapt/experiments/qwen_login/legacy/eval_qwen3_2b_ft_login.json": "openadapt-eval",
  "openadapt/generated/eval_login_coord_scripted.json": "openadapt-eval",
  "openadapt/generated/eval_login_coord_scripted_samples.jsonl": "openadapt-samples",
  "openadapt/generated/synthetic_login_coord_scripted_eval/episode_0000_login.json": "openadapt-episode",
  "openadapt/generated/synthetic_login_coord_scripted_eval/episode_0001_login.json": "openadapt-episode",
  "openadapt/generated/synthetic_login_coord_scripted_eval/episode_0002_login.json": "openadapt-episode",
  "openadapt/generated/training_output/20260102_192239/config.json": "openadapt-training-config",
  "openadapt/generated/training_output/20260102_192239/training.log": "openadapt-log",
  "openadapt/generated/training_output/20260102_192239/training_log.json": "openadapt-training",
  "openadapt/openadapt_ml/experiments/demo_prompt/results/experiment_20251231_002125.json": "openadapt-demo-prompt",
  "openbrowser/stats_openbrowser.json": "openbrowser-benchmark",
  "openbrowser/train.json": "mind2web",
  "rlvr/code_plots.codeData.json": "rlvr-curves",
  "rlvr/gsm8k_plots.run-grpo-lr5e6.json": "rlvr-curves",
  "rlvr/ifeval_plots.run-sm-lr1e5-beta1e4.json": "rlvr-curves",
  ...(readerById("lm-eval-results")
    ? Object.fromEntries(["base_0", "exp1_0", "exp1_4", "exp1_8"].map((n) => [`rlvr/${n}shot.json`, "lm-eval-results"]))
    : {}),
};

interface Opened {
  collected: Collected;
  steps: StepBody[];
  rollouts: (RolloutBody | null)[];
}

function open(path: string): Opened {
  const bytes = readFileSync(join(root, path));
  const reader = detectReader(sampleOf(path, bytes))?.reader;
  if (!reader || reader.input === "bytes" || reader.input === "ranges")
    throw new Error(`${path} is no text that is read`);
  const collected = reader.input === "lines" ? readLines(reader, bytes) : readDocument(reader, bytes.toString(), path);
  const cut = (offset: number, length: number): string => bytes.subarray(offset, offset + length).toString();
  const ranges = new Map((collected.steps as StepEntry[]).map((s) => [s.offset, s]));
  const steps = [...ranges.values()].flatMap((s) => reader.readSteps?.(cut(s.offset, s.length), path) ?? []);
  const rollouts = (collected.rollouts as { offset: number; length: number; held?: number }[]).map(
    ({ offset, length, held = 0 }) => reader.readRollout?.(cut(offset - held, length), held) ?? null,
  );
  return { collected, steps, rollouts };
}

const tables = (path: string): EvalTable[] => open(path).collected.evaluations as EvalTable[];
const json = (path: string): Fields => {
  const parsed = parseJsonLine(readFileSync(join(root, path), "utf8"));
  return parsed.ok && isFields(parsed.value) ? parsed.value : {};
};

describe.skipIf(!isThere)("the teams' own files", () => {
  const files = isThere
    ? readdirSync(root, { recursive: true, encoding: "utf8" }).filter((path) => statSync(join(root, path)).isFile())
    : [];

  it("are each opened by one reader; launch configs, schemas, read-mes, plots and images by none", () => {
    const claimed = files.flatMap((path) => {
      const reader = detectReader(sampleOf(path, readFileSync(join(root, path))))?.reader.id;
      return reader === undefined ? [] : [[path, reader]];
    });
    expect(Object.fromEntries(claimed)).toEqual(expectedReader);
  });

  it("say something each, without a problem in reading them", () => {
    for (const path of Object.keys(expectedReader)) {
      if (expectedReader[path]?.startsWith("lm-eval")) continue;
      const { points, rollouts, steps, evaluations, facts, diagnostics } = open(path).collected;
      const said = points.length + rollouts.length + steps.length + evaluations.length + Object.keys(facts).length;
      expect([path, said > 0]).toEqual([path, true]);
      const problems = diagnostics.filter((d) => !/(mixed-frames|unit-clash):/.test(d));
      expect([path, problems]).toEqual([path, []]);
    }
  });

  it("GE-Lab: its static scorer's printed blocks follow from its predictions", () => {
    const lines = readFileSync(join(root, "gelab/generated/sft_predictions.scripted.jsonl"), "utf8").trim().split("\n");
    const rows = lines.flatMap((line): GelabRow[] => {
      const row = rowOf(JSON.parse(line));
      if (row?.target === null || row?.prediction === null || !row) return [];
      return [{ ...row, target: row.target, prediction: row.prediction }];
    });
    const printed = tables("gelab/generated/sft_predictions.scripted.scores.stdout.txt").map(({ label, metrics }) => {
      const [{ value, n } = { value: NaN, n: NaN }] = metrics;
      return { name: label, total: n, correct: Math.round(Number(value) * Number(n)) };
    });
    expect(printed).toHaveLength(18);
    expect(gelabBlocks(rows).map(({ name, total, correct }) => ({ name, total, correct }))).toEqual(printed);
  });

  it("GE-Lab: the interactive evaluation misses as its read-me says, in canvas pixels", () => {
    const { collected, steps } = open("gelab/koh-dev-sft/eval_results/interactive_test.json");
    const entries = collected.steps as StepEntry[];
    expect(entries).toHaveLength(76);
    const clicks = entries.filter((s) => s.clickHit !== null);
    expect([clicks.length, clicks.filter((s) => s.clickHit === false).length]).toEqual([75, 67]);
    expect(entries.filter((s) => s.typeMatch === false)).toHaveLength(1);
    const points = steps.flatMap((s) => (s.predicted?.kind === "click" ? [s.predicted] : []));
    expect(points.every((p) => p.frame === "canvas")).toBe(true);
    expect([Math.max(...points.map((p) => p.x ?? 0)), Math.max(...points.map((p) => p.y ?? 0))]).toEqual([1034, 2278]);
    const [table] = collected.evaluations as EvalTable[];
    const overall = table?.metrics.find((metric) => metric.name === "overall");
    expect(overall).toMatchObject({ value: 0.3, n: 10 });
    expect([Number(overall?.low).toFixed(2), Number(overall?.high).toFixed(2)]).toEqual(["0.11", "0.60"]);
    expect(new Set(entries.filter((s) => s.success).map((s) => s.episodeId)).size).toBe(3);
    // "Stuck-loop in 6 tasks": three equal steps one after another.
    const same = (a: StepBody, b: StepBody | undefined): boolean =>
      b?.episodeId === a.episodeId && b.predictedText === a.predictedText && b.images[0] === a.images[0];
    const stuck = steps.flatMap((s, i) => (same(s, steps[i - 1]) && same(s, steps[i - 2]) ? [s.episodeId] : []));
    expect([...new Set(stuck)].map((id) => id.slice(0, 6))).toEqual([3, 5, 6, 7, 8, 9].map((n) => `task ${String(n)}`));
  });

  it("GE-Lab: both frames of its data sets lie in the boxes of its pages", () => {
    const pages = open("gelab/demo/ui_structure.json");
    expect(pages.collected.facts).toEqual({ pages: 231, elements: 685 });
    const boxes = new Map(pages.steps.map((s) => [`${s.episodeId} ${s.expected?.element ?? ""}`, s.expectedBox]));
    const frames = new Map<string, number>();
    let [inside, known] = [0, 0];
    for (const path of ["datas/sft.regenerated_excerpt60.json", "datas/icon_grounding.excerpt30.json"]) {
      for (const { expected, images, goal } of open(`gelab/koh-dev-sft/${path}`).steps) {
        if (expected?.kind !== "click" || !expected.frame) continue;
        frames.set(expected.frame, (frames.get(expected.frame) ?? 0) + 1);
        const page = /page_\d+/.exec(images[0] ?? "")?.[0] ?? "";
        const name =
          expected.element ??
          [...boxes.keys()]
            .find((k) => k.startsWith(`${page} `) && goal?.includes(k.slice(page.length + 1)))
            ?.slice(page.length + 1);
        const box = boxes.get(`${page} ${name ?? ""}`);
        const at = toUnit({ x: expected.x ?? NaN, y: expected.y ?? NaN }, expected.frame);
        if (!box || !at) continue;
        known++;
        if (at.x >= box[0] && at.x <= box[2] && at.y >= box[1] && at.y <= box[3]) inside++;
      }
    }
    expect([...frames].sort()).toEqual([
      ["canvas", 25],
      ["n1000", 45],
    ]);
    expect([inside, known]).toEqual([known, known]);
    expect(known).toBeGreaterThan(60);
    const main = [...open("gelab/datas/main/sft.json").steps, ...open("gelab/datas/main/st_rl.json").steps];
    expect(main.map((s) => s.expected?.frame)).toEqual(["n1000", "n1000", "n1000", "n1000"]);
    expect(open("gelab/koh-dev-sft/datas/eval_sub4_summary.json").collected.facts).toMatchObject({ total_tasks: 2162 });
  });

  it("OpenAdapt: the log and its JSON say the same losses; `correct` at 0.4 to 0.75 is no hit", () => {
    const folder = "openadapt/generated/training_output/20260102_192239/";
    const values = (file: string, raw: string): number[] =>
      open(folder + file).collected.points.flatMap((p) => (p.startsWith(`${raw}@`) ? [Number(p.split(" = ")[1])] : []));
    const [exact, rounded] = [values("training_log.json", "loss"), values("training.log", "loss")];
    expect(exact).toHaveLength(12);
    expect(exact.map((v) => v.toFixed(4))).toEqual(rounded.map((v) => v.toFixed(4)));
    const { collected } = open(`${folder}training_log.json`);
    expect((collected.steps as StepEntry[]).map((s) => s.clickHit)).toEqual([false, false, false, false, false, false]);
    expect(collected.diagnostics).toEqual([expect.stringMatching(/unit-clash/)]);
  });

  it("OpenAdapt: three arms of three cases, the control among them", () => {
    const arms = tables("openadapt/openadapt_ml/experiments/demo_prompt/results/experiment_20251231_002125.json");
    expect(arms.map(({ label, episodes }) => [label, episodes])).toEqual([
      ["zero_shot", 3],
      ["with_demo", 3],
      ["control", 3],
    ]);
  });

  it("OpenBrowser: what its statistics say follows from its runs, and every action of Mind2Web is read", () => {
    const path = "openbrowser/stats_openbrowser.json";
    const [table] = tables(path);
    const value = (name: string): unknown => table?.metrics.find((metric) => metric.name === name);
    expect(value("pass_rate")).toMatchObject({ value: 1, n: 30 });
    expect(value("duration_s")).toMatchObject({ value: 77, low: 71.1, high: 84.4, n: 5 });
    const { rollouts } = open(path);
    expect(rollouts.map((r) => r?.samples.length)).toEqual([5, 5, 5, 5, 5, 5]);
    const tasks = open("openbrowser/train.json");
    expect(tasks.steps.every((s) => s.expected !== null && s.expected.kind !== "other")).toBe(true);
  });

  it("RLVR: curves have every finite value of their files, and the summaries' last ones", () => {
    const { collected } = open("rlvr/code_plots.codeData.json");
    const at = (raw: string): [number, number][] =>
      collected.points
        .filter((p) => p.startsWith(`${raw}@`))
        .map((p): [number, number] => [Number(/@(\S+) /.exec(p)?.[1]), Number(p.split(" = ")[1])]);
    const rewards = at("reward_overall");
    const [summary, base] = collected.evaluations as EvalTable[];
    const said = (table: EvalTable | undefined, name: string): unknown =>
      table?.metrics.find((m) => m.name === name)?.value;
    expect(rewards).toHaveLength(208);
    expect(said(summary, "final_reward")).toBe(rewards.at(-1)?.[1]);
    expect(said(summary, "avg_reward")).toBeCloseTo(rewards.slice(-10).reduce((sum, [, v]) => sum + v, 0) / 10, 10);
    expect(said(summary, "humaneval")).toBe(at("eval_humaneval_accuracy").at(-1)?.[1]);
    expect(said(base, "mbpp_test")).toBe(0.5571);
    const run = json("rlvr/gsm8k_plots.run-grpo-lr5e6.json");
    const gsm8k = open("rlvr/gsm8k_plots.run-grpo-lr5e6.json").collected;
    const written = Object.entries(run).flatMap(([name, list]) =>
      Array.isArray(list) && !/^steps$|_(steps|k)$|^passk/.test(name)
        ? list.filter((v: unknown) => numberOf(v) !== null).map(() => name)
        : [],
    );
    expect(gsm8k.points).toHaveLength(written.length);
    expect((gsm8k.evaluations as EvalTable[]).length).toBe(
      Object.keys(run).filter((name) => /^passk.*_rate$/.test(name)).length,
    );
  });
});
