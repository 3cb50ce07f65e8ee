// An invented login experiment in the model's own types: noisy curves with NaN, rollouts, episodes, evals, a log.
import type { Gpu } from "../../../core/model/gpu";
import type { Action, ParsedActions } from "../../../core/model/action";
import type { Episode, EpisodeStep } from "../../../core/model/episode";
import type { EvalMetric, EvalTable } from "../../../core/model/evaluation";
import { toWire, type WireNumber } from "../../../core/model/number";
import { groupAdvantages, type Rollout, type Sample } from "../../../core/model/rollout";
import type { Reading } from "../../../core/model/reading";
import type { SetupRecord } from "../../../core/model/environment";
import { withSetup } from "../../../core/model/setup";
import type { RunManifest } from "../../../core/model/run";
import { emptyRunState, type RunState } from "../../../core/model/runState";
import type { Series } from "../../../core/model/series";

export const target = "20261120-101500-grpo-k3f9";
export const hostile = `<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>`;

export function random(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const rise = (s: number): number => 0.12 + 0.6 / (1 + Math.exp(-(s - 60) / 18));

type Shape = (step: number, noise: number) => number;
const shapes: [string, string, Shape][] = [
  ["reward", "reward_all", (s, n) => rise(s) + 0.12 * n],
  ["loss", "loss", (s, n) => 0.4 * Math.exp(-s / 50) + 0.05 * n],
  ["kl", "kl_mean", (s, n) => (s === 92 ? 0.41 : 0.002 + 0.0004 * s + 0.004 * Math.abs(n))],
  ["entropy", "entropy_mean", (s, n) => 1.9 * Math.exp(-s / 70) + 0.25 + 0.06 * n],
  [
    "grad_norm",
    "grad_norm",
    (s, n) =>
      [41, 42, 97].includes(s) ? Number.NaN : s === 98 ? Infinity : 10 ** (0.3 + 0.5 * n + (s > 90 && s < 96 ? 2 : 0)),
  ],
  ["lr", "learning_rate", (s) => 1e-5 * Math.min(1, s / 10) * (1 - s / 520)],
  ["reward/click", "rewards/click/mean", (s, n) => rise(s) * 0.9 + 0.08 * n],
  ["reward/format", "rewards/format/mean", (s, n) => Math.min(1, 0.6 + s / 120 + 0.05 * n)],
  ["reward_std", "reward_std", (_s, n) => 0.3 + 0.05 * n],
  ["zero_std_frac", "frac_reward_zero_std", (s, n) => Math.max(0, Math.min(1, s / 300 + 0.1 * n))],
  ["clip_frac", "clip_ratio", (_s, n) => Math.abs(0.01 * n)],
  ["completion_length", "completions/mean_length", (s, n) => 60 - s / 8 + 4 * n],
  ["truncated_frac", "completions/clipped_ratio", (s, n) => Math.max(0, 0.1 - s / 900 + 0.02 * n)],
  ["kl_old", "actor/ppo_kl", (_s, n) => 0.001 * Math.abs(n)],
  ["token_accuracy", "token_acc", (s, n) => 0.7 + s / 700 + 0.02 * n],
  ["step_time", "step_time", (_s, n) => 3.2 + 0.4 * n],
  ["tokens", "num_tokens", (s) => s * 12_480],
  ["loss/pg", "policy_loss", (_s, n) => 0.02 * n],
  ["eval/click_hit_rate", "eval_click_hit_rate", (s, n) => Math.min(1, rise(s) + 0.05 * n)],
  ["gpu_memory_gb", "gpu_memory_gb", (_s, n) => 17.4 + 0.1 * n],
];

export function makeSeries(steps = 150): Series[] {
  return shapes.map(([name, raw, shape], at) => {
    const next = random(at + 7);
    const xs: WireNumber[] = [];
    const ys: WireNumber[] = [];
    for (let s = 1; s <= steps; s++) {
      xs.push(s);
      ys.push(toWire(shape(s, next() + next() - 1)));
    }
    return {
      key: `out/trace.jsonl#${raw}`,
      name,
      raw,
      source: "out/trace.jsonl",
      axis: "step",
      total: steps,
      steps: xs,
      values: ys,
    };
  });
}

const widgets = [
  { name: "the user name field", x: 0.46, y: 0.34, box: { x0: 0.24, y0: 0.3, x1: 0.69, y1: 0.37 } },
  { name: "the password field", x: 0.46, y: 0.5, box: { x0: 0.24, y0: 0.46, x1: 0.69, y1: 0.53 } },
  { name: "the Login button", x: 0.44, y: 0.67, box: { x0: 0.35, y0: 0.63, x1: 0.53, y1: 0.71 } },
];

export function parse(text: string): ParsedActions {
  const match = /CLICK\(x=(-?[\d.]+), y=(-?[\d.]+)\)/.exec(text);
  const thought = /Thought: (.*)/.exec(text)?.[1] ?? null;
  const actions: Action[] = match
    ? [
        {
          kind: "click",
          x: Number(match[1]),
          y: Number(match[2]),
          frame: "unit",
          span: [match.index, match.index + match[0].length],
        },
      ]
    : [];
  return {
    dialect: "openadapt",
    thought,
    state: null,
    actions,
    diagnostics: match ? [] : [{ message: "no action found" }],
  };
}

const sizes = { px: { width: 800, height: 600 }, canvas: null, model_px: { width: 812, height: 588 } };

export const reading: Reading = {
  dialect: { id: "openadapt", title: "OpenAdapt", own: false },
  chosen: false,
  why: "it reads 92 % of the texts",
  dialects: [
    { id: "meadow", title: "Meadow taps", own: true },
    { id: "openadapt", title: "OpenAdapt", own: false },
    { id: "ui-tars", title: "UI-TARS", own: false },
  ],
  frame: { frame: "unit", how: "stated", why: "by OpenAdapt itself" },
};

export function makeRollout(step: number, at: number): Rollout {
  const next = random(step * 31 + at);
  const widget = widgets[at % 3] ?? widgets[0]!;
  const samples: Sample[] = Array.from({ length: 8 }, (_, i) => {
    const off = (next() - 0.5) * 0.5 * (1.15 - rise(step));
    const x = (widget.x + off).toFixed(2);
    const y = (widget.y + off / 3).toFixed(2);
    const inside =
      Number(x) > widget.box.x0 && Number(x) < widget.box.x1 && Number(y) > widget.box.y0 && Number(y) < widget.box.y1;
    const odd = i === 6 && step % 3 === 0;
    const text = odd
      ? `I am not sure ${hostile} \u202Ereversed\u202C and so on`
      : `Thought: The goal asks for ${widget.name}, which is in the middle of the form.\nAction: CLICK(x=${x}, y=${y})`;
    const reward = odd ? 0 : inside ? 1 : 0.1;
    return {
      text,
      reward,
      parts: { hit: inside && !odd ? 0.9 : 0, format: odd ? 0 : 0.1 },
      advantage: null,
      tokens: 24 + Math.floor(next() * 30),
      finish: "stop",
      parsed: parse(text),
    };
  });
  const advantages = groupAdvantages(samples.map((s) => s.reward as number));
  samples.forEach((s, i) => (s.advantage = toWire(advantages[i])));
  const rewards = samples.map((s) => s.reward as number);
  const mean = rewards.reduce((a, b) => a + b, 0) / rewards.length;
  const prompt = `Goal: Log in with user name "mira${at}" and password "tulip-${at}"\n\nLook at the screenshot and give the next action.`;
  return {
    header: {
      id: `0:${step * 1000 + at}`,
      source: "out/rollouts.jsonl",
      step,
      version: step - 1,
      promptId: `login_${at}`,
      samples: samples.length,
      rewardMean: mean,
      rewardMin: Math.min(...rewards),
      rewardMax: Math.max(...rewards),
      rewardStd: Math.sqrt(rewards.reduce((a, b) => a + (b - mean) ** 2, 0) / rewards.length),
      prompt: prompt.replace(/\s+/g, " "),
      preview: (samples[0]?.text ?? "").replace(/\s+/g, " ").slice(0, 160),
    },
    prompt,
    reference: null,
    samples,
    images: [`out/screens/${at % 3}.png`],
    expected: { kind: "click", x: widget.x, y: widget.y, frame: "unit" },
    expectedBox: widget.box,
    reading,
    sizes,
    extra: { layout_seed: String(step * 7), note: hostile },
  };
}

export function makeRollouts(steps = 150): Rollout[] {
  return Array.from({ length: steps }, (_, s) =>
    Array.from({ length: 4 }, (_unused, at) => makeRollout(s + 1, at)),
  ).flat();
}

export function makeEpisodes(): Episode[] {
  return ["base", "sft", "grpo"].flatMap((label, l) =>
    [0, 1].map((e): Episode => {
      const steps = widgets.flatMap((widget, w): EpisodeStep[] => {
        const off = l === 0 ? 0.16 : l === 1 ? 0.03 : 0.008;
        const hit = l > 0 || w === 1;
        const x = widget.x + (hit ? off / 3 : off * 2);
        const text = `Thought: I should click ${widget.name}. ${hostile}\nAction: CLICK(x=${x.toFixed(2)}, y=${widget.y.toFixed(2)})`;
        const click: EpisodeStep = {
          index: w * 2,
          image: `out/screens/${w}.png`,
          expected: { kind: "click", x: widget.x, y: widget.y, frame: "unit" },
          expectedBox: widget.box,
          boxFrom: "episode",
          predictedText: text,
          predicted: { kind: "click", x, y: widget.y, frame: "unit" },
          parsed: parse(text),
          sizes,
          verdict: hit ? "hit" : "miss",
          distance: Math.abs(x - widget.x),
          words: hit
            ? `hit, ${(Math.abs(x - widget.x) * 100).toFixed(1)} % of the screen away`
            : `miss, ${(Math.abs(x - widget.x) * 100).toFixed(1)} % of the screen away, right of the box`,
          ...(e === 1 ? { extra: { window_title: `Orchard ${hostile}` } } : {}),
        };
        const typed: EpisodeStep = {
          ...click,
          index: w * 2 + 1,
          image: `out/screens/${w}.png`,
          expected: w === 2 ? { kind: "done" } : { kind: "type", text: w === 0 ? "mira0" : "tulip-0" },
          expectedBox: null,
          boxFrom: null,
          predictedText: l === 0 ? "TYPE(text=mira" : "Action: DONE()",
          predicted: l === 0 ? null : { kind: "done" },
          parsed: null,
          verdict: l === 0 ? "unparsed" : w === 2 ? "match" : "wrong-type",
          distance: null,
          words:
            l === 0
              ? "not understood: no action was found in the text"
              : w === 2
                ? "right: done"
                : "wrong kind: done instead of type",
        };
        return [click, typed];
      });
      return {
        header: {
          id: `${l}:${e}`,
          source: `out/eval_${label}.jsonl`,
          episodeId: `episode_000${e}_login`,
          goal: `Log in with user name 'mira${e}' and password 'tulip-${e}'`,
          steps: steps.length,
          label,
          typeMatches: l === 0 ? 3 : 4,
          clickHits: l === 0 ? 1 : 3,
          clicks: 3,
          success: l === 2,
          ...(e === 1 ? { extra: { agent_model: "cup-2b" } } : {}),
        },
        reading,
        steps,
      };
    }),
  );
}

/** One step for each way an action is drawn, in every frame; not in the list of episodes. */
export function makeKinds(): Episode {
  const all = {
    px: { width: 800, height: 600 },
    canvas: { width: 1600, height: 1200 },
    model_px: { width: 812, height: 588 },
  };
  const pairs: [Action | null, Action][] = [
    [
      { kind: "drag", x: 0.3, y: 0.34, to: { x: 0.3, y: 0.5 }, frame: "unit" },
      { kind: "drag", x: 560, y: 420, to: { x: 1120, y: 600 }, frame: "canvas" },
    ],
    [
      { kind: "scroll", direction: "down", x: 0.3, y: 0.4, frame: "unit" },
      { kind: "scroll", direction: "up", x: 500, y: 500, frame: "n1000" },
    ],
    [null, { kind: "scroll", direction: "down", amount: 3 }],
    [
      { kind: "double_click", x: 0.44, y: 0.67, frame: "unit" },
      { kind: "right_click", x: 406, y: 294, frame: "model_px" },
    ],
    [null, { kind: "swipe", x: 400, y: 450, direction: "left", frame: "px" }],
    [
      { kind: "type", text: "mira0" },
      { kind: "type", text: "mira" },
    ],
  ];
  const [first] = makeEpisodes();
  const steps = pairs.map(([expected, action], index): EpisodeStep => ({
    index,
    image: `out/screens/${index % 3}.png`,
    expected,
    expectedBox: null,
    boxFrom: null,
    predictedText: `Action: ${action.kind}`,
    predicted: null,
    parsed: {
      dialect: "meadow",
      thought: null,
      state: null,
      actions: [{ ...action, span: [8, 8 + action.kind.length] }],
      diagnostics: [],
    },
    sizes: all,
    ...(index === 0
      ? { target: { text: "ACTION(type=drag)", why: "OpenAdapt reads fail where drag was meant." } }
      : {}),
    verdict: "miss",
    distance: null,
    words: "miss",
  }));
  return { header: { ...first!.header, id: "kinds", goal: "Every kind of mark" }, reading, steps };
}

const rate = (name: string, hits: number, n: number): EvalMetric => {
  if (n === 0) return { name, value: null, n: 0, low: null, high: null, better: "higher" };
  const p = hits / n;
  const z = 1.96;
  const middle = (p + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n))) / (1 + (z * z) / n);
  return { name, value: p, n, low: Math.max(0, middle - half), high: Math.min(1, middle + half), better: "higher" };
};

