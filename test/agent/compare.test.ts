// Runs side by side on the command line: facts that differ, last values and evaluations with n; and one run's own facts.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { builtAgent, runside } from "../support/builtAgent";
import { endRuns } from "../support/runsOfAgent";
import { atEnd, tempFolder } from "../support/tempFolder";

beforeAll(() => builtAgent(), 60_000);

const write = (folder: string, files: Record<string, string>): void => {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
};

/** A training of the workspace's own: its reward is the learning rate's last digit over ten. */
const program = `const fs = require("node:fs");
const out = process.env.RUNSIDE_OUT; const lr = /lr: (\\S+)/.exec(fs.readFileSync(process.argv[1], "utf8"))[1];
for (let step = 1; step <= 4; step++) fs.appendFileSync(out + "/metrics.jsonl", JSON.stringify({ step, reward: lr === "2.0e-5" ? 0.8 : 0.5, loss: 1 / step }) + "\\n");
if (lr === "2.0e-5") fs.appendFileSync(out + "/metrics.jsonl", '{"step": 5, "reward": NaN}\\n');
fs.writeFileSync(out + "/eval_pears.json", JSON.stringify({ config_path: "c.yaml", backend: "b", metrics: { num_episodes: 10, num_steps: 20, action_type_accuracy: lr === "2.0e-5" ? 0.5 : 0.25, episode_success_rate: 0.1 } }));`;

async function twoRuns(): Promise<{ home: string; ids: string[] }> {
  const home = tempFolder("home");
  const work = tempFolder("work");
  atEnd(() => endRuns(home));
  write(work, {
    ".runside/recipes.yaml": `recipes:\n  - id: pears\n    match: {keys: [lr]}\n    command: ["{node}", -e, ${JSON.stringify(program)}, "{config}"]\n    seed: seed\n`,
    "a.yaml": "lr: 1.0e-5 # a comment\nseed: 1\nmodel: cup\ndataset: pears\n",
    "b.yaml": "lr: 2.0e-5\nseed: 1\nmodel: cup\n",
  });
  const ids: string[] = [];
  for (const name of ["a.yaml", "b.yaml"]) {
    const { code, out, err } = await runside(home, ["run", name, "--wait"], "", work);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    ids.push(out.trim());
  }
  return { home, ids };
}

describe("compare", () => {
  it("shows of two runs what differs, the last values and the evaluations with their n", async () => {
    const { home, ids } = await twoRuns();
    const { code, out } = await runside(home, ["compare", ...ids]);
    expect(code).toBe(0);
    const rows = out.split("\n").map((line) => line.split(/ {2,}/));
    expect(rows[0]).toEqual(["FACT", ...ids]);
    const row = (name: string): string[] | undefined => rows.find((cells) => cells[0] === name)?.slice(1);
    expect(row("learning rate")).toEqual(["1e-5", "2e-5"]);
    expect(row("dataset")).toEqual(["pears", "-"]);
    expect([row("seed"), row("model"), row("recipe")]).toEqual([undefined, undefined, undefined]);
    expect(row("reward")).toEqual(["0.5000 at 4 (n=4)", "NaN at 5 (n=5)"]);
    expect(row("loss")).toEqual(["0.2500 at 4 (n=4)", "0.2500 at 4 (n=4)"]);
    expect(row("action_type_accuracy")?.map((cell) => cell.replace(/\[.*\]/, "[]"))).toEqual([
      "0.2500 [] (n=20)",
      "0.5000 [] (n=20)",
    ]);
    const all = JSON.parse((await runside(home, ["compare", ...ids, "--all", "--json"])).out) as {
      facts: { name: string; cells: unknown[] }[];
    };
    expect(all.facts.find(({ name }) => name === "seed")?.cells).toEqual([1, 1]);

    const shown = (await runside(home, ["show", ids[0] ?? ""])).out;
    for (const line of [
      "config        a.yaml",
      "recipe        pears",
      "seed          1  (seed)",
      "learning rate 1e-5  (lr)",
      "model         cup  (model)",
    ])
      expect(shown.split("\n")).toContain(line);
    expect(shown).toMatch(/^command {7}\S+ -e 'const fs/m);
    expect(shown).toMatch(/^launched {6}20\S+Z \(.* ago\)$/m);
    const [newest] = JSON.parse((await runside(home, ["ls", "--json"])).out) as { id: string; facts: unknown }[];
    expect(newest).toMatchObject({
      id: ids[1],
      facts: [
        { name: "seed", key: "seed", value: 1 },
        { name: "learningRate", key: "lr", value: 2e-5 },
        { name: "model", key: "model", value: "cup" },
      ],
    });
    expect((await runside(home, ["ls"])).out.split("\n")[0]).toMatch(/^RUN +AGE +STATE +PROGRESS$/);
  }, 60_000);

  it("takes folders that Runside did not launch, with the config that lies in them", async () => {
    const folder = tempFolder("out");
    const config = (beta: string): string =>
      `run: {name: x}\nroles: [{name: trainer, config: {optimizer: {lr: 5e-6}}}]\ntraining: {max_steps: 3}\nloss: {beta: ${beta}}\n`;
    write(folder, {
      "one/config.yaml": config("0.001"),
      "one/metrics.jsonl": '{"step": 1, "kl": 0.5}\n',
      "two/config.yaml": config("0.1"),
      "two/metrics.jsonl": '{"step": 1, "kl": 0.25, "entropy": 1}\n',
      "three/metrics.jsonl": '{"step": 1, "kl": 0.125}\n',
    });
    const home = tempFolder("home");
    const { out, err } = await runside(home, ["compare", "one", "two", "three"], "", folder);
    expect(err).toBe("");
    expect(out).toMatch(/^FACT +one +two +three\n/);
    expect(out).toMatch(/\nbeta +0\.001 +0\.1 +-\n/);
    expect(out).toMatch(/\nlearning rate +5e-6 +5e-6 +-\n/);
    expect(out).toMatch(/\nkl +0\.5000 at 1 \(n=1\) +0\.2500 at 1 \(n=1\) +0\.1250 at 1 \(n=1\)\n/);
    expect(out).not.toContain("entropy");
    expect(out).toMatch(/None of them has an evaluation\.\n$/);
    expect((await runside(home, ["compare", "one"], "", folder)).code).toBe(2);
    expect((await runside(home, ["compare", "one", "nowhere"], "", folder)).code).toBe(1);
  });
});
