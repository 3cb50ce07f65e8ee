// .runside/sources.yaml: what it may say, and what is refused and where. What it opens is in test/agent/ownSources.test.ts.
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fromJSONSchema } from "zod";
import { fitsGlob } from "../../../core/base/pathGlob";
import { mappedReader } from "../../../core/trace/mappedReader";
import { sourceMappingsSchema, sourcesJsonSchema, type SourceMapping } from "../../../core/trace/sourceMapping";
import { mappingFor, parseUserSources } from "../../../core/trace/userSources";
import { seeded } from "../random";
import { readLines, readResumed } from "./collect";

const problems = (text: string): string[] =>
  parseUserSources(text).problems.map(({ line, column, message }) => `${String(line)}:${String(column)} ${message}`);

describe("the file", () => {
  it("gives its good entries, and what is wrong in the others at its place", () => {
    const text = [
      "sources:",
      "  - files: '*.csv'",
      "    kind: csv",
      "    step: Schritt",
      "    metrics: {Belohnung: reward}",
      "  - files: '*.dat'",
      "    kind: table",
      "    step: x",
      "  - files: []",
      "    kind: jsonl",
      "    prompt: q",
      "    reward: r",
      "    colour: red",
      "  - files: a.jsonl",
      "    kind: jsonl",
      "  - files: b.jsonl",
      "    kind: jsonl",
      "    step: n",
      "    gold: g",
      "    delimiter: ';'",
    ].join("\n");
    expect(parseUserSources(text).mappings).toEqual([
      { files: "*.csv", kind: "csv", step: "Schritt", metrics: { Belohnung: "reward" } },
    ]);
    expect(problems(text)).toEqual([
      "7:11 kind must be csv or jsonl",
      "9:12 files is empty",
      '13:5 "colour" is not known here',
      "14:5 nothing is mapped: give step, time or metrics, or prompt and completion",
      "19:11 gold says something of samples: it needs prompt and completion",
      "20:16 only a csv has a delimiter",
    ]);
  });

  it.each([
    ["", []],
    ["# nothing yet\n", []],
    ["sources: 3\n", ['1:10 "sources" must be a list']],
    ["- a\n", ["1:1 the file is a mapping with a list called sources"]],
    ["sources: [\n", [expect.stringMatching(/^2:1 it is not valid YAML/)]],
    ["sources:\n  - csv\n", ["2:5 a source is a mapping with files and kind"]],
    [`a: ${"[".repeat(40)}`, [expect.stringMatching(/nested more than 32 deep/)]],
  ])("%j", (text, expected) => {
    expect(problems(text)).toEqual(expected);
  });
});

describe("globs", () => {
  it.each([
    ["a/b/run.csv", "*.csv", true],
    ["a/b/run.csv", "b/*.csv", true],
    ["a/b/run.csv", "a/*.csv", false],
    ["a/b/run.csv", "a/**/*.csv", true],
    ["a/run.csv", "a/**/*.csv", true],
    ["run.csv", "**/run.csv", true],
    ["run.csv", "./run.csv", true],
    ["run12.csv", "run?.csv", false],
    ["run1.csv", "run?.csv", true],
    ["a/run.csv", "run", false],
    ["a/x*y.csv", "x*y.csv", true],
    ["(a|b).csv", "(a|b).csv", true],
  ])("%s by %s: %s", (path, glob, expected) => {
    expect(fitsGlob(path, glob)).toBe(expected);
  });

  it("end on any pattern", () => {
    expect(fitsGlob("a".repeat(300), `${"*a".repeat(90)}b`)).toBe(false);
    expect(fitsGlob("a/".repeat(150) + "a", `${"**/a/".repeat(40)}b`)).toBe(false);
  });

  it("the first that fits counts", () => {
    const mapping = (files: string[], step: string): SourceMapping => ({ files, kind: "csv", step });
    const [one, two] = [mapping(["x.csv", "logs/*.csv"], "a"), mapping(["*.csv"], "b")];
    expect([mappingFor("run/logs/y.csv", [one, two]), mappingFor("run/y.csv", [one, two])]).toEqual([one, two]);
    expect(mappingFor("run/y.txt", [one, two])).toBeNull();
  });
});

describe("a mapped reader", () => {
  const csv: SourceMapping = { files: "x.csv", kind: "csv", step: "n", prompt: "q", completion: "a", reward: "r" };
  const text =
    'n;q;a;r\n1;"how\nmany; now";"three ""3""";0,5\n1;"how\nmany; now";two;1\n\n2;why;x\n2;why;"y\nz";0\n2;open;"never';

  it("gives the same records however the bytes arrive, and when it stops and resumes", () => {
    const bytes = Buffer.from(text);
    const whole = readLines(mappedReader(csv), bytes);
    expect(whole.rollouts).toHaveLength(2);
    expect(whole.diagnostics).toEqual([expect.stringMatching(/odd-row: A row has 3 cells and the header 4/)]);
    const random = seeded(3);
    for (let round = 0; round < 60; round++) {
      const cuts = Array.from({ length: 4 }, () => Math.floor(random() * bytes.length)).sort((a, b) => a - b);
      expect(readLines(mappedReader(csv), bytes, cuts)).toEqual(whole);
    }
    for (let half = 0; half < bytes.length; half += 3)
      expect(readResumed(mappedReader(csv), bytes, half)).toEqual(whole);
  });

  it("reads damaged files without throwing", () => {
    const random = seeded(5);
    for (let round = 0; round < 200; round++) {
      const damaged = Uint8Array.from(Buffer.from(text));
      for (let n = 0; n < 5; n++) damaged[Math.floor(random() * damaged.length)] = Math.floor(random() * 256);
      const reader = mappedReader(round % 2 === 0 ? csv : { ...csv, kind: "jsonl" });
      const got = readLines(reader, damaged);
      for (const problem of got.diagnostics) expect(problem).toMatch(/^\d+ [a-z0-9-]+: ./);
      expect(() => reader.readRollout?.(new TextDecoder().decode(damaged))).not.toThrow();
    }
  });

  it("is another one, to saved indexes too, where the mapping is another", () => {
    expect(mappedReader(csv).version).toBe(mappedReader({ ...csv }).version);
    expect(mappedReader(csv).version).not.toBe(mappedReader({ ...csv, step: "m" }).version);
  });
});

describe("the JSON schema that ships", () => {
  const path = new URL("../../../media/schemas/sources.schema.json", import.meta.url);
  const generated = `${JSON.stringify(sourcesJsonSchema(), null, 2)}\n`;

  it("is the one that zod checks with", () => {
    if (process.env["UPDATE_GOLDEN"]) writeFileSync(path, generated);
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual(JSON.parse(generated));
  });

  it("agrees with zod on good and bad files", () => {
    const shipped = fromJSONSchema(JSON.parse(readFileSync(path, "utf8")) as Parameters<typeof fromJSONSchema>[0]);
    const entry = { files: "*.csv", kind: "csv", step: "n" };
    const changes = [
      {},
      { kind: "xml" },
      { files: [] },
      { files: ["a"] },
      { step: 3 },
      { extra: 1 },
      { metrics: ["a"] },
    ];
    const more = [{ metrics: { a: "b" } }, { metrics: 3 }, { delimiter: "x" }, { files: undefined }];
    for (const change of [...changes, ...more]) {
      const file = JSON.parse(JSON.stringify({ sources: [{ ...entry, ...change }] })) as unknown;
      expect([change, shipped.safeParse(file).success]).toEqual([change, sourceMappingsSchema.safeParse(file).success]);
    }
  });
});