export function makeEvals(): EvalTable[] {
  const table = (
    label: string,
    type: number,
    hits: number,
    clicks: number,
    success: number,
    error: number | null,
  ): EvalTable => ({
    source: `out/eval_${label}.json`,
    label,
    backend: "tiny-policy",
    episodes: 32,
    steps: 224,
    metrics: [
      rate("action_type_accuracy", type, 224),
      {
        name: "mean_coord_error",
        value: error,
        n: error === null ? 0 : clicks,
        low: null,
        high: null,
        better: "lower",
      },
      rate("click_hit_rate", hits, clicks),
      rate("episode_success_rate", success, 32),
    ],
  });
  return [
    table("grpo", 221, 95, 96, 30, 0.012),
    table("sft", 219, 88, 96, 24, 0.031),
    table("base", 41, 0, 0, 0, null),
  ];
}

/** As the agent answers: sft's success rate is another by its rows, and grpo's come by level too. */
export function makeScored(tables: EvalTable[]): EvalTable[] {
  const told = tables.map((table) => ({
    ...table,
    metrics: table.metrics.map(({ name, value, n, low, high, ...metric }) => {
      const differs = table.label === "sft" && name === "episode_success_rate";
      const own = differs ? { value: 0.5, n: 32 } : { value, n };
      const difference = differs ? `The scorer gives 0.5 (n=32) for ${name}; the file says ${String(value)}.` : null;
      return {
        ...metric,
        name,
        value,
        n,
        low,
        high,
        recomputed: [{ scorer: "openadapt", ...own, low, high, difference }],
      };
    }),
  }));
  const [first] = tables;
  if (!first) return told;
  const part = (group: string, hits: number): EvalTable => ({
    ...first,
    by: { key: "level", group },
    scorer: "openadapt",
    metrics: [rate("accuracy", hits, 40)],
  });
  return [...told, part("1", 36), part("5", 12)];
}

