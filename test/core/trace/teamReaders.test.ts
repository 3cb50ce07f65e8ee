// What is particular to the readers of the five teams: places told by paths, joins, and rewards taken apart.
import { describe, expect, it } from "vitest";
import { iconOf } from "../../../core/metrics/gelabScore";
import { anyOfFirst, passAtK } from "../../../core/metrics/passAtK";
import type { EvalTable } from "../../../core/model/evaluation";
import { benchmarkOfPath, stepOfPath } from "../../../core/trace/evalPath";
import { actionOfText, frameOfBox, frameOfPoint } from "../../../core/trace/gelab";
import { joinPrompt } from "../../../core/trace/joinPrompts";
import { openbrowserData } from "../../../core/trace/readers/openbrowserData";
import { fieldAccuracy, openbrowserResults } from "../../../core/trace/readers/openbrowserResults";
import { rlvrEvalHistory } from "../../../core/trace/readers/rlvrEvalHistory";
import { Collector } from "./collect";

describe("evaluations told by their folder", () => {
  it.each([
    ["evals/gsm8k/step20/summary.json", "gsm8k", 20],
    ["run_1/evals/aime_pass32/step200/shard_3/summary.json", "aime", 200],
    ["evals/gsm8k/pass-at-k-512-v2/merged_summary.json", "gsm8k", null],
    ["math/summary.jsonl", "math", null],
    ["/data/checkpoints/x_step40", "data", 40],
    ["summary.json", "", null],
  ])("%s", (path, benchmark, step) => {
    expect([benchmarkOfPath(path), stepOfPath(path)]).toEqual([benchmark, step]);
  });

  it("are labelled by benchmark and step, and drawn as one curve", () => {
    const sink = new Collector();
    const parser = rlvrEvalHistory.open(sink, undefined, "evals/pears/summary.jsonl");
    for (const step of [20, 40]) {
      const line = new TextEncoder().encode(
        `{"step": ${String(step)}, "accuracy": 0.5, "n_correct": 20, "n_examples": 40}`,
      );
      parser.line(line, 0, line.length, 0);
    }
    const found = sink.collected.evaluations as EvalTable[];
    expect(found.map(({ label, step, benchmark }) => [label, step, benchmark])).toEqual([
      ["pears step 20", 20, "pears"],
      ["pears step 40", 40, "pears"],
    ]);
    expect(sink.collected.points).toEqual(["eval/pears@20 = 0.5", "eval/pears@40 = 0.5"]);
  });
});

describe("pass@k", () => {
  it("is what counting all choices of k gives", () => {
    expect(passAtK(4, 1, 1)).toBeCloseTo(0.25, 12);
    expect(passAtK(4, 2, 2)).toBeCloseTo(1 - 1 / 6, 12);
    expect([passAtK(4, 0, 4), passAtK(4, 1, 4), passAtK(4, 3, 2)]).toEqual([0, 1, 1]);
    expect(passAtK(3, 1, 4)).toBeNaN();
    expect([anyOfFirst([0, 0.4, 1], 1), anyOfFirst([0, 0.4, 1], 2)]).toEqual([0, 1]);
  });
});

/** The vectors of formats/gui-and-trainers.md 2.5, parse_model_output. */
describe("GE-Lab's grammar", () => {
  it.each([
    ["Explain:click home icon on page_46.\tAction: click(start_box='(1019,160)')", [1019, 160]],
    ["click(start_box='<|box_start|>(12,34)<|box_end|>')", [12, 34]],
    ["explain: click A_1 icon.\taction: CLICK\tpoint:(864, 62)", [864, 62]],
    ["Explain:click A_1 (2,3) icon on page_1.\tAction: click(start_box='(500,600)')", [2, 3]],
    ["<think>action: complete?</think>Explain:click A icon.\tAction: click(start_box='(5,6)')", "done"],
    ["(12.5,34)", null],
    ["(-5,34)", null],
    ['{"coordinate": [5, 6]}', null],
    ["Explain:click Business_20", null],
  ])("%s", (text, expected) => {
    const action = actionOfText(text, null);
    expect(action === null || action.kind === "done" ? (action?.kind ?? null) : [action.x, action.y]).toEqual(expected);
  });

  it("names an icon as the original's pattern does, in time that grows with the text", () => {
    for (const text of [
      "Explain:click home icon on page_3.",
      "click  Pears and plums_12  icon, click figs icon",
      "click\nhome icon",
      "click ho\nme icon, click figs icon",
      "click icon icon",
      "click  icon",
      "clicked home icon",
      "click home",
    ])
      expect([text, iconOf(text)]).toEqual([text, /click\s+(.*?)\s+icon/.exec(text)?.[1]?.trim() ?? null]);
    const hostile = `click${" ".repeat(500_000)}`;
    expect([iconOf(hostile), actionOfText(hostile, null)]).toEqual([null, null]);
  });

  it("tells its frames apart by boxes and by points", () => {
    expect([frameOfBox([919, 60, 1119, 260]), frameOfBox([60, 60, 260, 260])]).toEqual(["canvas", "canvas"]);
    expect([frameOfBox([207, 582, 377, 660]), frameOfBox([402, 492, 572, 570])]).toEqual(["n1000", "n1000"]);
    expect([frameOfPoint({ x: 1019, y: 160 }), frameOfPoint({ x: 160, y: 160 })]).toEqual(["canvas", "canvas"]);
    expect([frameOfPoint({ x: 864, y: 62 }), frameOfPoint({ x: 911, y: 905 })]).toEqual(["n1000", "n1000"]);
  });
});

describe("OpenBrowser's results", () => {
  it.each([
    [{ reward: 0.2, actions: 3, executed: 3, success_page: false }, 0],
    [{ reward: 1, actions: 3, executed: 3, success_page: true }, 1],
    [{ reward: 0.65, actions: 4, executed: 3, success_page: false }, 1],
    [{ reward: 0.5, actions: 2, executed: 1, success_page: true }, 0],
    [{ reward: 0, actions: 0 }, null],
    [{ reward: 0, error: "net" }, null],
  ])("%j was right in %s of its fields", (prompt, accuracy) => {
    expect(fieldAccuracy(prompt)).toBe(accuracy);
  });

  it("get their prompts from the data by place", () => {
    const results = JSON.stringify({
      avg_reward: 1,
      per_prompt: [{ prompt_idx: 1, reward: 1, actions: 1, executed: 1 }],
    });
    const form = {
      instruction: "Pick",
      response: "Step 1: Pick",
      form_name: "pick",
      ground_truth_fields: { Name: "Ana" },
    };
    const rollout = openbrowserResults.readRollout?.(results, 0);
    const data = openbrowserData.readRollout?.(JSON.stringify(form));
    if (!rollout || !data) throw new Error("nothing was read");
    expect(rollout.dataRow).toBe(1);
    expect(joinPrompt(rollout, data)).toMatchObject({
      prompt: "Pick",
      reference: "Step 1: Pick",
      extra: { "data.form_name": "pick", "data.field Name": "Ana", actions: "1" },
    });
  });
});
