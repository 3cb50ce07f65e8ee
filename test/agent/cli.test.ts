// `runside` as people and scripts use it: verbs, exit codes, and the shapes of --json, over folders of each format.
import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { projectRoot } from "../../scripts/folders";
import { startAgent } from "../support/agentProcess";
import { builtAgent, runside, type Outcome } from "../support/builtAgent";
import { eventually } from "../support/eventually";
import { endRuns, inState, node, specOf, started } from "../support/runsOfAgent";
import { atEnd, tempFolder } from "../support/tempFolder";

beforeAll(() => builtAgent(), 60_000);

const traces = join(projectRoot, "test/fixtures/traces");
const shared = join(projectRoot, "../shared/fixtures");

/** A folder as RLVR and OpenAdapt leave theirs, of our own fixtures. */
function outputFolder(): string {
  const folder = join(tempFolder("out"), "run");
  mkdirSync(join(folder, "traces"), { recursive: true });
  mkdirSync(join(folder, "checkpoint-20"));
  cpSync(join(traces, "rlvr-trace/full.jsonl"), join(folder, "traces/trace.jsonl"));
  cpSync(join(traces, "rlvr-rollouts/groups.jsonl"), join(folder, "traces/rollouts.jsonl"));
  cpSync(join(traces, "openadapt-eval/eval_pears_ft.json"), join(folder, "eval_pears_ft.json"));
  cpSync(join(traces, "openadapt-samples/samples_ft.jsonl"), join(folder, "samples_ft.jsonl"));
  writeFileSync(join(folder, "checkpoint-20/model.safetensors"), "");
  return folder;
}

const json = ({ code, out, err }: Outcome): unknown => {
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return JSON.parse(out) as unknown;
};

describe("verbs over a folder", () => {
  it("inspect: sources, series, counts and problems", async () => {
    const home = tempFolder("home");
    const folder = outputFolder();
    const found = json(await runside(home, ["inspect", folder, "--json"])) as Record<string, unknown[]>;
    expect(Object.keys(found)).toEqual([
      "sources",
      "series",
      "rollouts",
      "episodes",
      "evals",
      "checkpoints",
      "diagnostics",
    ]);
    expect(found.sources).toEqual([
      { path: "eval_pears_ft.json", reader: "openadapt-eval", confidence: expect.any(Number) as number },
      { path: "samples_ft.jsonl", reader: "openadapt-samples", confidence: expect.any(Number) as number },
      { path: "traces/rollouts.jsonl", reader: "rlvr-rollouts", confidence: expect.any(Number) as number },
      { path: "traces/trace.jsonl", reader: "rlvr-trace", confidence: expect.any(Number) as number },
    ]);
    expect(Object.keys(found.series?.[0] as object)).toEqual(["name", "raw", "count", "last"]);
    expect([found.evals, found.checkpoints]).toEqual([1, 1]);
    expect(Number(found.rollouts)).toBeGreaterThan(2);
    expect(Number(found.episodes)).toBeGreaterThan(0);
    const text = (await runside(home, ["inspect", folder])).out;
    expect(text).toMatch(/traces\/trace\.jsonl\s+rlvr-trace/);
    expect(text).toMatch(/1 evals · 1 checkpoints/);
    // The same from where a person stands, and of one file.
    expect(json(await runside(home, ["inspect", "run", "--json"], "", join(folder, "..")))).toEqual(found);
    const one = json(await runside(home, ["inspect", join(folder, "samples_ft.jsonl"), "--json"])) as {
      sources: { path: string }[];
    };
    expect(one.sources.map((s) => s.path)).toEqual(["samples_ft.jsonl"]);
    expect(existsSync(join(folder, ".runside"))).toBe(false);
  });

  it("series: columns of the names asked for, not-a-numbers as strings, thinned to N", async () => {
    const home = tempFolder("home");
    const folder = tempFolder("out");
    const values = ["0.5", "NaN", "Infinity", ...Array.from({ length: 997 }, (_, i) => String(i / 1000))];
    writeFileSync(
      join(folder, "metrics.jsonl"),
      values.map((v, i) => `{"step": ${i}, "reward": ${v}, "loss": 1}\n`).join(""),
    );
    const [reward] = json(await runside(home, ["series", folder, "reward", "--json"])) as {
      name: string;
      steps: unknown[];
      values: unknown[];
    }[];
    expect(reward).toMatchObject({ name: "reward", raw: "reward" });
    expect(reward?.steps).toHaveLength(1000);
    expect(reward?.values.slice(0, 4)).toEqual([0.5, "NaN", "Infinity", 0]);
    const both = json(await runside(home, ["series", folder, "reward", "loss", "--points", "50", "--json"])) as {
      steps: unknown[];
    }[];
    expect(both.map((s) => s.steps.length <= 50)).toEqual([true, true]);
    const unknown = await runside(home, ["series", folder, "rewrad", "--json"]);
    expect(unknown).toMatchObject({ code: 1, out: "" });
    expect(unknown.err).toContain("there are: reward, loss");
  });

  it("rollouts: a total and rows, filtered, sorted, searched", async () => {
    const home = tempFolder("home");
    const folder = outputFolder();
    const ask = async (...args: string[]) =>
      json(await runside(home, ["rollouts", folder, "--json", ...args])) as {
        total: number;
        rows: { rewardMean: unknown; version: number; promptId: string }[];
      };
    const all = await ask();
    expect(Object.keys(all)).toEqual(["total", "rows"]);
    expect(all.total).toBe(all.rows.length);
    expect((await ask("--limit", "1")).rows).toHaveLength(1);
    expect((await ask("--where", "version = 1")).rows.every((r) => r.version === 1)).toBe(true);
    const means = (await ask("--sort", "-reward")).rows.map((r) => r.rewardMean).filter((m) => typeof m === "number");
    expect(means).toEqual([...means].sort((a, b) => b - a));
    expect((await ask("--text", "three PEARS")).rows.map((r) => r.promptId)).toEqual(["pears_1"]);
    expect(await ask("--sort=-reward")).toEqual(await ask("--sort", "-reward"));
  });

  it("episodes and evals", async () => {
    const home = tempFolder("home");
    const folder = outputFolder();
    const episodes = json(await runside(home, ["episodes", folder, "--json"])) as {
      total: number;
      rows: { label: string; goal: string }[];
    };
    expect(episodes.rows[0]).toMatchObject({ label: "ft", goal: "Open the till" });
    const [table] = json(await runside(home, ["evals", folder, "--json"])) as {
      label: string;
      metrics: { name: string; n: number | null; low: number | null }[];
    }[];
    expect(table?.label).toBe("ft");
    expect(table?.metrics.find((m) => m.name === "episode_success_rate")).toMatchObject({
      n: 5,
      value: 0.4,
      low: expect.any(Number) as number,
    });
    expect((await runside(home, ["evals", folder])).out).toMatch(
      /episode_success_rate\s+0\.4000 \[0\.\d+, 0\.\d+\] \(n=5\)/,
    );
  });

  it.skipIf(!existsSync(shared))("reads the shared fixtures", async () => {
    const home = tempFolder("home");
    const found = json(await runside(home, ["inspect", join(shared, "openadapt"), "--json"])) as Record<
      string,
      unknown[]
    >;
    expect(found.sources?.length).toBeGreaterThan(0);
    expect(Number(found.episodes)).toBeGreaterThan(0);
    expect(Number(found.evals)).toBeGreaterThan(0);
  });
  if (!existsSync(shared)) console.log(`left out: no shared fixtures at ${shared}`);
});