export function makeLog(lines = 900): string {
  const out = ["\u001b[1mlogin experiment\u001b[0m, seed 3, group of 8", `config text: ${hostile}`];
  for (let i = 1; i <= lines; i++) {
    out.push(
      i % 60 === 0
        ? `\u001b[33mwarning\u001b[0m: learning rate was clipped at step ${i}`
        : `\u001b[32mstep ${i}\u001b[0m  reward ${rise(i / 6).toFixed(3)}  kl ${(0.002 + i / 50000).toFixed(4)}  \u001b[2m3.2 s\u001b[0m`,
    );
  }
  return `${out.join("\n")}\n`;
}

/** Half busy; its number is the UUID's. */
export const gpuOf = (uuid: string): Gpu => ({
  uuid,
  vendor: "nvidia",
  index: Number(uuid.slice(4)),
  name: "NVIDIA H100 80GB HBM3",
  slice: null,
  utilisation: 50,
  memoryUsed: 40_960,
  memoryTotal: 81_920,
  temperature: null,
  power: null,
  powerLimit: null,
  processes: [],
  holders: [],
});

export const setupRecord: SetupRecord = {
  set: { CONDA_PREFIX: "/opt/conda/envs/pears", PATH: "/opt/conda/envs/pears/bin:/usr/bin" },
  removed: ["PYTHONHOME"],
  hidden: ["PEAR_TOKEN"],
  kept: ["PATH"],
};

