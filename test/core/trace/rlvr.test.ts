// What is particular to the RLVR readers: speed must not change what they say.
import { describe, expect, it } from "vitest";
import { parseJsonLine } from "../../../core/base/json";
import { rlvrRollouts } from "../../../core/trace/readers/rlvrRollouts";
import { rlvrTrace } from "../../../core/trace/readers/rlvrTrace";
import { seeded } from "../random";
import { readLines } from "./collect";

const lines = (...rows: (object | string)[]): Buffer =>
  Buffer.from(rows.map((row) => `${typeof row === "string" ? row : JSON.stringify(row)}\n`).join(""));

describe("rlvrTrace", () => {
  it("says the same of compact JSON, whose lines it cannot tell by their first bytes", () => {
    const python =
      '{"type": "span", "name": "generate", "ts": 1.0, "dur": 2.0}\n{"type": "buffer", "ts": 1.5, "size": 2, "fates": {"used": {"0": 2}}}\n' +
      '{"type": "counter", "name": "metrics", "ts": 2.0, "loss": NaN}\n';
    const compact = python.replaceAll(": ", ":").replaceAll(", ", ",");
    expect(readLines(rlvrTrace, Buffer.from(compact))).toEqual(readLines(rlvrTrace, Buffer.from(python)));
  });

  it("reports a torn span or snapshot although it skips whole ones", () => {
    const got = readLines(
      rlvrTrace,
      lines(
        '{"type": "span", "name": "generate", "ts": 1.0, "du',
        '{"type": "span", "name": "generate", "ts": 1.0, "dur": 2.0}',
        '{"type": "buffer", "ts": 1.5, "siz',
      ),
    );
    expect(got.diagnostics.map((d) => d.slice(0, 11))).toEqual(["1 torn-line", "3 torn-line"]);
  });

  it("reads of the snapshots of a step the last, also behind the last step", () => {
    const buffer = (size: number): object => ({ type: "buffer", ts: 1, size });
    const metrics = { type: "counter", name: "metrics", ts: 1 };
    const trace = lines(
      "{}",
      ...[buffer(1), buffer(2), metrics, buffer(3), buffer(4), metrics, metrics, buffer(5), buffer(6)],
    );
    expect(readLines(rlvrTrace, trace).points.filter((p) => p.startsWith("buffer.size"))).toEqual([
      "buffer.size@0 = 2",
      "buffer.size@1 = 4",
      "buffer.size@3 = 6",
    ]);
  });

  it("tells of requests and verdicts their number, mean and share that passed, and all of it where no step ever comes", () => {
    const verdict = (passed: number, dur: number): string =>
      `{"type": "span", "name": "verify", "ts": 12.5, "dur": ${String(dur)}, "worker": 0, "slot": 1, "passed": ${String(passed)}, "prompt_id": "a \\"passed\\": 1", "version": null}`;
    const request = '{"type": "span", "name": "vllm.generate_single", "ts": 1.0, "dur": 2.0, "replica": 0, "slot": 3}';
    const phase = '{"type": "span", "name": "verify", "ts": 12.5, "dur": 7.5}';
    // As a writer without spaces has it, whose lines are parsed.
    const other = '{"type":"span","name":"verify","ts":12.5,"dur":0.5,"worker":0,"passed":1}';
    // Python writes what is below 0.0001 with an exponent, behind any number of digits.
    const brief = request.replace("2.0", "7.909999999999862e-07");
    const spans = [verdict(1, 0.25), request, verdict(0, 0.25), phase, other, request, verdict(0, 0.5), brief, brief];
    const told = (step: number): string[] => [
      `span.verify/count@${String(step)} = 4`,
      `span.verify/mean@${String(step)} = 0.375`,
      `span.verify/passed@${String(step)} = 0.5`,
      `span.vllm.generate_single/count@${String(step)} = 4`,
      `span.vllm.generate_single/mean@${String(step)} = 1.0000003954999999`,
      `span.verify@${String(step)} = 7.5`,
    ];
    expect(readLines(rlvrTrace, lines(...spans)).points).toEqual(told(0));
    const metrics = '{"type": "counter", "name": "metrics", "ts": 13.0, "loss": 1}';
    expect(readLines(rlvrTrace, lines(...spans, metrics, request)).points).toEqual(["metrics.loss@1 = 1", ...told(1)]);
  });

  it("continues from the step that counters name", () => {
    const metrics = { type: "counter", name: "metrics", loss: 1 };
    const trace = lines(
      { type: "counter", name: "batch.padding", step: 40 },
      metrics,
      metrics,
      { type: "counter", name: "x", step: 50 },
      metrics,
    );
    expect(readLines(rlvrTrace, trace).points).toEqual([
      "metrics.loss@40 = 1",
      "metrics.loss@41 = 1",
      "metrics.loss@50 = 1",
    ]);
  });

  it("gives no time between metrics that go backwards, as after a restart in the same file", () => {
    const at = (ts: number): object => ({ type: "counter", name: "metrics", ts });
    expect(readLines(rlvrTrace, lines(at(10), at(12), at(1), at(4))).points).toEqual([
      "metrics.step_time@2 = 2",
      "metrics.step_time@4 = 3",
    ]);
  });
});

