// What holds for every dialect. A new one needs a file test/fixtures/actions/<id>.jsonl of texts and nothing here.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parsedActionsSchema, type Action, type ParsedActions } from "../../../core/model/action";
import { detectDialect, dialectById, dialects } from "../../../core/actions/registry";
import { expectGolden } from "../golden";
import { seeded } from "../random";

const root = join(import.meta.dirname, "../../fixtures/actions");
const textsOf = (id: string): string[] =>
  readFileSync(join(root, `${id}.jsonl`), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { text: string }).text);

/** What a span must show of its action: typed text and urls, as they are or escaped. */
function expectSpans(text: string, parsed: ParsedActions): void {
  const within = ([start, end]: [number, number]): boolean => 0 <= start && start <= end && end <= text.length;
  for (const action of parsed.actions) {
    expect(action.span).toBeDefined();
    const span = action.span ?? [0, 0];
    expect(within(span)).toBe(true);
    const cut = text.slice(...span);
    for (const value of [action.text, action.url, action.name]) {
      if (value) expect(shows(cut, value), `${cut} shows ${value}`).toBe(true);
    }
    if (action.kind !== "fail") expect(cut).not.toBe("");
  }
  for (const { span } of parsed.diagnostics) if (span) expect(within(span)).toBe(true);
}

const bare = (text: string): string => text.replaceAll("\\", "");
const letters: Record<string, string> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };
const unescaped = (text: string): string =>
  text.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_all, hex: string | undefined, char: string) =>
    hex === undefined ? (letters[char] ?? char) : String.fromCharCode(parseInt(hex, 16)),
  );

/** As it stands, or escaped once (a string) or twice (JSON inside a JSON string). */
const shows = (cut: string, value: string): boolean =>
  [cut, unescaped(cut), unescaped(unescaped(cut))].some((form) => bare(form).includes(bare(value)));

describe("the registry", () => {
  it("is alphabetical, finds dialects by id, and picks the one that reads most", () => {
    const ids = dialects.map((dialect) => dialect.id);
    expect(ids).toEqual([...ids].sort());
    for (const dialect of dialects) {
      expect(dialectById(dialect.id)).toBe(dialect);
      expect(detectDialect(textsOf(dialect.id))?.dialect.id).toBe(dialect.id);
    }
    expect(dialectById("nobody")).toBeNull();
    expect(detectDialect([])).toBeNull();
    expect(detectDialect(["The answer is 42.", "I cannot help with that."])).toBeNull();
  });
});

describe.each(dialects.map((dialect) => [dialect.id, dialect] as const))("%s", (id, dialect) => {
  const texts = textsOf(id);

  it("gives its golden actions", () => {
    expectGolden(
      join(root, `${id}.golden.json`),
      texts.map((text) => ({ text, ...dialect.parse(text) })),
    );
  });

  it("cuts every action out of the text by its span", () => {
    for (const text of texts) expectSpans(text, dialect.parse(text));
  });

  it("is total on damaged text, and what it returns is what the wire takes", () => {
    const random = seeded(23);
    const alphabet = [
      ..."CLICKTYPEWAITDONE()[]{}\"'\\=,.:-0123456789xy \n\r\u0085\ufeff\ud83d\u0662",
      "Action:",
      "Thought:",
      "State:",
    ];
    for (let round = 0; round < 1500; round++) {
      const from = texts[Math.floor(random() * texts.length)] ?? "";
      const at = Math.floor(random() * (from.length + 1));
      const piece = Array.from(
        { length: Math.floor(random() * 4) },
        () => alphabet[Math.floor(random() * alphabet.length)],
      );
      const text = from.slice(0, at) + piece.join("") + from.slice(at + Math.floor(random() * 5));
      const parsed = dialect.parse(text);
      expect(parsed.dialect).toBe(id);
      expect(parsedActionsSchema.safeParse(JSON.parse(JSON.stringify(parsed))).success).toBe(true);
      expectSpans(text, parsed);
    }
  });

  it("takes no more than a moment for hostile text", () => {
    const long = 20_000;
    for (const text of [
      `TYPE("${"\\".repeat(long)}`,
      `TYPE([1], '${"\\'".repeat(long)}`,
      `CLICK(x=${"1".repeat(long)}`,
      "State: {".repeat(long),
      "Thought:".repeat(long),
      `Action:${" ".repeat(long)}`,
      'TYPE(text="'.repeat(long),
      "WAIT ( ".repeat(long),
      "((([[[{{{".repeat(long),
      " \n".repeat(long),
    ]) {
      // What backtracks here does not come back before the test's own limit.
      expectSpans(text, dialect.parse(text));
    }
  });

  it("does not share actions between texts", () => {
    const [text = ""] = texts;
    const first: Action | undefined = dialect.parse(text).actions[0];
    expect(dialect.parse(text).actions[0]).toEqual(first);
    expect(dialect.parse(text).actions[0]).not.toBe(first);
  });
});
