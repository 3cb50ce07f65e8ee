// Every scorer of the registry: what it must keep to, whatever the records hold; and which rows belong to which results.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isFields, parseJsonLine } from "../../../core/base/json";
import { gelabScore } from "../../../core/metrics/gelabScore";
import { stateOf } from "../../../core/metrics/openadaptScore";
import { anyOfFirst, passAtK } from "../../../core/metrics/passAtK";
import { nearestPairs } from "../../../core/metrics/recompute";
import { scorers } from "../../../core/metrics/registry";
import { setOf, type RecordPlace } from "../../../core/metrics/scorer";
import { evalTableSchema } from "../../../core/model/evaluation";
import { readers } from "../../../core/trace/registry";
import { projectRoot } from "../../../scripts/folders";
import { seeded } from "../random";

const traces = join(projectRoot, "test/fixtures/traces");
const place = (reader: string, path: string): RecordPlace => ({ path, reader, label: "", benchmark: "", step: null });

/** The records of all of a reader's own fixtures, damaged lines left out. */
function recordsOf(reader: string): unknown[] {
  const names = readdirSync(join(traces, reader)).filter((name) => !/\.golden\.json$|\.md$/.test(name));
  return names.sort().flatMap((name) => {
    const text = readFileSync(join(traces, reader, name), "utf8");
    return (name.endsWith(".jsonl") ? text.split("\n") : [text]).flatMap((line) => {
      const parsed = parseJsonLine(line);
      return parsed.ok ? [parsed.value] : [];
    });
  });
}

describe("scorers", () => {
  it("are registered in order, take readers that there are, and have fixtures", () => {
    const ids = scorers.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].sort());
    const known = new Set(readers.map(({ id }) => id));
    for (const { id, readers: taken, joins = [], recordedBy, label, rule } of scorers) {
      expect([id, [...taken, ...joins, ...recordedBy].filter((reader) => !known.has(reader))]).toEqual([id, []]);
      expect([id, taken.some((reader) => existsSync(join(traces, reader)))]).toEqual([id, true]);
      expect(label !== "" && rule !== "").toBe(true);
    }
  });

  it.each(scorers)("$id: gives whole tables from its fixtures, each rate with its n and interval", (scorer) => {
    const scoring = scorer.begin();
    for (const reader of scorer.readers)
      for (const record of recordsOf(reader)) scoring.record(record, place(reader, "a/rows.jsonl"));
    const tables = scoring.tables();
    expect(tables.length).toBeGreaterThan(0);
    for (const table of tables) {
      expect(evalTableSchema.safeParse(table).success).toBe(true);
      expect(table).toMatchObject({ source: "a/rows.jsonl", scorer: scorer.id });
      for (const { name, value, n, low, high } of table.metrics) {
        expect([name, n]).toEqual([name, expect.any(Number)]);
        if (typeof low === "number" && typeof high === "number" && typeof value === "number")
          expect([name, low <= value && value <= high]).toEqual([name, true]);
      }
    }
  });

  it.each(scorers)("$id: nothing in a record makes it throw, and what is no row makes no table", (scorer) => {
    const random = seeded(7);
    const odd = [null, NaN, -1, 1e400, "", "x", [], [[]], {}, { content: [1] }, true, [null, "a"], "State: {"];
    const damaged = (value: unknown): unknown => {
      if (random() < 0.15) return odd[Math.floor(random() * odd.length)];
      if (Array.isArray(value)) return value.map(damaged);
      return isFields(value) ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, damaged(v)])) : value;
    };
    const taken = [...scorer.readers, ...(scorer.joins ?? [])];
    for (let round = 0; round < 60; round++) {
      const scoring = scorer.begin();
      for (const reader of taken)
        for (const record of recordsOf(reader)) scoring.record(damaged(record), place(reader, "rows"));
      for (const table of scoring.tables()) expect(evalTableSchema.safeParse(table).error).toBeUndefined();
    }
    const nothing = scorer.begin();
    for (const record of odd) nothing.record(record, place("", "odd"));
    expect(nothing.tables()).toEqual([]);
  });
});

