// The readers on files that the real trainers wrote, where the folder of shared fixtures lies beside the project.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { openadapt } from "../../../core/actions/dialects/openadapt";
import { detectDialect } from "../../../core/actions/registry";
import type { EvalTable } from "../../../core/model/evaluation";
import type { StepBody, StepEntry } from "../../../core/trace/reader";
import { detectReader } from "../../../core/trace/registry";
import { readDocument, readLines, sampleOf, type Collected } from "./collect";

const root = join(import.meta.dirname, "../../../../shared/fixtures/openadapt");
const isThere = existsSync(root);
if (!isThere) console.warn(`skipped: ${root} is not there, so the readers were not tried on real files`);

function open(path: string): { reader: string | null; collected: Collected; steps: StepBody[] } {
  const bytes = readFileSync(join(root, path));
  const reader = detectReader(sampleOf(path, bytes))?.reader;
  if (!reader) return { reader: null, collected: readNothing, steps: [] };
  if (reader.input === "bytes" || reader.input === "ranges")
    return { reader: reader.id, collected: readNothing, steps: [] };
  const collected = reader.input === "lines" ? readLines(reader, bytes) : readDocument(reader, bytes.toString(), path);
  const ranges = new Map((collected.steps as StepEntry[]).map((s) => [s.offset, s]));
  const steps = [...ranges.values()].flatMap(
    ({ offset, length }) => reader.readSteps?.(bytes.subarray(offset, offset + length).toString(), path) ?? [],
  );
  return { reader: reader.id, collected, steps };
}

const readNothing: Collected = { points: [], rollouts: [], steps: [], evaluations: [], facts: {}, diagnostics: [] };
const samplesFile = "generated/eval_login_coord_scripted_samples.jsonl";
const episodeFile = (i: number): string =>
  `generated/synthetic_login_coord_scripted_eval/episode_000${String(i)}_login.json`;

describe.skipIf(!isThere)("OpenAdapt's own files", () => {
  it("are told apart by content; what is another format is left alone", () => {
    const claimed = readdirSync(root, { recursive: true, encoding: "utf8" })
      .filter((path) => /\.jsonl?$/.test(path))
      .flatMap((path) => (open(path).reader === null ? [] : [`${basename(path)}: ${String(open(path).reader)}`]))
      .sort();
    expect(claimed).toEqual([
      "config.json: openadapt-training-config",
      "episode_0000_login.json: openadapt-episode",
      "episode_0001_login.json: openadapt-episode",
      "episode_0002_login.json: openadapt-episode",
      "eval_login_coord_scripted.json: openadapt-eval",
      "eval_login_coord_scripted_samples.jsonl: openadapt-samples",
      "eval_qwen2_5_login.json: openadapt-eval",
      "eval_qwen3_2b_base_login.json: openadapt-eval",
      "eval_qwen3_2b_base_login_hardened.json: openadapt-eval",
      "eval_qwen3_2b_ft_login.json: openadapt-eval",
      "eval_qwen3_2b_ft_login_hardened.json: openadapt-eval",
      "experiment_20251231_002125.json: openadapt-demo-prompt",
      "sample_data.json: openadapt-episode",
      "training_log.json: openadapt-training",
    ]);
  });

  it("have samples whose texts our dialect reads as their own parser did", () => {
    const { steps, collected } = open(samplesFile);
    expect(steps).toHaveLength(18);
    expect(collected.diagnostics).toEqual([]);
    for (const step of steps) {
      const { span: _span, ...action } = openadapt.parse(step.predictedText ?? "").actions[0] ?? { kind: "other" };
      expect(action).toEqual(step.predicted);
    }
    expect(detectDialect(steps.map((step) => step.predictedText ?? ""))).toMatchObject({ confidence: 17 / 18 });
  });

  it("have samples from which their evaluator's numbers follow", () => {
    const { steps, collected } = open(samplesFile);
    const [table] = open("generated/eval_login_coord_scripted.json").collected.evaluations as EvalTable[];
    const value = (name: string): unknown => table?.metrics.find((metric) => metric.name === name)?.value;
    const entries = collected.steps as StepEntry[];
    expect(entries.filter((s) => s.typeMatch).length / entries.length).toBe(value("action_type_accuracy"));
    const distances = steps.flatMap((s) => (s.distance === null ? [] : [s.distance]));
    expect(distances.reduce((a, b) => a + b, 0) / distances.length).toBeCloseTo(Number(value("mean_coord_error")), 12);
    // Nine clicks were expected and eight predicted; the file's click_hit_rate is over the eight.
    const clicks = entries.filter((s) => s.clickHit !== null);
    const hits = clicks.filter((s) => s.clickHit).length;
    expect([clicks.length, distances.length, hits / distances.length]).toEqual([9, 8, value("click_hit_rate")]);
    expect(steps.every((step) => step.images.length === 2 && step.predictedText !== null)).toBe(true);
    const first = steps[0]?.images[0] ?? "";
    expect(existsSync(join(root, "generated/synthetic_login_coord_scripted_eval", first))).toBe(true);
  });

  it("have evals whose rates come with their n", () => {
    const [table] = open("generated/eval_login_coord_scripted.json").collected.evaluations as EvalTable[];
    const n = Object.fromEntries((table?.metrics ?? []).map((metric) => [metric.name, metric.n]));
    expect(n).toMatchObject({
      action_type_accuracy: 18,
      mean_coord_error: 8,
      click_hit_rate: 8,
      episode_success_rate: 3,
    });
    expect([n.bbox_hit_rate, n.element_accuracy]).toEqual([null, 0]);
    const [legacy] = open("experiments/qwen_login/legacy/eval_qwen3_2b_ft_login.json").collected
      .evaluations as EvalTable[];
    expect(legacy?.label).toBe("ft");
    expect(legacy?.metrics.find((metric) => metric.name === "mean_coord_error")).toMatchObject({ value: null, n: 0 });
  });

  it("have episodes with screenshots and boxes, and the boxes inferred from samples are those", () => {
    const inferred = new Map(open(samplesFile).steps.map((s) => [`${s.episodeId} ${String(s.index)}`, s.expectedBox]));
    for (const i of [0, 1, 2]) {
      const { steps } = open(episodeFile(i));
      expect(steps.map((step) => step.expected?.kind)).toEqual(["click", "type", "click", "type", "click", "done"]);
      for (const step of steps) {
        expect(existsSync(join(root, "generated", step.images[0] ?? ""))).toBe(true);
        expect(step.goal).toContain("Log in");
        const guess = inferred.get(`${step.episodeId} ${String(step.index)}`);
        expect(guess === null).toBe(step.expectedBox === null);
        // Centres are whole pixels, so the guess may be half a pixel off.
        step.expectedBox?.forEach((edge, at) => expect(Math.abs(edge - (guess?.[at] ?? NaN))).toBeLessThan(0.6 / 600));
      }
    }
    const flat = open("examples/sample_data.json");
    expect(flat.steps.map((step) => step.expected?.kind)).toEqual(["click", "type", "click", "type", "click", "done"]);
    expect(flat.steps[0]?.images).toEqual(["screenshots/step_0.png"]);
  });
});