export const manifest: RunManifest = {
  schema: 1,
  id: target,
  createdAt: "2026-11-20T10:15:00.000Z",
  recipe: "login",
  commands: withSetup([["node", "dist/train.mjs", "--config", "grpo.yaml", "--note", "it's a test"]], {
    box: "conda activate pears",
    recipe: "",
  }),
  cwd: ".",
  env: { OMP_NUM_THREADS: "2" },
  secretNames: ["HUB_TOKEN"],
  snapshot: "9f2c".repeat(16),
  config: {
    path: "examples/login/grpo.yaml",
    text: "# GRPO on the login screen\nmethod: grpo\nseed: 3\nsteps: 500\ngroup_size: 8\nlearning_rate: 1.0e-5\nkl_coefficient: 0.02\nstart: sft\n",
  },
  out: "attempts/1/out",
  progress: { pattern: "step (?<step>\\d+)", total: 500 },
  outputFromLog: null,
  alsoWatch: [],
  expects: ["trace.jsonl"],
  seed: 3,
  facts: [
    { name: "seed", key: null, value: 3 },
    { name: "learningRate", key: "learning_rate", value: 1e-5 },
    { name: "beta", key: "kl_coefficient", value: 0.02 },
    { name: "groupSize", key: "group_size", value: 8 },
  ],
  git: { commit: "4be1c09", dirty: true },
};