describe("rows and results", () => {
  const file = (path: string, label = ""): { path: string; label: string } => ({ path, label });

  it("belong together where the folder, the policy or the names say so, and not by guess", () => {
    expect(nearestPairs([file("a/rows.jsonl")], [file("b/out.txt")])).toEqual([["a/rows.jsonl", "b/out.txt"]]);
    expect(nearestPairs([file("a.json"), file("b.json")], [file("b.json"), file("a.json")])).toEqual([
      ["a.json", "a.json"],
      ["b.json", "b.json"],
    ]);
    const results = [file("e/eval_figs_base.json", "base"), file("e/eval_figs_sft.json", "sft")];
    expect(nearestPairs([file("e/samples_sft.jsonl", "sft")], results)).toEqual([
      ["e/samples_sft.jsonl", "e/eval_figs_sft.json"],
    ]);
    expect(nearestPairs([file("e/one.jsonl", "x"), file("e/two.jsonl", "x")], [file("e/z.json", "x")])).toEqual([]);
    expect(nearestPairs([file("f/rows.jsonl")], results)).toEqual([]);
  });

  it("a set is told by its ids, not by their order", () => {
    expect(setOf(["a", "b", "c"])).toBe(setOf(["c", "a", "b"]));
    expect(new Set([setOf(["a", "b"]), setOf(["a", "c"]), setOf(["ab"]), setOf(["a", "b", "b"]), setOf([])]).size).toBe(
      5,
    );
  });
});

describe("rules", () => {
  it("GE-Lab's scorer: the vectors of formats/gui-and-trainers.md 2.5", () => {
    const target = "Explain:click home icon on page_3.\tAction: click(start_box='<|box_start|>(1019,160)<|box_end|>')";
    const box = [919, 60, 1119, 260] as const;
    const said = (icon: string, point: string): string =>
      `Explain:click ${icon} icon on page_9.\tAction: click(start_box='${point}')`;
    const score = (prediction: string): number | null => gelabScore({ target, prediction, box });
    expect(score(said("home", "(1019,160)"))).toBe(1);
    expect(score(said("home", "(919,60)"))).toBe(1);
    expect(score(said("home", "(1019, 160)"))).toBe(0);
    expect(score(said("home", "(864,62)"))).toBe(0);
    expect(score(said("back", "(1019,160)"))).toBe(0);
    expect(score("Action: click(start_box='(1019,160)')")).toBe(0);
    expect(score(`click back icon (1,2)</think>${said("home", "(1019,160)")}`)).toBe(1);
    expect(gelabScore({ target: "Action: complete", prediction: "anything complete", box: null })).toBe(1);
    expect(gelabScore({ target, prediction: said("home", "(1019,160)"), box: null })).toBeNull();
    expect(gelabScore({ target, prediction: "nothing", box: null })).toBe(0);
  });

  it("OpenAdapt's State: the last one counts, and ends at its first brace", () => {
    expect(stateOf('State: {"success": false}\nstate:{"success": true}')).toBe(true);
    expect(stateOf('State: {"success": true, "d": {"a": 1}}')).toBeNull();
    expect(stateOf('State: {"success": "yes"}')).toBeNull();
    expect(stateOf(null)).toBeNull();
    expect(stateOf("State: {".repeat(100_000))).toBeNull();
  });

  it("pass@k: the estimate is the mean over all choices of k, and any-of-first one of them", () => {
    const scores = [0, 1, 0, 0.5, 0, 0];
    const right = scores.filter((score) => score > 0).length;
    for (let k = 1; k <= scores.length; k++) {
      const choices = subsets(scores, k);
      const mean = choices.reduce((sum, choice) => sum + anyOfFirst(choice, k), 0) / choices.length;
      expect(passAtK(scores.length, right, k)).toBeCloseTo(mean, 12);
    }
  });
});

function subsets<T>(items: readonly T[], k: number): T[][] {
  const [first, ...rest] = items;
  if (k === 0) return [[]];
  if (first === undefined) return [];
  return [...subsets(rest, k - 1).map((chosen) => [first, ...chosen]), ...subsets(rest, k)];
}
