// Files whose columns no reader guesses, opened by what .runside/sources.yaml says of them.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { Home } from "../../remote-agent/disk/home";
import { Target } from "../../remote-agent/index/target";
import { readRollout, rolloutPage } from "../../remote-agent/index/rolloutQuery";
import { builtAgent, runside } from "../support/builtAgent";
import { eventually } from "../support/eventually";
import { atEnd, tempFolder } from "../support/tempFolder";
import { readAtOnce } from "./shown";

beforeAll(() => builtAgent(), 60_000);

interface Found {
  sources: { path: string; reader: string; confidence: number }[];
  series: { name: string; raw: string; count: number; last: number }[];
  rollouts: number;
  diagnostics: { code: string; path: string; line: number | null; message: string; severity: string }[];
}

function write(folder: string, files: Readonly<Record<string, string>>): string {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

async function inspect(path: string): Promise<Found> {
  const { code, out, err } = await runside(tempFolder("home"), ["inspect", path, "--json"]);
  expect([code, err]).toEqual([0, ""]);
  return JSON.parse(out) as Found;
}

/** A spreadsheet's table: German decimals, a title nobody guesses; and answers under names of the project's own. */
const files = {
  "tables/harvest.csv":
    "Runde;Ertrag (kg);Sorte;Feld;Helfer\n1;0,5;Birne;Nord;A\n2;0,75;Birne;Nord;B\n3;1,25;Birne;Ost;A\n",
  "answers.jsonl": [
    { task: { id: "t1", text: "2 and 3?" }, said: ["5", "6"], points: [1, 0], truth: "5", round: "1" },
    { task: { id: "t2", text: "4 and 4?" }, said: ["8", "8"], points: [1, 1], truth: "8", round: "2" },
  ]
    .map((row) => `${JSON.stringify(row)}\n`)
    .join(""),
};

const mapping = `sources:
  - files: tables/*.csv
    kind: csv
    step: Runde
    metrics:
      Ertrag (kg): reward
  - files: answers.jsonl
    kind: jsonl
    step: round
    prompt: task.text
    completion: said
    reward: points
    gold: truth
    group: task.id
`;

describe("a folder whose files nobody knows", () => {
  it("inspect says so and names the file that helps; other verbs say it with their error", async () => {
    const folder = write(join(tempFolder("own"), "run"), files);
    const found = await inspect(folder);
    expect(found.sources).toEqual([]);
    expect(found.diagnostics).toEqual([
      expect.objectContaining({ code: "unknown-format", severity: "info", path: "answers.jsonl" }),
    ]);
    expect(found.diagnostics[0]?.message).toMatch(
      /answers\.jsonl, tables\/harvest\.csv; \.runside\/sources\.yaml can say/,
    );
    const { code, err } = await runside(tempFolder("home"), ["rollouts", folder]);
    expect([code, err]).toEqual([1, expect.stringMatching(/\.runside\/sources\.yaml can say/)]);
  });

  it.each([
    ["beside the data", "run/.runside/sources.yaml"],
    ["above it", ".runside/sources.yaml"],
  ])("opens with the project's file %s", async (_where, at) => {
    const project = tempFolder("own");
    write(join(project, "run"), files);
    write(project, { [at]: mapping });
    const found = await inspect(join(project, "run"));
    expect(found.sources).toEqual([
      { path: "answers.jsonl", reader: "own-jsonl", confidence: 1 },
      { path: "tables/harvest.csv", reader: "own-csv", confidence: 1 },
    ]);
    expect(found.series).toEqual([{ name: "reward", raw: "Ertrag (kg)", count: 3, last: 1.25 }]);
    expect([found.rollouts, found.diagnostics]).toEqual([2, []]);
    const alone = await inspect(join(project, "run", "answers.jsonl"));
    expect([alone.sources[0]?.reader, alone.rollouts]).toEqual(["own-jsonl", 2]);
  });

  it("has the prompts, completions, rewards and answers that the file names", async () => {
    const folder = write(tempFolder("own"), { ...files, ".runside/sources.yaml": mapping });
    const target = await readAtOnce(folder, tempFolder("home"));
    const { rows } = await rolloutPage(target, { offset: 0, limit: 9, sort: "oldest" });
    expect(rows.map((r) => [r.step, r.promptId, r.samples, r.rewardMean])).toEqual([
      [1, "t1", 2, 0.5],
      [2, "t2", 2, 1],
    ]);
    expect(await readRollout(target, rows[0]?.id ?? "", {})).toMatchObject({
      prompt: "2 and 3?",
      reference: "5",
      samples: [
        { text: "5", reward: 1 },
        { text: "6", reward: 0 },
      ],
    });
  });
});

describe("a mapping that does not fit", () => {
  it("is a problem of the file, or of the lines that lack what it names; the rest is read", async () => {
    const folder = write(tempFolder("own"), {
      ...files,
      ".runside/sources.yaml": `sources:
  - files: tables/*.csv
    kind: csv
    step: Round
    metrics: [Ertrag (kg)]
  - files: answers.jsonl
    kind: json
    step: round
`,
    });
    const found = await inspect(folder);
    expect(found.diagnostics.map(({ code, path, line }) => [code, path, line])).toEqual([
      ["bad-sources-file", ".runside/sources.yaml", 7],
      ["no-such-field", "tables/harvest.csv", 2],
      ["unknown-format", "answers.jsonl", null],
    ]);
    expect(found.diagnostics[1]?.message).toContain(
      "takes step from Round, which this row lacks; it has Runde, Ertrag (kg), Sorte",
    );
    expect(found.series.map((s) => s.count)).toEqual([3]);
  });

  it("is followed: what the file says now counts, and what it no longer says is gone", async () => {
    const folder = write(tempFolder("own"), files);
    const target = Target.open(folder, new Home(tempFolder("home")));
    atEnd(() => target.dispose());
    target.index.follow();
    await target.index.ready();
    expect(target.index.sources).toEqual([]);
    write(folder, { ".runside/sources.yaml": mapping });
    await eventually(() => expect(target.index.series().map((s) => s.name)).toEqual(["reward"]), 15_000);
    write(folder, { ".runside/sources.yaml": mapping.replace("reward\n  - files", "mass\n  - files") });
    await eventually(() => expect(target.index.series().map((s) => s.name)).toEqual(["mass"]), 15_000);
    rmSync(join(folder, ".runside"), { recursive: true });
    await eventually(() => expect(target.index.sources).toEqual([]), 15_000);
  });
});

describe("a mapping of lines", () => {
  const mapped = (entry: string, rows: readonly object[]): string =>
    write(join(tempFolder("own"), "run"), {
      ".runside/sources.yaml": `sources:\n  - files: odd.jsonl\n    kind: jsonl\n    step: it\n${entry}`,
      "odd.jsonl": rows.map((row) => `${JSON.stringify(row)}\n`).join(""),
    });

  it("finds numbers inside others, and parts the curves by the words of a field", async () => {
    const found = await inspect(
      mapped("    series: of\n", [
        { it: 1, of: "training", pears: { big: 1, by: { farm: 2 } } },
        { it: 1, of: "dev", pears: { big: 3, by: { farm: 4 } } },
        { it: 1, of: "orchard 2", pears: { big: 5 } },
      ]),
    );
    expect(found.diagnostics).toEqual([]);
    expect(found.series.map(({ raw, last }) => `${raw} ${String(last)}`).sort()).toEqual([
      "eval/pears/big 3",
      "eval/pears/by/farm 4",
      "orchard 2/pears/big 5",
      "pears/big 1",
      "pears/by/farm 2",
    ]);
  });

  it("keeps the names that it gives where it parts the curves", async () => {
    const found = await inspect(
      mapped("    series: of\n    metrics: { yield: reward }\n", [
        { it: 1, of: "train", yield: 1 },
        { it: 1, of: "test", yield: 2 },
      ]),
    );
    expect(found.series.map(({ name, last }) => `${name} ${String(last)}`).sort()).toEqual([
      "eval/reward 2",
      "reward 1",
    ]);
  });

  it("that finds no number in the file says so", async () => {
    const found = await inspect(
      mapped("", [
        { it: 1, said: "a" },
        { it: 2, said: "b" },
      ]),
    );
    expect(found.diagnostics).toEqual([expect.objectContaining({ code: "no-numbers", line: 2 })]);
  });
});