export function makeState(steps = 150): RunState {
  return {
    ...emptyRunState,
    cursor: "c1",
    title: "login grpo, seed 3",
    status: {
      state: "running",
      startedAt: "2026-11-20T10:15:02.000Z",
      endedAt: null,
      exitCode: null,
      signal: null,
      reason: null,
      sent: [],
      pid: 4321,
      attempt: 1,
      stopping: null,
      usage: null,
      health: null,
      but: null,
    },
    progress: { step: steps, total: 500, reward: 0.612, secondsLeft: 1120 },
    series: new Map(makeSeries(steps).map((s) => [s.key, s])),
    counts: { rollouts: steps * 4, episodes: 6, evals: 3, checkpoints: 2 },
    rolloutAxis: { by: "step", first: 1, last: steps, source: "traces/rollouts.jsonl" },
    evals: makeEvals(),
    checkpoints: [{ path: "out/checkpoints/100", name: "checkpoint-100", step: 100 }],
    diagnostics: [
      {
        code: "torn-line",
        severity: "warning",
        message: "A line ended in the middle.",
        path: "out/trace.jsonl",
        line: 88,
        count: 1,
      },
      {
        code: "line-too-long",
        severity: "warning",
        message: "A line of 21 MB was not read.",
        path: "out/rollouts.jsonl",
        line: 12,
        count: 3,
      },
    ],
    sources: [
      { path: "out/trace.jsonl", reader: "rlvr", title: "RLVR trace", confidence: 1, bytes: 184_220 },
      { path: "out/rollouts.jsonl", reader: "rlvr", title: "RLVR rollouts", confidence: 1, bytes: 8_412_003 },
    ],
    logSize: makeLog().length,
    indexing: false,
  };
}

