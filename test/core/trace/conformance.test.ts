// What holds for every reader. A new one needs a folder test/fixtures/traces/<id>/ and nothing here.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { TraceReader } from "../../../core/trace/reader";
import { detectReader, readerById, readers } from "../../../core/trace/registry";
import { expectGolden } from "../golden";
import { seeded } from "../random";
import {
  readBytes,
  readBytesResumed,
  readDocument,
  readLines,
  readRanges,
  readResumed,
  sampleOf,
  type Collected,
} from "./collect";

const root = join(import.meta.dirname, "../../fixtures/traces");

const filesOf = (reader: TraceReader): string[] =>
  readdirSync(join(root, reader.id)).filter((name) => name !== "SOURCE.md" && !name.endsWith(".golden.json"));

const bytesOf = (reader: TraceReader, name: string): Buffer => readFileSync(join(root, reader.id, name));

async function readAll(reader: TraceReader, bytes: Uint8Array, name: string): Promise<Collected> {
  if (reader.input === "bytes") return readBytes(reader, bytes, name);
  if (reader.input === "ranges") return (await readRanges(reader, bytes, name)).collected;
  if (reader.input === "lines") return readLines(reader, bytes);
  return readDocument(reader, new TextDecoder().decode(bytes), name);
}

/** What a parser tells when it has caught up is told later where it had not: in another order among the curves, not within one. */
function byCurve({ points, ...rest }: Collected): unknown {
  const curveOf = (point: string): string => point.slice(0, point.lastIndexOf("@"));
  return {
    ...rest,
    points: [...points].sort((a, b) => (curveOf(a) < curveOf(b) ? -1 : curveOf(a) > curveOf(b) ? 1 : 0)),
  };
}

/** What the reader says about each record when it is read again from its byte range. */
async function bodiesOf(
  reader: TraceReader,
  bytes: Uint8Array,
  name: string,
  collected: Collected,
): Promise<unknown[]> {
  if (reader.input === "ranges") return (await readRanges(reader, bytes, name)).bodies;
  const text = (from: number, length: number): string => new TextDecoder().decode(bytes.subarray(from, from + length));
  const cut = (entry: { offset?: unknown; length?: unknown; held?: unknown }): string => {
    const pieces = Array.isArray(entry.held) ? (entry.held as number[]) : null;
    if (pieces) return pieces.flatMap((at, i) => (i % 2 ? [] : [text(at, pieces[i + 1] ?? 0)])).join("\n");
    const offset = Number(entry.offset) - Number(entry.held ?? 0);
    return text(offset, Number(entry.length));
  };
  if (reader.readRollout)
    return collected.rollouts.map((entry) => reader.readRollout?.(cut(entry), Number(entry.held ?? 0) || 0));
  const ranges = new Map((collected.steps as { offset: number; length: number }[]).map((s) => [s.offset, s]));
  return [...ranges.values()].map((entry) => reader.readSteps?.(cut(entry), name));
}

describe("the registry", () => {
  it("is alphabetical, and finds readers by id", () => {
    const ids = readers.map((reader) => reader.id);
    expect(ids).toEqual([...ids].sort());
    for (const reader of readers) expect(readerById(reader.id)).toBe(reader);
    expect(readerById("nobody")).toBeNull();
  });

  it("knows nothing of foreign files", () => {
    for (const [path, text] of [
      ["notes.txt", "step 1 loss 2"],
      ["trace.jsonl", ""],
      ["rollouts.jsonl", "not json\n"],
      ["chat.jsonl", '{"messages": [{"role": "user", "content": "hi"}], "score": 1}\n'],
      ["run.json", '{"schema": 1, "id": "x", "seed": 3}'],
      ["words.jsonl", '{"a": "b"}\n{"a": "c"}\n'],
      ["events.jsonl", '{"event": "picked", "at": "noon", "fruit": "pears_1"}\n'],
    ] as const) {
      expect([path, detectReader(sampleOf(path, Buffer.from(text)))]).toEqual([path, null]);
    }
  });
});