describe("actions", () => {
  it("answers each line with one line, in order, whatever is in it", async () => {
    const lines = [
      '{"text": "Thought: there\\nAction: CLICK(x=0.46, y=0.34)"}',
      "",
      "not json",
      '{"text": 5}',
      "[]",
      "null",
      '{"text": "a line\u2028separator\u2029 and \rreturn TYPE(\\"x\\")"}'.replace("\r", "\\r"),
      '{"text": "plain prose"}\r',
      '{"text": "Action: DONE()"}',
    ];
    for (const ending of ["\n", ""]) {
      const { out, code } = await runside(tempFolder("home"), ["actions"], lines.join("\n") + ending);
      expect(code).toBe(0);
      const answers = out
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as { dialect: string; actions: { kind: string }[]; diagnostics: unknown[] });
      expect(answers).toHaveLength(lines.length);
      for (const answer of answers)
        expect(Object.keys(answer)).toEqual(["dialect", "thought", "state", "actions", "diagnostics"]);
      expect(answers.map((a) => a.actions.map((x) => x.kind).join("+"))).toEqual([
        "click",
        "",
        "",
        "",
        "",
        "",
        "type",
        "",
        "done",
      ]);
      expect(answers.slice(1, 6).every((a) => a.diagnostics.length === 1)).toBe(true);
    }
  });

  it("takes a dialect and a file, and says which dialects there are", async () => {
    const home = tempFolder("home");
    const file = join(home, "in.jsonl");
    writeFileSync(file, '{"text": "CLICK(x=0.4, y=0.3)"}\n'.repeat(20_000));
    const { out } = await runside(home, ["actions", "--dialect", "openadapt", file]);
    expect(out.match(/\n/g)).toHaveLength(20_000);
    expect(await runside(home, ["actions", "--dialect", "klingon", file])).toMatchObject({ code: 2, out: "" });
    const missing = await runside(home, ["actions", join(home, "none.jsonl")]);
    expect(missing).toMatchObject({ code: 1, out: "" });
    expect(missing.err).toContain("ENOENT");
    expect((await runside(home, ["actions"], "")).out).toBe("");
  });

  it("measures in the frame that is asked for, whatever the numbers look like", async () => {
    const input = `${JSON.stringify({ text: "Action: click(start_box='(420,310)')" })}\n${JSON.stringify({ text: "Action: wait()" })}\n`;
    const frameOf = async (...args: string[]): Promise<unknown[]> => {
      const { out } = await runside(tempFolder("home"), ["actions", ...args], input);
      const lines = out.trimEnd().split("\n");
      return lines.map((line) => (JSON.parse(line) as { actions: { frame?: string }[] }).actions[0]?.frame);
    };
    expect(await frameOf()).toEqual(["n1000", undefined]);
    expect(await frameOf("--frame", "model_px")).toEqual(["model_px", undefined]);
    const wrong = await runside(tempFolder("home"), ["actions", "--frame", "furlongs"], input);
    expect(wrong).toMatchObject({ code: 2, out: "" });
    expect(wrong.err).toContain("there are: unit, n1000, px, canvas, model_px");
  });

  it("knows the dialects that the project declares, and says what is wrong in their file", async () => {
    const project = tempFolder("project");
    mkdirSync(join(project, ".runside"));
    mkdirSync(join(project, "runs"));
    const pattern = "pour (?<x>\\d+) (?<y>\\d+)";
    const good = `dialects:\n  - id: tea\n    patterns:\n      - {kind: click, pattern: '${pattern}', frame: n1000}\n`;
    writeFileSync(join(project, ".runside", "dialects.yaml"), `${good}  - id: broken\n`);
    const input = '{"text": "I pour 120 480 now"}\n';
    const { out, err } = await runside(
      tempFolder("home"),
      ["actions", "--dialect", "tea"],
      input,
      join(project, "runs"),
    );
    expect(JSON.parse(out)).toMatchObject({
      dialect: "tea",
      actions: [{ kind: "click", x: 120, y: 480, frame: "n1000" }],
    });
    expect(err).toMatch(/dialects\.yaml:\d+:\d+: /);
  });
});