describe("rlvrRollouts", () => {
  it("finds the same numbers in undecoded lines as JSON.parse does", () => {
    const random = seeded(31);
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
    const text = (): string =>
      Array.from({ length: Math.floor(random() * 30) }, () =>
        pick(["word ", '"', "\\", "\n", '"rewards": [9], ', '{"version": 8}', "é", "🍵", "NaN ", "}", "]"]),
      ).join("");
    for (let round = 0; round < 500; round++) {
      const n = Math.floor(random() * 5);
      const fields: [string, unknown][] = [
        ["prompt_id", text()],
        ["prompt", text()],
        ["completions", Array.from({ length: n }, text)],
        ["rewards", Array.from({ length: n }, () => pick([0, 1, 0.5]))],
        [pick(["version", "generated_at_step", "generated_at_version"]), Math.floor(random() * 9)],
        ["nested", { rewards: [7], version: 5, step: 3 }],
      ];
      if (random() < 0.3) fields.push([pick(["step", "trained_at_step"]), Math.floor(random() * 99)]);
      fields.sort(() => random() - 0.5);
      const line = JSON.stringify(Object.fromEntries(fields));
      // An escaped key that nobody reads forces the way through JSON.parse.
      const parsed = readLines(rlvrRollouts, Buffer.from(`${line.slice(0, -1)},"\\u007a":1}\n`)).rollouts[0];
      expect(readLines(rlvrRollouts, Buffer.from(`${line}\n`)).rollouts[0]).toEqual({
        ...parsed,
        length: Buffer.byteLength(line),
      });
      const body = rlvrRollouts.readRollout?.(line);
      expect(body?.samples.map((s) => s.text)).toEqual(
        (parseJsonLine(line) as { value: { completions: string[] } }).value.completions,
      );
    }
  });

  it("reads no body out of half a record", () => {
    expect(rlvrRollouts.readRollout?.('{"prompt": "half')).toBeNull();
    expect(rlvrRollouts.readRollout?.("[1]")).toBeNull();
  });

  it("is known by its first group alone, even where that is longer than the sample", () => {
    const head = `{"prompt_id": "p_1", "prompt": "${"x".repeat(100)}", "completions": ["${"y".repeat(70_000)}`.slice(
      0,
      65_536,
    );
    expect(rlvrRollouts.detect({ path: "a.jsonl", size: 90_000, head })).toBeGreaterThan(0.5);
    expect(rlvrRollouts.detect({ path: "rollouts.jsonl", size: 90_000, head: "x".repeat(1000) })).toBe(0);
  });
});
