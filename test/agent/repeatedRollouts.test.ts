// One evaluation or run in several files: each prompt is listed once, with what any of the files knows of it.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { rolloutPage, readRollout } from "../../remote-agent/index/rolloutQuery";
import { readAtOnce } from "./shown";
import { tempFolder } from "../support/tempFolder";

const lines = (...records: unknown[]): string => records.map((record) => `${JSON.stringify(record)}\n`).join("");

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = join(tempFolder("repeat"), "run");
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

async function rolloutsOf(folder: string) {
  const target = await readAtOnce(folder, tempFolder("home"), true);
  const page = await rolloutPage(target, { offset: 0, limit: 50, sort: "oldest" });
  expect(target.index.rolloutCount()).toBe(page.total);
  return Promise.all(page.rows.map(async (row) => ({ ...(await readRollout(target, row.id, {})), row })));
}

describe("completions beside their verdicts", () => {
  const completions = [0, 1, 2].map((i) => ({
    prompt_id: `pears_${i}`,
    prompt: `How many pears are ${i} and 2?`,
    problem: { answer: String(i + 2) },
    completions: [
      { text: `It is ${i + 2}.`, finish_reason: "stop", num_tokens: 5 },
      { text: "I do not know", finish_reason: "length", num_tokens: 32 },
    ],
  }));
  const verdicts = completions.map(({ prompt_id, completions: texts }) => ({
    prompt_id,
    num_completions: 2,
    num_correct: 1,
    pass_rate: 0.5,
    scores: [1, 0],
    completions: texts.map(({ text }, i) => ({ text, score: 1 - i })),
  }));

  it("pass@k: once, judged, with the prompt, gold, tokens and finish of what was generated", async () => {
    const folder = folderOf({
      "evals/pears_pass2/step20/completions.jsonl": lines(...completions),
      "evals/pears_pass2/step20/verification_results.jsonl": lines(...verdicts),
    });
    const found = await rolloutsOf(folder);
    expect(found.map((r) => [r.row.promptId, r.row.rewardMean])).toEqual([
      ["pears_0", 0.5],
      ["pears_1", 0.5],
      ["pears_2", 0.5],
    ]);
    expect(found[1]).toMatchObject({
      prompt: "How many pears are 1 and 2?",
      reference: "3",
      samples: [
        { text: "It is 3.", reward: 1, tokens: 5, finish: "stop" },
        { text: "I do not know", reward: 0, tokens: 32, finish: "length" },
      ],
    });
  });

  it("while judging goes on, what was generated stays listed as well", async () => {
    const folder = folderOf({
      "evals/pears_pass2/step20/completions.jsonl": lines(...completions),
      "evals/pears_pass2/step20/verification_results.jsonl": lines(verdicts[0]),
    });
    expect(await rolloutsOf(folder)).toHaveLength(4);
  });

  it("a benchmark's results.jsonl repeats its completions.jsonl", async () => {
    const samples = [1, 2].map((id) => ({ id, prompt: `Q${id}`, completion: `A${id}`, gold_answer: `A${id}` }));
    const folder = folderOf({
      "evals/pears/step20/completions.jsonl": lines(...samples),
      "evals/pears/step20/results.jsonl": lines(
        ...samples.map((s) => ({ ...s, verification: { reward: 1, correct: true } })),
      ),
    });
    const found = await rolloutsOf(folder);
    expect(found.map((r) => [r.row.source, r.row.rewardMean, r.reference])).toEqual([
      ["evals/pears/step20/results.jsonl", 1, "A1"],
      ["evals/pears/step20/results.jsonl", 1, "A2"],
    ]);
  });
});

