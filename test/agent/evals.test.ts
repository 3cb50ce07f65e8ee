// `runside evals` as people use it: what files say beside what their rows give, for every scorer, on the project's own files and,
// where they are there, on the recorded scores of the systems themselves.
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { EvalMetric, EvalTable } from "../../core/model/evaluation";
import { projectRoot } from "../../scripts/folders";
import { builtAgent, runside } from "../support/builtAgent";
import { tempFolder } from "../support/tempFolder";

beforeAll(() => builtAgent(), 60_000);

const traces = join(projectRoot, "test/fixtures/traces");
const shared = join(projectRoot, "../shared/fixtures");
const isThere = existsSync(shared);
if (!isThere) console.log(`left out: no shared fixtures at ${shared}, so nothing was compared with recorded scores`);

async function evals(folder: string): Promise<EvalTable[]> {
  const { code, out, err } = await runside(tempFolder("home"), ["evals", folder, "--json"]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return JSON.parse(out) as EvalTable[];
}

const text = async (folder: string): Promise<string> => (await runside(tempFolder("home"), ["evals", folder])).out;

/** A folder with these files: own fixtures by their path, or what they hold. */
function folderOf(files: Readonly<Record<string, string | readonly unknown[] | object>>): string {
  const folder = tempFolder("evals");
  for (const [path, content] of Object.entries(files)) {
    const to = join(folder, path);
    mkdirSync(dirname(to), { recursive: true });
    if (typeof content === "string") cpSync(join(traces, content), to);
    else if (Array.isArray(content)) writeFileSync(to, content.map((row) => `${JSON.stringify(row)}\n`).join(""));
    else writeFileSync(to, JSON.stringify(content));
  }
  return folder;
}

/** Sums in another order end in another last bit. */
const shown = (value: unknown): string => String(typeof value === "number" ? Number(value.toPrecision(12)) : value);

/** The metrics that were recomputed, as `name: recorded = or ≠ recomputed by scorer`. */
const said = (tables: readonly EvalTable[]): string[] =>
  tables.flatMap(({ metrics, by }) =>
    metrics.flatMap(({ name, value, n, recomputed = [] }) =>
      recomputed.map((own) => {
        const sign = own.difference === null ? "=" : "≠";
        const part = by ? `${by.key} ${by.group}/` : "";
        return `${part}${name}: ${shown(value)} (${String(n)}) ${sign} ${shown(own.value)} (${String(own.n)}) ${own.scorer}`;
      }),
    ),
  );

const metric = (tables: readonly EvalTable[], name: string, scorer?: string): EvalMetric | undefined =>
  tables.filter((table) => table.scorer === scorer).flatMap(({ metrics }) => metrics.filter((m) => m.name === name))[0];

/** What the systems' own evaluators wrote, and the rows it was made from. */
const oracles: readonly { system: string; path: string; metrics: number }[] = [
  { system: "GE-Lab's static scorer", path: "gelab/generated", metrics: 25 },
  { system: "GE-Lab's interactive evaluation", path: "gelab/koh-dev-sft", metrics: 2 },
  { system: "OpenAdapt's trajectory matching", path: "openadapt/generated", metrics: 10 },
];

describe.skipIf(!isThere)("recorded scores, made again from their rows", () => {
  it.each(oracles)("$system: every number that can be, without a difference", async ({ path, metrics }) => {
    const tables = await evals(join(shared, path));
    const recomputed = tables.flatMap((table) => table.metrics.filter((m) => m.recomputed !== undefined));
    expect(recomputed).toHaveLength(metrics);
    expect(said(tables).filter((line) => line.includes("≠"))).toEqual([]);
    const left = tables.filter(({ scorer }) => scorer !== undefined).map(({ source }) => source);
    expect(left).toEqual([]);
    await expect(text(join(shared, path))).resolves.toContain("✓ the same number follows from the rows");
  });

  it("OpenAdapt: to the last bit", async () => {
    const tables = await evals(join(shared, "openadapt/generated"));
    const { metrics } = JSON.parse(
      readFileSync(join(shared, "openadapt/generated/eval_login_coord_scripted.json"), "utf8"),
    ) as { metrics: Record<string, number | null> };
    const own = tables[0]?.metrics.map(({ name, recomputed }) => [name, recomputed?.[0]?.value]);
    const { num_episodes: _e, num_steps: _s, coord_error_count: _c, ...written } = metrics;
    expect(Object.fromEntries(own ?? [])).toEqual(written);
    expect(metric(tables, "bbox_hit_rate")).toMatchObject({ n: null, recomputed: [{ n: 9 }] });
  });

  it("OpenAdapt: without the recorded episodes nothing is said of boxes", async () => {
    const folder = tempFolder("alone");
    for (const name of ["eval_login_coord_scripted.json", "eval_login_coord_scripted_samples.jsonl"])
      cpSync(join(shared, "openadapt/generated", name), join(folder, name));
    const tables = await evals(folder);
    expect(metric(tables, "bbox_hit_rate")?.recomputed).toBeUndefined();
    expect(said(tables)).toHaveLength(9);
  });
});

const click = (name: string, page: string, point: string): string =>
  `Explain:click ${name} icon on ${page}.\tAction: click(start_box='${point}')`;
const done = "Explain: this is target page.\tAction: complete";

/** One GE-Lab row: an instruction with its right answer and what was predicted. */
const gelabRow = (task: string, history: string, target: string, prediction: string, box: number[] | null): object => ({
  task,
  path: 1,
  messages: [
    { role: "user", content: `<image>Instruction: ${task.toLowerCase()}. History: ${history}` },
    { role: "assistant", content: target },
  ],
  images: ["images/page_3.png"],
  bbox_norm: box,
  prediction,
});

describe("GE-Lab", () => {
  const target = click("home", "page_3", "<|box_start|>(40,40)<|box_end|>");
  const box = [20, 20, 60, 60];
  const rows = [
    gelabRow("From page_3 to page_7", "Null", target, click("home", "page_9", "(60,20)"), box),
    gelabRow("From page_3 to page_7", "step1: click home icon on page_3.", done, `<think>no</think>${done}`, null),
    gelabRow("From page_4 to page_7", "Null", target, click("home", "page_3", "(40, 40)"), box),
    // No box to look into: its scorer fails on the row and counts it nowhere.
    gelabRow("From page_5 to page_7", "Null", target, click("home", "page_3", "(40,40)"), null),
  ];
  const block = (name: string, total: number, correct: number): string =>
    `================== \n${name}:\nscore: ${((correct / total) * 100).toFixed(3)}\ntotal: ${total}\ncorrect (sum of scores): ${correct}\n`;

  it("static: blocks, paths and tasks; a number that its rows do not give is said", async () => {
    const printed = [
      block("all (non-icon)", 3, 2),
      block("only complete", 1, 1),
      block("only edge", 2, 2),
      block("path 1", 3, 2),
      "path 1, task total 2\nAverage steps: 1.0\nOverall accuracy: 0.5\n",
    ].join("");
    const folder = folderOf({ "predictions.jsonl": rows });
    writeFileSync(join(folder, "scores.txt"), `\n--- Starting Score Calculation ---\n${printed}`);
    const tables = await evals(folder);
    expect(said(tables)).toEqual([
      "rows all (non-icon)/score: 0.666666666667 (3) = 0.666666666667 (3) gelab-static",
      "rows only complete/score: 1 (1) = 1 (1) gelab-static",
      "rows only edge/score: 1 (2) ≠ 0.5 (2) gelab-static",
      "path 1/score: 0.666666666667 (3) = 0.666666666667 (3) gelab-static",
      "path 1/accuracy: 0.5 (2) = 0.5 (2) gelab-static",
      "path 1/average_steps: 1 (2) = 1 (2) gelab-static",
    ]);
    const out = await text(folder);
    expect(out).toContain(
      "differs: scores.txt: GE-Lab's static scorer gives 0.5 (n=2) for score from predictions.jsonl; the file says 1 (n=2).",
    );
    expect(out).toMatch(/^PATH +score +accuracy +average_steps$/m);
  });

  it("static: predictions alone are scored, with intervals", async () => {
    const tables = await evals(folderOf({ "predictions.jsonl": rows }));
    expect(tables.map(({ by, scorer }) => [by?.key, by?.group, scorer])).toEqual([
      ["rows", "all (non-icon)", "gelab-static"],
      ["rows", "only complete", "gelab-static"],
      ["rows", "only edge", "gelab-static"],
      ["path", "1", "gelab-static"],
    ]);
    expect(tables[0]?.metrics[0]).toMatchObject({ name: "score", n: 3, low: expect.any(Number) as number });
  });

  it("interactive: success is where the last attempt ended, whatever the file concludes", async () => {
    const task = (path: number, source: string, successes: boolean[], final: string): object => {
      const trajectory = [{ step: 1, page: source, response: done, action_type: "complete", coords: null }];
      const passed = { pass_at_1: successes[0], pass_at_k: successes.includes(true) };
      return {
        task_id: 0,
        source,
        target: "page_0",
        path_length: path,
        successes,
        ...passed,
        final_page: final,
        trajectory,
      };
    };
    const folder = folderOf({
      "interactive.json": {
        config: { model_path: "out/checkpoint-4", subtree_indices: [4], max_steps: 12, num_attempts: 2 },
        metrics: {
          path_1: { n_tasks: 3, pass_at_1: 33.333333333333336, pass_at_k: 66.66666666666666 },
          path_2: { n_tasks: 1, pass_at_1: 100, pass_at_k: 100 },
        },
        overall: { total_tasks: 4, pass_at_1: 50, pass_at_k: 75 },
        results: [
          task(1, "page_5", [true, false], "page_5"),
          task(1, "page_6", [false, true], "page_0"),
          task(1, "page_7", [false, false], "page_1"),
          task(2, "page_8", [true, true], "page_0"),
        ],
      },
    });
    expect(said(await evals(folder)).map((line) => line.replace(/ gelab-interactive$/, ""))).toEqual([
      "path@1: 0.333333333333 (3) = 0.333333333333 (3)",
      "path@1 of 2: 0.666666666667 (3) = 0.666666666667 (3)",
      "path@2: 1 (1) = 1 (1)",
      "path@2 of 2: 1 (1) = 1 (1)",
      "overall: 0.5 (4) = 0.5 (4)",
      "overall of 2: 0.75 (4) = 0.75 (4)",
    ]);
  });
});

describe("OpenAdapt", () => {
  const action = (
    type: string,
    x: number | null = null,
    y: number | null = null,
    element: number | null = null,
  ): object => ({
    type,
    x,
    y,
    text: null,
    element_index: element,
  });
  const login = ["click", "type", "click", "type", "click", "done"];
  const truth = (type: string): object => (type === "click" ? action(type, 0.5, 0.5) : action(type));
  const step = (episode: string, index: number, predicted: object, raw = ""): object => ({
    episode_id: episode,
    step_index: index,
    goal: "Open the till",
    model_output_raw: raw,
    pred_action: predicted,
    ground_truth_action: truth(login[index] ?? "done"),
  });
  const right = login.map((type, index) =>
    step("till_0", index, truth(type), index === 5 ? 'State: {"success": true}' : ""),
  );
  // Every type is right, every click is 0.06 off: success without one hit, and weak success, which asks for less than 0.10.
  const near = login.map((type, index) =>
    step("till_1", index, type === "click" ? action("click", 0.56, 0.5) : action(type)),
  );
  // A type instead of a click, with a point all the same: its distance counts. And a click that no parser read.
  const wrong = [step("till_2", 0, action("drag", 0.5, 0.5)), step("till_2", 2, action("fail"))];

  it("judges as its evaluator does: success without a hit, distances of wrong types, unread clicks left out", async () => {
    const folder = folderOf({ "samples_ft.jsonl": [...right, ...near, ...wrong] });
    const tables = await evals(folder);
    const of = (name: string): unknown[] => {
      const { value = NaN, n = NaN } = metric(tables, name, "openadapt") ?? {};
      return [typeof value === "number" ? Number(value.toFixed(6)) : value, n];
    };
    expect(tables).toHaveLength(1);
    expect(of("action_type_accuracy")).toEqual([0.857143, 14]);
    expect(of("mean_coord_error")).toEqual([0.025714, 7]);
    expect(of("click_hit_rate")).toEqual([0.571429, 7]);
    expect(of("episode_success_rate")).toEqual([0.666667, 3]);
    expect(of("weak_episode_success_rate")).toEqual([0.666667, 3]);
    expect(of("mean_episode_step_score")).toEqual([0.5, 3]);
    expect(of("state_success_rate")).toEqual([1, 1]);
    expect(of("element_accuracy")).toEqual([null, 0]);
    expect(metric(tables, "bbox_hit_rate", "openadapt")).toBeUndefined();
  });

  it("marks: the element counts, without a type, and weak success is out of reach", async () => {
    const marked = (index: number, type: string, wanted: number, given: object): object => ({
      ...step("till_0", index, given),
      ground_truth_action: action(type, 0.5, 0.5, wanted),
    });
    const rows = [
      marked(0, "click", 1, action("click", null, null, 1)),
      marked(1, "type", 1, action("click", null, null, 1)),
      marked(2, "click", 2, action("click", null, null, 3)),
    ];
    const tables = await evals(folderOf({ "samples_ft.jsonl": rows }));
    expect(metric(tables, "element_accuracy", "openadapt")).toMatchObject({ value: 2 / 3, n: 3 });
    expect(metric(tables, "mean_coord_error", "openadapt")).toMatchObject({ value: null, n: 0 });
    expect(metric(tables, "mean_episode_step_score", "openadapt")?.value).toBeCloseTo(1 / 3, 12);
    expect(metric(tables, "weak_episode_success_rate", "openadapt")).toMatchObject({ value: 0, n: 1 });
  });

  it("first version: its own four metrics, beside the legacy file's; boxes are joined from episodes of any version", async () => {
    const old = (type: string, x: number | null): object => ({ type, x, y: x, text: null });
    const rows = [
      {
        episode_id: "session_0_login",
        step_index: 0,
        goal: "g",
        pred_action: old("wait", null),
        ground_truth_action: old("wait", null),
      },
      {
        episode_id: "session_0_login",
        step_index: 1,
        goal: "g",
        pred_action: old("click", 0.5),
        ground_truth_action: old("click", 0.5),
      },
    ];
    const metrics = {
      num_episodes: 1,
      num_steps: 2,
      action_type_accuracy: 1,
      mean_coord_error: 0,
      coord_error_count: 1,
      episode_success_rate: 1,
    };
    const folder = folderOf({ "samples_base.jsonl": rows, "eval_base.json": { backend: "qwen3", ...metrics } });
    const tables = await evals(folder);
    expect(said(tables)).toEqual([
      "action_type_accuracy: 1 (2) = 1 (2) openadapt",
      "mean_coord_error: 0 (1) = 0 (1) openadapt",
      "episode_success_rate: 1 (1) = 1 (1) openadapt",
    ]);
    expect(tables[1]?.metrics.map(({ name }) => name)).toEqual(["click_hit_rate"]);

    const flat = {
      id: "till_0",
      goal: "g",
      steps: [
        {
          t: 0,
          observation: { image_path: "a.png" },
          action: { type: "click", x: 0.5, y: 0.5, bbox: [0.5, 0.4, 0.6, 0.6] },
        },
      ],
    };
    const boxed = await evals(folderOf({ "samples_ft.jsonl": right, "episodes/till_0.json": flat }));
    expect(metric(boxed, "bbox_hit_rate", "openadapt")).toMatchObject({ value: 1, n: 1 });
  });

  it("base and tuned of one folder each find their own results", async () => {
    const results = (accuracy: number): object => ({
      backend: "qwen3",
      metrics: {
        num_episodes: 1,
        num_steps: 6,
        action_type_accuracy: accuracy,
        mean_coord_error: null,
        coord_error_count: 3,
      },
    });
    const folder = folderOf({
      "eval_qwen_base.json": results(0.5),
      "eval_qwen_ft.json": results(1),
      "samples_base.jsonl": near,
      "samples_ft.jsonl": right,
    });
    const tables = await evals(folder);
    const found = tables.flatMap(({ label, metrics }) =>
      metrics.flatMap(({ name, recomputed }) =>
        name === "action_type_accuracy" && recomputed ? [[label, recomputed[0]?.difference]] : [],
      ),
    );
    expect(found).toEqual([
      [
        "base",
        "OpenAdapt's trajectory matching gives 1 (n=6) for action_type_accuracy from samples_base.jsonl; the file says 0.5 (n=6).",
      ],
      ["ft", null],
    ]);
    expect(await text(folder)).toContain("base and ft are of other samples: not to be compared.");
  });
});

describe("RLVR and the harness", () => {
  const answer = (id: number, correct: boolean, level: string): object => ({
    id: `fig_${id}`,
    prompt: "Q: How many figs?\nA:",
    completion: " 3",
    gold_answer: "3",
    verification: { reward: correct ? 1 : 0, correct, level, type: "Counting" },
  });

  it("accuracy, levels and subjects of a checkpoint; followed instructions; relabelled samples", async () => {
    const rows = [answer(1, true, "Level 1"), answer(2, false, "Level 1"), answer(3, true, "Level 5")];
    const levels = { "Level 1": 0.5, "Level 5": 1 };
    const folder = folderOf({
      "evals/figs/step20/results.jsonl": rows,
      "evals/figs/step20/summary.json": {
        checkpoint: "out/step20",
        benchmark: "figs",
        n_examples: 3,
        n_correct: 2,
        accuracy: 0.6666666666666666,
        level_accuracy: levels,
      },
    });
    const tables = await evals(folder);
    expect(said(tables)).toEqual([
      "accuracy: 0.666666666667 (3) = 0.666666666667 (3) rlvr-eval",
      "level Level 1: 0.5 (null) = 0.5 (2) rlvr-eval",
      "level Level 5: 1 (null) = 1 (1) rlvr-eval",
    ]);
    expect(tables[1]).toMatchObject({ label: "figs step 20", benchmark: "figs", step: 20, scorer: "rlvr-eval" });
    expect(tables[1]?.metrics).toMatchObject([{ name: "subject Counting", n: 3 }]);
  });

  const group = (id: string, scores: number[]): object => ({
    prompt_id: id,
    num_completions: scores.length,
    num_correct: scores.filter((s) => s > 0).length,
    scores,
  });
  const groups = [group("fig_1", [0, 1, 0, 0.5]), group("fig_2", [0, 0, 0, 0])];
  const summary = (pass: Record<string, number>): object => ({
    benchmark: "figs",
    num_prompts: 2,
    num_completions: 8,
    num_correct: 2,
    overall_pass_rate: 0.25,
    pass_at_k: pass,
  });
  const passFolder = (pass: Record<string, number>): string =>
    folderOf({
      "evals/figs_pass4/step20/verification_results.jsonl": groups,
      "evals/figs_pass4/step20/merged_summary.json": summary(pass),
    });

  it("pass@k: which estimator a summary was made with is found out, and a third one is none", async () => {
    const unbiased = await evals(passFolder({ "pass@1": 0.25, "pass@2": 0.4166666666666667, "pass@4": 0.5 }));
    expect(said(unbiased)).toEqual([
      "pass@1: 0.25 (2) ≠ 0 (2) pass-at-first-k",
      "pass@1: 0.25 (2) = 0.25 (2) pass-at-k",
      "pass@2: 0.416666666667 (2) ≠ 0.5 (2) pass-at-first-k",
      "pass@2: 0.416666666667 (2) = 0.416666666667 (2) pass-at-k",
      "pass@4: 0.5 (2) = 0.5 (2) pass-at-first-k",
      "pass@4: 0.5 (2) = 0.5 (2) pass-at-k",
      "overall_pass_rate: 0.25 (8) = 0.25 (8) pass-at-k",
    ]);
    const first = passFolder({ "pass@1": 0, "pass@2": 0.5 });
    expect(await text(first)).not.toContain("differs:");
    const neither = passFolder({ "pass@1": 0.1, "pass@2": 0.5 });
    expect(await text(neither)).toMatch(
      /differs: \S+merged_summary\.json: Any of the first k gives 0 \(n=2\) for pass@1 /,
    );
  });

  it("the harness: a mean per metric and filter, joined by date; levels as tables of their own", async () => {
    const sample = (doc: number, filter: string, match: number, level: number): object => ({
      doc_id: doc,
      doc: { question: "How many figs?", level },
      target: "3",
      arguments: { gen_args_0: { arg_0: "Q:" } },
      resps: [["3"]],
      filtered_resps: ["3"],
      filter,
      metrics: ["exact_match"],
      exact_match: match,
    });
    const rows = [1, 2, 3, 4].flatMap((doc) => [
      sample(doc, "strict-match", doc > 3 ? 1 : 0, doc % 2),
      sample(doc, "flexible-extract", 1, doc % 2),
    ]);
    const results = (strict: number): object => ({
      results: {
        figs: {
          alias: "figs",
          "exact_match,strict-match": strict,
          "exact_match_stderr,strict-match": 0.25,
          "exact_match,flexible-extract": 1,
        },
      },
      "n-samples": { figs: { original: 4, effective: 4 } },
      configs: {},
    });
    const folder = folderOf({
      "out/samples_figs_2026-01-02T10-00-00.000001.jsonl": rows,
      "out/results_2026-01-02T10-00-00.000001.json": results(0.25),
      "out/results_2026-01-03T10-00-00.000001.json": results(0.5),
    });
    const tables = await evals(folder);
    expect(said(tables)).toEqual([
      "figs/exact_match,strict-match: 0.25 (4) = 0.25 (4) lm-eval",
      "figs/exact_match,flexible-extract: 1 (4) = 1 (4) lm-eval",
    ]);
    const parts = tables.filter(({ by }) => by?.key === "level");
    expect(parts.map(({ by, metrics }) => [by?.group, metrics[0]?.value, metrics[0]?.n])).toEqual([
      ["0", 0.5, 2],
      ["1", 0, 2],
    ]);
    expect(await text(folder)).toMatch(/^figs by level \(computed from out\/samples_figs_/m);
  });
});