describe("runs on the command line", () => {
  async function oneRun(program: string) {
    const home = tempFolder("home");
    const agent = await startAgent(home);
    const spec = specOf(home, [node(program)], {
      progress: { pattern: "step (?<step>\\d+)/(?<total>\\d+)", total: null },
      expects: ["result.json"],
    });
    const { id } = await started(agent.peer, home, spec);
    return { home, id };
  }

  it("ls, show, logs -f and cancel, while it runs and after", async () => {
    const writes = `const fs = require("node:fs"); const out = process.env.RUNSIDE_OUT + "/metrics.jsonl";
      let n = 0; setInterval(() => { n++; console.log("step " + n + "/900"); fs.appendFileSync(out, JSON.stringify({ step: n, reward: n / 100 }) + "\\n"); }, 20);`;
    const { home, id } = await oneRun(writes);
    await eventually(async () => {
      const [run] = json(await runside(home, ["ls", "--json"])) as {
        id: string;
        status: { state: string };
        progress: { step: number; total: number };
      }[];
      expect(run).toMatchObject({ id, status: { state: "running" }, progress: { total: 900 } });
      expect(run?.progress.step).toBeGreaterThan(3);
    });
    expect((await runside(home, ["ls"])).out).toMatch(
      new RegExp(`${id}\\s+(?:under 1|\\d+) s\\s+running\\s+step \\d+/900`),
    );
    const following = runside(home, ["logs", "-f", id]);
    const cancelled = json(await runside(home, ["cancel", id, "--json"]));
    expect(cancelled).toEqual({ accepted: true, state: "cancelled", sent: ["SIGINT"] });
    const log = (await following).out;
    expect(log).toBe((await runside(home, ["logs", id])).out);
    const steps = log.trimEnd().split("\n").length;
    const shown = json(await runside(home, ["show", id, "--json"])) as Record<string, Record<string, unknown>>;
    expect(Object.keys(shown)).toEqual(["manifest", "setup", "status", "progress"]);
    expect(shown.progress).toMatchObject({ step: steps, total: 900, reward: steps / 100 });
    expect((await runside(home, ["show", id])).out).toMatch(/state {9}cancelled\nreason {8}Stopped on request/);
    const again = await runside(home, ["cancel", id]);
    expect(again).toMatchObject({ code: 1, out: "" });
    expect(again.err).toContain("is not running (cancelled)");
    expect((await runside(home, ["inspect", id])).out).toMatch(/metrics\.jsonl\s+plain-jsonl/);
  });

  it("an end without what was promised is shown as such; the summary is kept and not believed blindly", async () => {
    const { home, id } = await oneRun("console.log('step 7/7')");
    await inState(home, id, "succeeded");
    const ls = async () =>
      json(await runside(home, ["ls", "--json"])) as {
        status: { state: string; but: string | null };
        progress: unknown;
      }[];
    const first = await ls();
    expect(first[0]).toMatchObject({
      status: { state: "succeeded", but: "it wrote no result.json" },
      progress: { step: 7, total: 7 },
    });
    expect((await runside(home, ["ls"])).out).toMatch(/, but +step 7\/7/);
    const file = join(home, "runs", id, "cache", "summary.json");
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(first[0]);
    writeFileSync(file, readFileSync(file, "utf8").replace('"step": 7', '"step": 8'));
    expect((await ls())[0]?.progress).toMatchObject({ step: 8 });
    writeFileSync(file, readFileSync(file, "utf8").replace(/"endedAt": "[^"]*"/, '"endedAt": "2020"'));
    expect(await ls()).toEqual(first);
    writeFileSync(file, "{");
    expect(await ls()).toEqual(first);
  });

  it("run: launches a config of the workspace, waits, and answers with the training's end", async () => {
    const home = tempFolder("home");
    const work = tempFolder("work");
    atEnd(() => endRuns(home));
    mkdirSync(join(work, ".runside"));
    const recipe = `recipes:\n  - id: mine\n    title: Mine\n    match: { files: ["*.yaml"] }\n    command: ["sh", "-c", "cat {config}; exit $CODE"]\n    env: { CODE: "3" }\n`;
    writeFileSync(join(work, ".runside/recipes.yaml"), recipe);
    writeFileSync(join(work, "job.yaml"), "lr: 1\n");
    const ended = await runside(home, ["run", "job.yaml", "--recipe", "mine", "--set", "lr=2", "--wait"], "", work);
    expect(ended.err).toContain("exited with code 3");
    expect(ended.code).toBe(1);
    expect((await runside(home, ["logs", ended.out.trim()])).out).toBe("lr: 2\n");
    writeFileSync(join(work, "bad.yaml"), "a: [1\nb: 2\n");
    const bad = await runside(home, ["run", "bad.yaml"], "", work);
    expect(bad).toMatchObject({ code: 1, out: "" });
    expect(bad.err).toMatch(/bad\.yaml:\d/);
    expect((await runside(home, ["run", "none.yaml"], "", work)).code).toBe(1);
  });
});

describe("exit codes", () => {
  it.each([
    [2, []],
    [2, ["nonsense"]],
    [2, ["inspect"]],
    [2, ["ls", "extra"]],
    [2, ["series", "."]],
    [2, ["rollouts", ".", "--sort", "sideways"]],
    [2, ["rollouts", ".", "--limit", "-3"]],
    [2, ["rollouts", ".", "--limit", "many"]],
    [2, ["inspect", ".", "--frobnicate"]],
    [2, ["logs", "."]],
    [2, ["show", "."]],
    [2, ["cancel", "."]],
    [1, ["inspect", "/no/such/place"]],
    [1, ["show", "20260101-000000-none-abcd"]],
    [1, ["logs", "20260101-000000-none-abcd"]],
    [1, ["cancel", "20260101-000000-none-abcd"]],
    [1, ["series", ".", "reward"]],
    [1, ["evals", "."]],
    [0, ["inspect", "."]],
    [0, ["ls"]],
    [0, ["--help"]],
    [0, ["series", "--help"]],
    [0, ["--version"]],
  ])("%i for runside %j", async (code, args) => {
    const outcome = await runside(tempFolder("home"), args, "", tempFolder("empty"));
    expect(outcome.code, outcome.err).toBe(code);
    if (code === 0) expect([outcome.err, outcome.out.length > 0]).toEqual(["", true]);
    else if (args.length > 0) expect([outcome.out, outcome.err.startsWith("runside: ")]).toEqual(["", true]);
  });

  it("is 0 for a reader that leaves early", async () => {
    const home = tempFolder("home");
    const folder = tempFolder("out");
    appendFileSync(
      join(folder, "m.jsonl"),
      Array.from({ length: 50_000 }, (_, i) => `{"step": ${i}, "loss": ${i}}\n`).join(""),
    );
    const agent = await builtAgent();
    const { execFileSync } = await import("node:child_process");
    const script = '"$0" "$1" series "$2" loss | head -1; echo done';
    const out = execFileSync("bash", ["-o", "pipefail", "-c", script, process.execPath, agent, folder], {
      env: { ...process.env, RUNSIDE_HOME: home },
      encoding: "utf8",
    });
    expect(out).toMatch(/step +loss\ndone/);
  });
});
