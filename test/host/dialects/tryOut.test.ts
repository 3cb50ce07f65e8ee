// The thread that reads for the try-out: the built one, with declared patterns, bounds, and an end to what takes too long.
import { buildSync } from "esbuild";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { DialectTryOut } from "../../../src/dialects/tryOut";

let folder = "";
let script = "";
let tryOut: DialectTryOut | null = null;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "runside-reader-"));
  script = join(folder, "dialects.js");
  const entryPoints = [join(__dirname, "..", "..", "..", "src", "dialects", "reader.ts")];
  buildSync({ entryPoints, bundle: true, platform: "node", format: "cjs", target: "node20", outfile: script });
});
afterEach(() => tryOut?.dispose());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const declared = `dialects:
  - id: meadow
    patterns: [{ kind: click, pattern: 'tap (?<x>\\d+) (?<y>\\d+)', frame: n1000 }]
`;

it("reads by the file as it stands, and by the built-in dialects without one", async () => {
  tryOut = new DialectTryOut(script);
  const text = "now tap 420 310";
  const own = await tryOut.read({ declared, text, choice: {} });
  expect(own.reading).toMatchObject({ dialect: { id: "meadow", own: true }, frame: { frame: "n1000", how: "stated" } });
  expect(own.parsed?.actions).toEqual([{ kind: "click", x: 420, y: 310, frame: "n1000", span: [4, 15] }]);
  const edited = await tryOut.read({ declared: declared.replace("click", "hover"), text, choice: { frame: "px" } });
  expect(edited.parsed?.actions[0]).toMatchObject({ kind: "hover", frame: "px" });
  const without = await tryOut.read({ declared: null, text, choice: {} });
  expect(without).toMatchObject({ reading: { dialect: null }, parsed: null });
  expect(without.reading.dialects.some(({ own: isOwn }) => isOwn)).toBe(false);
});

it("keeps to the price of a pattern, however long the text", async () => {
  tryOut = new DialectTryOut(script);
  const open = `dialects:\n  - id: open\n    patterns: [{ kind: type, pattern: 'a.*b.*c(?<text>x)' }]\n`;
  const { parsed } = await tryOut.read({ declared: open, text: "ab".repeat(25_000), choice: { dialect: "open" } });
  expect(parsed?.actions).toEqual([]);
  expect(parsed?.diagnostics[0]?.message).toMatch(/sees only its beginning|too open for a text/);
});

it("stops what takes too long, says so, and reads on", async () => {
  tryOut = new DialectTryOut(script, 1);
  const long = { declared, text: "tap 1 2 ".repeat(6000), choice: {} };
  await expect(tryOut.read(long)).rejects.toThrow(/took longer than 0.001 s and was stopped/);
  tryOut.dispose();
  tryOut = new DialectTryOut(script);
  const waiting = tryOut.read(long);
  tryOut.dispose();
  await expect(waiting).rejects.toMatchObject({ code: "cancelled" });
  expect((await tryOut.read({ declared, text: "tap 1 2", choice: {} })).parsed?.actions).toHaveLength(1);
});