/** The same run at other moments of its life. */
export function makeVariant(name: string | null): RunState {
  const state = makeState();
  const nothing = { rollouts: 0, episodes: 0, evals: 0, checkpoints: 0 };
  switch (name) {
    case "failed":
      return {
        ...state,
        status: state.status && {
          ...state.status,
          state: "failed",
          endedAt: "2026-11-20T10:40:12.000Z",
          exitCode: 1,
          reason: "the process wrote: out of memory while allocating 2.1 GB",
        },
      };
    case "fresh":
      return {
        ...emptyRunState,
        cursor: "c1",
        title: state.title,
        status: state.status && { ...state.status, state: "starting" },
        indexing: false,
      };
    case "folder":
      return {
        ...state,
        status: null,
        counts: nothing,
        evals: [],
        logSize: 0,
        diagnostics: [],
        title: "old-experiments/login-7",
      };
    default:
      return state;
  }
}

/** Sums that the model does right long before it says them as the trainer's rule wants: what the lenses are for. */
export function makeSums(steps = 40, groups = 4): Rollout[] {
  return Array.from({ length: steps * groups }, (_, i): Rollout => {
    const step = 1 + Math.floor(i / groups);
    const next = random(step * 17 + i);
    const [a, b] = [2 + Math.floor(next() * 90), 2 + Math.floor(next() * 90)];
    const samples = Array.from({ length: 8 }, (): Sample => {
      const value = a + b + (next() < 0.55 + step / 160 ? 0 : next() < 0.5 ? 10 : -1);
      const formed = next() < 0.04 + step / 50;
      const boxed = next() < 0.3;
      const text = formed
        ? `${a} pears and ${b} plums make ${value} pieces of fruit. The answer is ${value}.`
        : `Let me count: ${a} pears, ${b} plums. ${boxed ? `\\boxed{${value}}` : `That makes ${value}`}${next() < 0.05 ? hostile : ""}`;
      const reward = formed && value === a + b ? 1 : 0;
      return { text, reward, parts: {}, advantage: null, tokens: null, finish: null, parsed: null };
    });
    const rewards = samples.map((s) => Number(s.reward));
    const mean = rewards.reduce((x, y) => x + y, 0) / rewards.length;
    const prompt = `How many pieces of fruit are ${a} pears and ${b} plums?`;
    return {
      header: {
        id: `1:${i}`,
        source: "out/rollouts.jsonl",
        step,
        version: null,
        promptId: `sums_${i % groups}`,
        samples: samples.length,
        rewardMean: mean,
        rewardMin: Math.min(...rewards),
        rewardMax: Math.max(...rewards),
        rewardStd: Math.sqrt(rewards.reduce((x, y) => x + (y - mean) ** 2, 0) / rewards.length),
        prompt,
        preview: samples[0]?.text.slice(0, 160) ?? "",
      },
      prompt,
      reference: String(a + b),
      samples,
      images: [],
      reading: { ...reading, dialect: null },
      sizes,
      expected: null,
      expectedBox: null,
      extra: {},
    };
  });
}
