// The benchmark's metrics: a case small enough for pencil and paper, and the original evaluator's own numbers.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import { parseOutput } from "../../examples/login/src/dsl";
import { computeMetrics } from "../../examples/login/src/metrics";
import type { EvaluatedStep } from "../../examples/login/src/metrics";

const box = [0.4, 0.2, 0.6, 0.4] as const;

/** A step of which `output` was written; clicks are due at (0.5, 0.3). */
function step(type: string, output: string): EvaluatedStep {
  const { action, state } = parseOutput(output);
  const at = type === "click" ? { x: 0.5, y: 0.3, bbox: box } : { x: null, y: null, bbox: null };
  return { predicted: action, state, expected: { type, ...at } };
}

describe("computeMetrics", () => {
  it("counts as the definition says", () => {
    const metrics = computeMetrics([
      [
        step("wait", "WAIT()"),
        step("click", "CLICK(x=0.50, y=0.30)"),
        step("type", 'TYPE(text="anything")'),
        step("click", "CLICK(x=0.58, y=0.30)"), // inside the box, too far from its centre
        step("type", 'TYPE(text="else")'),
        step("click", "CLICK(x=0.50, y=0.37)"), // within the milestone's distance
        step("done", "DONE()"),
      ],
      [
        step("wait", "Let me think."),
        step("click", "click it"), // no coordinates: no error to measure, a miss of the box
        step("type", "WAIT()"),
        step("done", "DONE()"),
      ],
    ]);
    expect(metrics).toMatchObject({
      num_episodes: 2,
      num_steps: 11,
      action_type_accuracy: 8 / 11,
      coord_error_count: 3,
      episode_success_rate: 0.5,
      click_hit_rate: 1 / 3,
      bbox_hit_rate: 3 / 4,
      weak_episode_success_rate: 0.5,
      state_success_rate: null,
      element_accuracy: null,
    });
    expect(metrics.mean_coord_error).toBeCloseTo((0 + 0.08 + 0.07) / 3);
    expect(metrics.mean_episode_progress).toBeCloseTo((1 + 1 / 4) / 2);
    expect(metrics.mean_episode_step_score).toBeCloseTo((5 / 7 + 1 / 4) / 2);
  });

  it("says null where there was nothing to count", () => {
    expect(computeMetrics([[step("click", "no idea")]])).toMatchObject({
      mean_coord_error: null,
      coord_error_count: 0,
      click_hit_rate: null,
      bbox_hit_rate: 0,
    });
  });

  it("measures coordinates of a wrong type too", () => {
    const dragged: EvaluatedStep = {
      ...step("drag", "CLICK(x=0.5, y=0.4)"),
      expected: { ...step("click", "").expected, type: "drag" },
    };
    expect(computeMetrics([[dragged]])).toMatchObject({ action_type_accuracy: 0, coord_error_count: 1 });
  });
});

interface OracleLine {
  episode_id: string;
  step_index: number;
  model_output_raw: string;
  ground_truth_action: { type: string; x: number | null; y: number | null; element_index: number | null };
}

interface OracleEpisode {
  steps: { action: { raw: { bbox?: [number, number, number, number] } | null } }[];
}

const generated = fileURLToPath(new URL("../../../shared/fixtures/openadapt/generated/", import.meta.url));
const present = existsSync(generated);

describe("against the original evaluator", () => {
  it.skipIf(!present)(`recomputes its numbers${present ? "" : " (its files are not beside this checkout)"}`, () => {
    const read = (path: string): string => readFileSync(`${generated}${path}`, "utf8");
    const lines = read("eval_login_coord_scripted_samples.jsonl").trim().split("\n");
    const episodes = new Map<string, EvaluatedStep[]>();
    for (const line of lines.map((text) => JSON.parse(text) as OracleLine)) {
      const { type, x, y, element_index: elementIndex } = line.ground_truth_action;
      const episode = JSON.parse(read(`synthetic_login_coord_scripted_eval/${line.episode_id}.json`)) as OracleEpisode;
      const bbox = episode.steps[line.step_index]?.action.raw?.bbox ?? null;
      const { action, state } = parseOutput(line.model_output_raw);
      const steps = episodes.get(line.episode_id) ?? [];
      episodes.set(line.episode_id, [
        ...steps,
        { predicted: action, state, expected: { type, x, y, elementIndex, bbox } },
      ]);
    }
    const expected = (JSON.parse(read("eval_login_coord_scripted.json")) as { metrics: Record<string, number | null> })
      .metrics;
    const actual = computeMetrics([...episodes.values()]) as unknown as Record<string, number | null>;
    expect(Object.keys(actual)).toEqual([...Object.keys(expected), "bbox_total"]);
    for (const [name, value] of Object.entries(expected)) {
      if (value === null) expect(actual[name], name).toBeNull();
      else expect(actual[name], name).toBeCloseTo(value, 10);
    }
  });
});
