// What openadapt-ml and gelab-env really leave behind (formats/gui-and-trainers.md 1 and 2).
import { jsonl, lines, type Oddity } from "./oddity";

const step = (index: number, pred: object, truth: object, more: object = {}): object => ({
  ...{ episode_id: "episode_0000_login", step_index: index, goal: "Log in", system_prompt: "s", user_prompt: "u" },
  ...{ pred_action: pred, ground_truth_action: truth, correct_type: true, coord_error_norm: null, ...more },
});
const at = (type: string, x: number | null = null, y: number | null = null, text: string | null = null): object => ({
  type,
  x,
  y,
  text,
});
const row = (idx: number, answer: string, more: object): object => ({
  ...{ idx, images: ["datas/images/page_3.png"], source: "sub4", ...more },
  messages: [
    {
      role: "user",
      content: `<image>Instruction: from page_3 to page_9. History: ${idx === 0 ? "Null" : "step1: click A_1 icon on page_3."}`,
    },
    { role: "assistant", content: answer },
  ],
});
const boxed = (x: number, y: number): string =>
  `Explain:click Pear_1 icon on page_3.\tAction: click(start_box='<|box_start|>(${String(x)},${String(y)})<|box_end|>')`;

export const guiOddities: readonly Oddity[] = [
  {
    section: "gui 1.1",
    says: "steps of three vintages in one file: failed or fail, with and without an element and the raw text",
    files: {
      "samples.jsonl": jsonl(
        step(0, at("failed"), at("click", 0.5, 0.5), { correct_type: false, model_output_raw: "CLICK(x=0.5" }),
        step(1, at("click", 0.51, 0.5), at("click", 0.5, 0.5), { coord_error_norm: 0.01 }),
        step(
          2,
          { ...at("fail"), element_index: null },
          { ...at("done"), element_index: null },
          { correct_type: false, element_match: null, model_output_raw: "" },
        ),
      ),
    },
    expected: { readers: { "samples.jsonl": "openadapt-samples" }, episodes: ["- · episode_0000_login · 3 · 1 · 1"] },
  },
  {
    section: "gui 1.5",
    says: "metrics may stand at the top; an error of no click is null with n 0, not 0",
    files: {
      "eval_pears_base.json": JSON.stringify({
        num_episodes: 4,
        num_steps: 28,
        action_type_accuracy: 0.25,
        mean_coord_error: null,
        coord_error_count: 0,
        episode_success_rate: 0,
      }),
      "eval_pears_ft.json": JSON.stringify({
        ...{ config_path: "c.yaml", backend: "b" },
        metrics: {
          num_episodes: 4,
          num_steps: 28,
          action_type_accuracy: 0.5,
          mean_coord_error: 0.02,
          coord_error_count: 5,
          click_hit_rate: 1,
        },
      }),
    },
    expected: {
      readers: { "eval_pears_base.json": "openadapt-eval", "eval_pears_ft.json": "openadapt-eval" },
      evals: [
        "base action_type_accuracy=0.25 (28)",
        "base mean_coord_error=none (0)",
        "base episode_success_rate=0 (4)",
        "ft action_type_accuracy=0.5 (28)",
        "ft mean_coord_error=0.02 (5)",
        "ft click_hit_rate=1 (5)",
      ],
    },
  },
  {
    section: "gui 1.4",
    says: "training_log.json is rewritten in place: a look may find it empty or half",
    files: {
      "a/training_log.json": "",
      "b/training_log.json":
        '{"job_id": "20260102_192239", "hostname": "h", "config_path": "c.yaml", "losses": [{"epoch": 0, "step": 1, "loss": 2.1, "lr": 1e-4,',
    },
    expected: {
      readers: { "b/training_log.json": "openadapt-training" },
      series: {},
      diagnostics: ["b/training_log.json:none truncated"],
    },
  },
  {
    section: "gui 1.10",
    says: "epochs count from 0, total_steps is always 0, a loss may be NaN",
    files: {
      "training_log.json":
        '{"job_id": "j", "hostname": "h", "config_path": "c", "epoch": 0, "step": 2, "total_steps": 0, "total_epochs": 4, "loss": 1, "losses": [{"epoch": 0, "step": 1, "loss": 2.5, "lr": 1e-4, "time": 6.0}, {"epoch": 0, "step": 2, "loss": NaN, "lr": 5e-5, "time": 7.0}], "evaluations": [], "termination_status": "auto_low_loss"}',
    },
    expected: { series: { loss: "1: 2.5, 2: NaN", lr: "1: 0.0001, 2: 0.00005" } },
  },
  {
    section: "gui 1.10",
    says: "the log's loss may be nan or carry an exponent, and a stop ends in a traceback",
    files: {
      "training.log": lines(
        "[2026-11-21 00:36:44] epoch=0 step=1 loss=2.1222 lr=0.000092",
        "[2026-11-21 00:36:45] epoch=0 step=2 loss=nan lr=9.2e-05",
        "Encountered invalid loss at epoch=0 step=2: nan",
        "    Step 3: click -> click",
        "[2026-11-21 00:36:46] epoch=0 step=3 loss=1.5e-05 lr=9.0e-05",
        "AttributeError: 'TrainingLogger' object has no attribute 'save'",
      ),
    },
    expected: {
      readers: { "training.log": "openadapt-log" },
      series: { loss: "1: 2.1222, 2: NaN, 3: 0.000015", lr: "1: 0.000092, 2: 0.000092, 3: 0.00009" },
      diagnostics: [],
    },
  },
  {
    section: "gui 1.7",
    says: "episodes of the flat vintage and of the schema lie in one list, with every null written out",
    files: {
      "episodes.json": JSON.stringify([
        {
          id: "flat",
          goal: "Open",
          steps: [
            { t: 0, observation: { image_path: "a.png" }, action: { type: "click", x: 0.5, y: 0.5, text: null } },
          ],
        },
        {
          ...{ schema_version: "1.0.0", episode_id: "new", instruction: "Open", success: null },
          steps: [
            {
              step_index: 0,
              observation: { screenshot_path: "b.png", a11y_tree: null },
              action: { type: "done", coordinates: null, raw: null },
              reward: null,
            },
          ],
        },
      ]),
    },
    expected: {
      readers: { "episodes.json": "openadapt-episode" },
      episodes: ["- · flat · 1 · null · null", "- · new · 1 · null · null"],
    },
  },
  {
    section: "gui 2.2",
    says: "two coordinate frames in one folder: navigation in pixels of the canvas, grounding of a thousand",
    files: {
      "sft.json": JSON.stringify([
        row(0, boxed(1019, 160), { task: "From page_3 to page_9" }),
        {
          ...{ idx: 7, task: "icon_grounding", images: ["datas/images/page_4.png"], source: "icon_grounding" },
          messages: [
            { role: "user", content: "<image>Locate the home icon." },
            { role: "assistant", content: "action: CLICK\tpoint:<|box_start|>(864,62)<|box_end|>" },
          ],
        },
      ]),
    },
    expected: {
      readers: { "sft.json": "gelab-dataset" },
      episodes: ["- · From page_3 to page_9 · 1 · null · null", "- · icon_grounding 7 · 1 · null · null"],
      diagnostics: ["sft.json:none mixed-frames"],
    },
  },
  {
    section: "gui 2.4",
    says: "bbox_norm holds pixels in one branch, null or four zeros on complete rows",
    files: {
      "eval.json": JSON.stringify([
        row(0, boxed(1019, 160), { task: "From page_3 to page_9", path: 1, bbox_norm: [919, 60, 1119, 260] }),
        row(1, "Explain: this is target page.\tAction: complete", {
          task: "From page_3 to page_9",
          path: 1,
          bbox_norm: null,
        }),
        row(1, "Explain: this is target page.\tAction: complete", {
          task: "From page_5 to page_9",
          path: 1,
          bbox_norm: [0, 0, 0, 0],
        }),
      ]),
    },
    expected: {
      readers: { "eval.json": "gelab-dataset" },
      episodes: ["- · From page_3 to page_9 · 2 · null · null", "- · From page_5 to page_9 · 1 · null · null"],
    },
  },
  {
    section: "gui 2.7",
    says: "an interactive evaluation writes percent, of n tasks, and texts that end at 200 characters",
    files: {
      "interactive.json": JSON.stringify({
        config: { model_path: "m", subtree_indices: [4], max_steps: 2, num_attempts: 1 },
        metrics: { path_1: { n_tasks: 1, pass_at_1: 0.0, pass_at_k: 0.0 } },
        overall: { total_tasks: 1, pass_at_1: 0.0, pass_at_k: 0.0 },
        results: [
          {
            ...{
              task_id: 3,
              source: "page_5",
              target: "page_0",
              path_length: 1,
              successes: [false],
              pass_at_1: false,
              pass_at_k: false,
              final_page: "page_5",
              steps_taken: 1,
            },
            trajectory: [
              {
                step: 1,
                page: "page_5",
                response: "Explain:click Business_20",
                action_type: "unknown",
                coords: null,
                click_result: null,
                clicked_element: null,
                new_page: "page_5",
              },
            ],
          },
        ],
      }),
    },
    expected: {
      readers: { "interactive.json": "gelab-interactive" },
      evals: ["m path@1=0 (1)", "m overall=0 (1)"],
      episodes: ["- · task 3: page_5 to page_0 · 1 · 0 · 0"],
    },
  },
  {
    section: "gui 2.7",
    says: "the scorer ends in a ZeroDivisionError after the numbers: they count",
    files: {
      "scores.txt": lines(
        ...["================== ", "all (non-icon):", "score: 83.333", "total: 6", "correct (sum of scores): 5"],
        ...[
          "================== ",
          "icon cap: No data.",
          "Traceback (most recent call last):",
          "ZeroDivisionError: division by zero",
        ],
      ),
    },
    expected: {
      readers: { "scores.txt": "gelab-scores" },
      evals: ["all (non-icon) score=0.8333333333333334 (6)"],
      diagnostics: ["scores.txt:8 scorer-failed x2"],
    },
  },
  {
    section: "gui 1.10",
    says: "a training log tells when its steps were, and whatever else it has of each",
    files: {
      "training_log.json": JSON.stringify({
        ...{ job_id: "j", started_at: "2026-02-20T11:00:00Z", epoch: 0, termination_message: "asked to stop" },
        losses: [
          { epoch: 0, step: 1, loss: 2, lr: 0.5, time: 10, grad_norm: 0.25 },
          { epoch: 0, step: 2, loss: 1, lr: 0.5, time: 20, grad_norm: 0.5 },
        ],
      }),
      "gpu.csv": lines("timestamp,gpu_util", "2026-02-20T11:00:10Z,50", "2026-02-20T11:00:20Z,70"),
    },
    expected: { series: { loss: "1: 2, 2: 1", grad_norm: "1: 0.25, 2: 0.5", gpu_util: "1: 50, 2: 70" } },
  },
];
