// `runside episodes` as people use it: which trajectories were a success, by whose rule, and where nobody says.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { EpisodeHeader } from "../../core/model/episode";
import { Home } from "../../remote-agent/disk/home";
import { episodePage, readEpisode } from "../../remote-agent/index/episodeQuery";
import { Target } from "../../remote-agent/index/target";
import { projectRoot } from "../../scripts/folders";
import { builtAgent, runside } from "../support/builtAgent";
import { tempFolder } from "../support/tempFolder";

beforeAll(() => builtAgent(), 60_000);

const shared = join(projectRoot, "../shared/fixtures");
const isThere = existsSync(shared);
if (!isThere) console.warn(`skipped: ${shared} is not there, so no success was compared with the teams' own scorers`);

async function episodes(folder: string): Promise<EpisodeHeader[]> {
  const { code, out, err } = await runside(tempFolder("home"), ["episodes", folder, "--json"]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return (JSON.parse(out) as { rows: EpisodeHeader[] }).rows;
}

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = tempFolder("episodes");
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

const jsonl = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
const click = (x: number, y: number): string =>
  `Explain:click home icon on page_3.\tAction: click(start_box='(${String(x)},${String(y)})')`;
const row = (task: string, history: string, answer: string, prediction: string, more: object = {}): object => ({
  ...{ task, images: ["datas/images/page_3.png"], source: "sub4", bbox_norm: [919, 60, 1119, 260], path: 1 },
  messages: [
    { role: "user", content: `<image>Instruction: ${task.toLowerCase()}. History: ${history}` },
    { role: "assistant", content: answer },
  ],
  prediction,
  ...more,
});
const done = "Explain: this is target page.\tAction: complete";
const second = "step1: click home icon on page_3.";

describe("the success of an episode", () => {
  it("is GE-Lab's sum of scores, not the right types of actions: a click beside its box fails the task", async () => {
    const folder = folderOf({
      "predictions.jsonl": jsonl([
        row("From page_3 to page_1", "Null", click(1019, 160), click(1019, 160)),
        row("From page_3 to page_1", second, done, done, { bbox_norm: [0, 0, 0, 0] }),
        row("From page_3 to page_2", "Null", click(1019, 160), click(10, 900)),
        row("From page_3 to page_2", second, done, done, { bbox_norm: [0, 0, 0, 0] }),
        // Nothing in the file says when a grounding is right, and it is part of no task.
        {
          ...row("icon_grounding", "Null", "", ""),
          ...{ idx: 7, path: null, source: "icon_grounding", bbox_norm: null },
          messages: [
            { role: "user", content: "<image>Locate the home icon." },
            { role: "assistant", content: "action: CLICK\tpoint:<|box_start|>(864,62)<|box_end|>" },
          ],
          prediction: "action: CLICK\tpoint:(10,900)",
        },
      ]),
    });
    const said = (await episodes(folder)).map((e) => [e.episodeId, e.typeMatches, e.clickHits, e.success]);
    expect(said).toEqual([
      ["From page_3 to page_1", 2, 1, true],
      ["From page_3 to page_2", 2, 0, false],
      ["icon_grounding 7", 1, 0, null],
    ]);
    const { out } = await runside(tempFolder("home"), ["episodes", folder]);
    expect(out).toMatch(/icon_grounding 7 +1 +1\/1 +0\/0 +- /);
  });

  it("is nobody's to say of OpenAdapt's training log and demo prompts, and its own rule's of its step log", async () => {
    const action = { type: "click", x: 0.5, y: 0.5, text: null };
    const evaluation = { epoch: 0, sample_idx: 0, image_path: "a.png", human_action: action, correct: true };
    const step = { episode_id: "e1", goal: "g", user_prompt: "u", ground_truth_action: action, pred_action: action };
    const folder = folderOf({
      "training_log.json": JSON.stringify({
        ...{ job_id: "j", losses: [{ epoch: 0, step: 1, loss: 1, lr: 0.1 }] },
        evaluations: [{ ...evaluation, predicted_action: { ...action, x: 0.9 }, distance: 0.4 }],
      }),
      "results/experiment.json": JSON.stringify({
        ...{ timestamp: "t", provider: "p", demo: "d" },
        test_cases: [
          { test_case: { name: "c", task: "t" }, results: { zero_shot: { action: "CLICK(20, 8)", response: "r" } } },
        ],
      }),
      "eval/samples.jsonl": jsonl([
        { ...step, step_index: 0, correct_type: true, coord_error_norm: 0.2 },
        { ...step, step_index: 1, correct_type: true, coord_error_norm: 0.01 },
        { ...step, episode_id: "e2", step_index: 0, correct_type: false, coord_error_norm: 0.01 },
      ]),
    });
    const said = (await episodes(folder)).map((e) => [e.episodeId, e.typeMatches, e.clickHits, e.success]);
    expect(said.sort()).toEqual([
      ["c: zero_shot", null, null, null],
      ["e1", 2, 1, true],
      ["e2", 0, 1, false],
      ["epoch 0", 1, 0, null],
    ]);
  });

  it.skipIf(!isThere)("is what the teams' own scorers found in their own files", async () => {
    const gelab = await episodes(join(shared, "gelab/generated"));
    expect([
      gelab.length,
      gelab.filter((e) => e.success).length,
      gelab.filter((e) => e.success === null).length,
    ]).toEqual([14, 3, 0]);
    const openadapt = await episodes(join(shared, "openadapt/generated"));
    const own = openadapt.filter(({ source }) => source.endsWith("_samples.jsonl"));
    expect(own.map((e) => e.success).sort()).toEqual([false, false, true]);
    expect(openadapt.filter((e) => !own.includes(e)).every((e) => e.success === null)).toBe(true);
  });
});

describe("what files say of an episode beside its actions", () => {
  const listed = async (folder: string): Promise<Record<string, unknown>> => {
    const rows = await episodes(folder);
    return Object.fromEntries(rows.map(({ episodeId, goal, success, extra }) => [episodeId, { goal, success, extra }]));
  };

  it("is kept: a recorded episode's success and source, also behind a byte order mark", async () => {
    const step = {
      ...{ step_index: 0, action: { type: "done" }, reasoning: "All is filled in.", reward: 0.5, done: true },
      observation: {
        screenshot_path: "a.png",
        window_title: "Orchard",
        app_name: "browser",
        url: "http://a/b",
        dom: "<p>",
      },
    };
    const episode = {
      episode_id: "e",
      instruction: "Pick a pear",
      steps: [step],
      success: false,
      tags: [],
      goal: null,
    };
    const about = { final_reward: 0.25, source: "human", agent_model: "cup-2b", metadata: { season: "late" } };
    const mark = "\uFEFF";
    const folder = folderOf({
      "one.json": mark + JSON.stringify({ ...episode, ...about }),
      "eval/eval_pears_ft.json":
        mark +
        JSON.stringify({
          config_path: "c",
          backend: "b",
          metrics: { num_episodes: 1, num_steps: 4, action_type_accuracy: 0.5 },
        }),
    });
    await expect(listed(folder)).resolves.toEqual({
      e: {
        ...{ goal: "Pick a pear", success: false },
        extra: { final_reward: "0.25", source: "human", agent_model: "cup-2b", metadata: '{"season":"late"}' },
      },
    });
    const evals = await runside(tempFolder("home"), ["evals", folder]);
    expect(evals.out).toMatch(/action_type_accuracy +0\.5000 .*\(n=4\)/);
    const target = Target.open(folder, new Home(tempFolder("home")));
    try {
      await target.index.readOnce(true);
      const [header] = (await episodePage(target, 0, 1)).rows;
      const { steps } = await readEpisode(target, header?.id ?? "", { dialect: "auto", frame: "auto" });
      expect(steps[0]?.extra).toEqual({
        ...{ reasoning: "All is filled in.", reward: "0.5", done: "true" },
        ...{ window_title: "Orchard", app_name: "browser", url: "http://a/b" },
      });
    } finally {
      target.dispose();
    }
  });

  it("is kept of a benchmark: its error, and the instruction that only the task's own file has", async () => {
    const folder = folderOf({
      "tasks/t1/task.json": JSON.stringify({
        task_id: "t1",
        instruction: "Order figs",
        raw_config: {},
        evaluation_spec: {},
      }),
      "tasks/t1/execution.json": JSON.stringify({
        ...{ task_id: "t1", model_id: "m", success: false, score: 0, num_steps: 1, total_time_seconds: 3.5 },
        ...{ error: "The browser went away.\nTraceback", reason: null },
        steps: [
          { step_idx: 0, screenshot_path: "screenshots/step_000.png", action: { type: "click", x: 0.5, y: 0.5 } },
        ],
      }),
    });
    await expect(listed(folder)).resolves.toMatchObject({
      t1: {
        goal: "Order figs",
        success: false,
        extra: { total_time_seconds: "3.5", error: "The browser went away.\nTraceback" },
      },
    });
    expect((await runside(tempFolder("home"), ["inspect", folder])).out).toContain(
      "Task t1 failed: The browser went away.",
    );
  });

  it("is GE-Lab's frame: a click of 0..1000 in a row of canvas pixels is drawn where it was meant, and still a miss", async () => {
    const rows = [
      row("From page_3 to page_1", "Null", click(1019, 160), click(864, 62)),
      row("From page_3 to page_1", second, done, done, { bbox_norm: null }),
    ];
    const folder = folderOf({ "predictions.json": JSON.stringify(rows, null, 1) });
    const [episode] = await episodes(folder);
    expect(episode).toMatchObject({ source: "predictions.json", clickHits: 0, clicks: 1, success: false });
    const { out } = await runside(tempFolder("home"), ["inspect", folder]);
    expect(out).toContain("A predicted click misses its box in the frame of its row and hits it in the other (n1000)");
    // The scorer takes lists as well.
    const scores = await runside(tempFolder("home"), ["evals", folder]);
    expect(scores.out).toContain("all (non-icon)");
    const target = Target.open(folder, new Home(tempFolder("home")));
    try {
      await target.index.readOnce(true);
      const { steps } = await readEpisode(target, episode?.id ?? "", { dialect: "auto", frame: "auto" });
      expect(steps[0]?.predicted).toMatchObject({ x: 864, y: 62, frame: "n1000" });
      expect(steps[0]?.extra).toEqual({ frame: "the point is one of n1000; the scorer counts a miss" });
    } finally {
      target.dispose();
    }
  });
});