describe("an lm-evaluation-harness run with two filters", () => {
  const row = (doc: number, filter: string, taken: string, score: number) => ({
    doc_id: doc,
    doc: { question: `Q${doc}` },
    target: "5",
    arguments: { gen_args_0: { arg_0: `Question: Q${doc}\nAnswer:` } },
    resps: [[`The answer is ${taken}`]],
    filtered_resps: [taken],
    filter,
    metrics: ["exact_match"],
    exact_match: score,
  });

  it("has a rate for each filter, and one rollout a document with both verdicts and its target", async () => {
    const folder = folderOf({
      "pear/results_2026-01-02T10-00-00.json": JSON.stringify({
        results: {
          pears: {
            alias: "pears",
            "exact_match,strict-match": 0.5,
            "exact_match_stderr,strict-match": 0.1,
            "exact_match,flexible-extract": 1,
            "exact_match_stderr,flexible-extract": 0,
          },
        },
        configs: {},
        "n-samples": { pears: { original: 2, effective: 2 } },
        config: { model: "vllm", model_args: "pretrained=/models/pear" },
      }),
      // The harness writes all documents of a filter before those of the next.
      "pear/samples_pears_2026-01-02T10-00-00.jsonl": lines(
        row(0, "strict-match", "[invalid]", 0),
        row(1, "strict-match", "5", 1),
        row(0, "flexible-extract", "5", 1),
        row(1, "flexible-extract", "5", 1),
      ),
    });
    const target = await readAtOnce(folder, tempFolder("home"), true);
    expect(target.index.evaluations().map((t) => [t.label, t.metrics.map((m) => [m.name, m.value, m.n])])).toEqual([
      [
        "pear",
        [
          ["pears/exact_match,strict-match", 0.5, 2],
          ["pears/exact_match,flexible-extract", 1, 2],
        ],
      ],
    ]);
    const found = await rolloutsOf(folder);
    expect(found.map((r) => [r.row.promptId, r.row.samples, r.row.rewardMean, r.reference])).toEqual([
      ["0", 1, 0, "5"],
      ["1", 1, 1, "5"],
    ]);
    expect(found[0]?.samples[0]?.parts).toEqual({ "exact_match,strict-match": 0, "exact_match,flexible-extract": 1 });
    expect(found[0]?.extra).toMatchObject({
      "filtered_resps,strict-match": '["[invalid]"]',
      "filtered_resps,flexible-extract": '["5"]',
    });
  });
});

describe("a prime-rl run folder", () => {
  const episode = (group: string, reward: number | null, version: number) => ({
    id: `${group}-${version}-${String(reward)}`,
    env: { id: "fruit", name: "fruit" },
    task: { type: "FruitTask", data: { prompt: `Count ${group}`, answer: "5" }, key: group },
    group: { id: group },
    run: { type: "train", id: "r", work: { type: "train", step: 3, policy: { start: version, end: version } } },
    ok: reward !== null,
    errors: [],
    traces: [
      {
        ...{
          id: "t",
          version: 4,
          task: { type: "FruitTask", data: {}, key: group },
          agent: { name: "agent", trainable: true },
        },
        nodes: [
          { message: { role: "user", content: `Count ${group}` }, sampled: false },
          { parent: 0, message: { role: "assistant", content: "five" }, sampled: true },
        ],
        ...{
          calls: [],
          rewards: { correct: reward === null ? null : { score: reward, weight: 1 } },
          metrics: {},
          ok: true,
        },
      },
    ],
  });

  it("its metrics lie under the common names, its log adds none, and each episode is listed once", async () => {
    const metrics = [0, 1, 2, 3].flatMap((step) => [
      {
        step,
        time: 1_700_000_000 + step * 30,
        "train/agg/effective/agent/reward/mean": step / 4,
        "time/step": 30 + step,
      },
      {
        step,
        time: 1_700_000_001 + step * 30,
        "loss/mean": 1 / (step + 3),
        "entropy/all/mean": 0.41,
        "optim/lr": 1e-6,
      },
    ]);
    const log = [0, 1, 2, 3].map((step) => {
      const loss = (1 / (step + 3)).toFixed(4);
      return `12:00:0${step} SUCCESS Step ${step} |   3.00s | Loss ${loss} | Entropy 0.4100 | LR 1.00e-06 | MFU 30.1%\n`;
    });
    const group = [episode("g1", 1, 2), episode("g1", 0, 2), episode("g2", 1, 1)];
    const folder = folderOf({
      "metrics.jsonl": lines(...metrics),
      "logs/attempt_1/trainer.log": log.join(""),
      "configs/trainer.toml": 'model = "pear"\n',
      "rollouts/step_3/train/all/traces.jsonl": lines(...group, episode("g2", null, 1)),
      "rollouts/step_3/train/effective/traces.jsonl": lines(...group),
    });
    const target = await readAtOnce(folder, tempFolder("home"), true);
    const series = target.index.series();
    const loss = series.filter((s) => s.name === "loss");
    expect(loss.map((s) => [s.raw, s.columns.values.length, s.alsoIn])).toEqual([
      ["loss/mean", 4, ["logs/attempt_1/trainer.log"]],
    ]);
    expect(series.map((s) => s.name)).toEqual(expect.arrayContaining(["reward", "entropy", "lr", "step_time"]));
    const found = await rolloutsOf(folder);
    expect(found.map((r) => [r.row.step, r.row.version, r.row.promptId, r.row.samples, r.row.rewardMean])).toEqual([
      [3, 2, "g1", 2, 0.5],
      [3, 1, "g2", 2, 1],
    ]);
    expect(found[0]).toMatchObject({
      prompt: "Count g1",
      reference: "5",
      samples: [{ text: "five" }, { text: "five" }],
    });
  });
});