describe.each(readers.map((reader) => [reader.id, reader] as const))("%s", (id, reader) => {
  it("has fixtures and says where they come from", () => {
    expect(existsSync(join(root, id, "SOURCE.md"))).toBe(true);
    expect(filesOf(reader).length).toBeGreaterThan(0);
  });

  describe.each(filesOf(reader))("%s", async (name) => {
    const bytes = bytesOf(reader, name);
    const whole = await readAll(reader, bytes, name);

    it("gives its golden records", async () => {
      const canonical = Object.fromEntries(
        [...new Set(whole.points.map((p) => p.slice(0, p.lastIndexOf("@"))))].map((raw) => [
          raw,
          reader.canonical?.(raw) ?? null,
        ]),
      );
      expectGolden(join(root, id, `${name}.golden.json`), {
        ...whole,
        canonical,
        bodies: await bodiesOf(reader, bytes, name, whole),
      });
    });

    it("is claimed by this reader alone, whatever its name", () => {
      for (const path of [name, `deep/in/x${name.slice(name.lastIndexOf("."))}`]) {
        const sample = sampleOf(path, bytes);
        expect(detectReader(sample)?.reader.id).toBe(id);
        const claims = readers.filter((other) => other.detect(sample) > 0.2);
        // The reader of any metrics may also see numbers, and is less sure of them.
        expect(claims.filter((other) => other.id !== "plain-jsonl" || id === "plain-jsonl").map((r) => r.id)).toEqual([
          id,
        ]);
      }
    });

    it("survives damage at random, and says where", async () => {
      const random = seeded(11);
      for (let round = 0; round < 150; round++) {
        const damaged = Uint8Array.from(bytes);
        for (let n = 0; n < 1 + round / 10; n++)
          damaged[Math.floor(random() * damaged.length)] = Math.floor(random() * 256);
        const got = await readAll(reader, damaged, name);
        for (const problem of got.diagnostics) expect(problem).toMatch(/^\d+ [a-z0-9-]+: ./);
        expect(await bodiesOf(reader, damaged, name, got)).toBeDefined();
        reader.detect(sampleOf(name, damaged));
      }
    });

    if (reader.input === "ranges") {
      it("emits nothing of half a file but a diagnostic", async () => {
        for (let size = 0; size < bytes.length; size += Math.max(1, Math.floor(bytes.length / 100))) {
          const { collected } = await readRanges(reader, bytes.subarray(0, size), name);
          expect([collected.points, collected.rollouts].flat()).toEqual([]);
          expect(collected.diagnostics).toHaveLength(1);
        }
      });
      return;
    }

    if (reader.input === "bytes") {
      it("gives the same records however the bytes arrive", () => {
        const random = seeded(5);
        for (let round = 0; round < 250; round++) {
          const count = 1 + Math.floor(random() * (round < 200 ? 4 : 400));
          const cuts = Array.from({ length: count }, () => Math.floor(random() * bytes.length)).sort((a, b) => a - b);
          expect(readBytes(reader, bytes, name, cuts)).toEqual(whole);
        }
      });

      it("gives the same records when it stops and resumes, also where something is damaged", () => {
        const random = seeded(6);
        const stride = Math.max(1, Math.floor(bytes.length / 400));
        for (let half = 0; half < bytes.length; half += stride) {
          expect(readBytesResumed(reader, bytes, name, half)).toEqual(whole);
          const damaged = Uint8Array.from(bytes);
          for (let n = 0; n < 3; n++) damaged[Math.floor(random() * damaged.length)] = Math.floor(random() * 256);
          expect(readBytesResumed(reader, damaged, name, half)).toEqual(readBytes(reader, damaged, name));
        }
      });

      it("emits of half a file what is whole in it, and never something else", () => {
        for (let size = 0; size < bytes.length; size += Math.max(1, Math.floor(bytes.length / 100))) {
          const half = readBytes(reader, bytes.subarray(0, size), name);
          expect(half.points).toEqual(whole.points.slice(0, half.points.length));
          expect(half.diagnostics).toEqual(whole.diagnostics.slice(0, half.diagnostics.length));
        }
      });
      return;
    }

    if (reader.input === "document") {
      it("emits nothing of half a file but a diagnostic", () => {
        const text = new TextDecoder().decode(bytes).trimEnd();
        for (let size = 0; size < text.length; size += 37) {
          const half = readDocument(reader, text.slice(0, size), name);
          expect([half.points, half.rollouts, half.steps, half.evaluations].flat()).toEqual([]);
          expect(half.diagnostics).toHaveLength(1);
        }
      });
      return;
    }

    it("gives the same records however the bytes arrive", () => {
      const random = seeded(5);
      for (let round = 0; round < 250; round++) {
        const count = 1 + Math.floor(random() * (round < 200 ? 4 : 400));
        const cuts = Array.from({ length: count }, () => Math.floor(random() * bytes.length)).sort((a, b) => a - b);
        expect(readLines(reader, bytes, cuts)).toEqual(whole);
      }
    });

    it("gives the same records when it stops and resumes", () => {
      for (let half = 0; half < bytes.length; half += 13)
        expect(byCurve(readResumed(reader, bytes, half))).toEqual(byCurve(whole));
    });

    it("goes on behind a damaged line, and behind a line of 20 MB", () => {
      const ways = [Buffer.from("\xff\xfe{garbage\n", "latin1"), Buffer.from(`{"big": "${"x".repeat(20_000_000)}"}\n`)];
      for (const odd of ways) {
        const got = readLines(reader, Buffer.concat([odd, bytes]));
        expect(got.points.length).toBe(whole.points.length);
        expect(got.rollouts.length).toBe(whole.rollouts.length);
        expect(got.steps.length).toBe(whole.steps.length);
      }
      expect(readLines(reader, Buffer.concat([ways[0] ?? bytes, bytes])).diagnostics[0]).toMatch(/^1 /);
    });
  });
});
