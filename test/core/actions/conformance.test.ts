// What holds for every dialect. A new one needs a file test/fixtures/actions/<id>.jsonl of texts and nothing here.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parsedActionsSchema, type Action, type ParsedActions } from "../../../core/model/action";
import { detectDialect, dialectById, dialects } from "../../../core/actions/registry";
import { roundTrip } from "../../../core/actions/roundTrip";
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
    }
    expect(dialectById("nobody")).toBeNull();
    expect(detectDialect([])).toBeNull();
    expect(detectDialect(["The answer is 42.", "I cannot help with that."])).toBeNull();
  });

  it("gives no dialect's texts to another", () => {
    const parsable = (id: string): string[] =>
      textsOf(id).filter((text) =>
        dialectById(id)
          ?.parse(text)
          .actions.some(({ kind }) => kind !== "fail"),
      );
    for (const { id } of dialects) {
      expect(detectDialect(parsable(id))?.dialect.id).toBe(id);
      for (const text of parsable(id))
        expect(`${detectDialect([text])?.dialect.id ?? "none"}: ${text}`).toBe(`${id}: ${text}`);
    }
  });

  it("does not let an action that another's argument quotes decide", () => {
    const quoting = '{"memory": "m", "action": [{"input": {"index": 1, "text": "CLICK(x=0.5, y=0.5)"}}]}';
    expect(dialectById("openadapt")?.detect([quoting])).toBe(1);
    expect(detectDialect([quoting])?.dialect.id).toBe("agent-output");
    const typed = "pyautogui.write('CLICK(x=0.5, y=0.5)')";
    expect(detectDialect([typed])?.dialect.id).toBe("pyautogui");
  });
});

/** Repeated until they are long: openings without an end, and what makes lazy patterns go back. */
const hostile = [
  "TYPE([1], '\\'",
  "CLICK(x=1",
  "State: {",
  "Thought:",
  "Action: ",
  'TYPE(text="',
  "WAIT ( ",
  "((([[[{{{",
  " \n",
  '{"a":',
  '{"a":{"',
  '{"action":[',
  "<tool_call>{",
  "<function=a><parameter=b>",
  "<function=a>",
  "pyautogui.click(1,\n",
  "; pyautogui.click(1,2)",
  "pyautogui.write('",
  "Action: click(start_box='",
  "click (1",
  "click icon ",
  "(1 , ",
  "<think>",
  "' into the '",
  "**`a",
  "Step 1: Type 'a' into the '",
  ")\n\n",
  "\nAction: a\nAction Input: ",
  "```\n",
];

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
    for (const text of [...hostile.map((piece) => piece.repeat(long / piece.length)), `TYPE("${"\\".repeat(long)}`]) {
      // What backtracks here does not come back before the test's own limit.
      expectSpans(text, dialect.parse(text));
    }
  });

  it("reads back what it writes for its own actions", () => {
    for (const text of texts) {
      const { actions } = dialect.parse(text);
      if (actions.some(({ kind, name }) => kind === "fail" || (kind === "other" && name?.includes(".")))) continue;
      if (!dialect.format?.(actions)) continue;
      const told = roundTrip(dialect, actions);
      expect(`${told.why ?? "same"}: ${told.text ?? ""}`).toBe(`same: ${told.text ?? ""}`);
    }
  });

  it("does not share actions between texts", () => {
    const [text = ""] = texts;
    const first: Action | undefined = dialect.parse(text).actions[0];
    expect(dialect.parse(text).actions[0]).toEqual(first);
    expect(dialect.parse(text).actions[0]).not.toBe(first);
  });
});
