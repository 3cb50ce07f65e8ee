// A config's text as data: what PyYAML would read, an error with its line, and no way to take the process down.
import { describe, expect, it } from "vitest";
import { isError } from "../../../core/base/errors";
import { keysOf, lineOfKey, numberAt, parseConfig, stringAt, valueAt } from "../../../core/recipes/configText";
import { parseAssignment, setConfigValue } from "../../../core/recipes/overrides";

function failure(text: string): { message: string; line: unknown } {
  try {
    parseConfig("c.yaml", text);
  } catch (error) {
    if (isError(error, "run/bad-config")) return { message: error.message, line: error.data["line"] };
    throw error;
  }
  throw new Error("it parsed");
}

describe("parseConfig", () => {
  it("reads mappings as plain objects with integer keys as text", () => {
    const { doc } = parseConfig("c.yaml", "a: {768: 64, b: [1, x]}\n<<: {z: 1}\n");
    expect(doc).toEqual({ a: { "768": 64, b: [1, "x"] }, z: 1 });
    expect(keysOf(doc, "a")).toEqual(["768", "b"]);
  });

  it("says where a text is no YAML", () => {
    expect(failure("run:\n  name: x\n  seed: [1, 2\nbad")).toMatchObject({ line: 4 });
    expect(failure('a: 1\nb: "open\n').message).toMatch(
      /^c\.yaml:\d+ is not a config that can run: it is not valid YAML: .*Nothing was launched\.$/,
    );
    expect(failure("a: 1\nb: 2\n  c: 3\n")).toMatchObject({ line: 2 });
    expect(failure("a: 1\n\tb: 2\n").line).toBe(2);
  });

  it("refuses what safe_load refuses", () => {
    expect(failure("a: 1\n---\nb: 2\n").message).toContain("more than one");
    expect(failure("a: 1\n? [x]\n: 2\n")).toMatchObject({ line: 2 });
    expect(failure("a: *nobody\n").line).toBe(1);
  });

  it("takes the last of duplicate keys, with a note", () => {
    const { doc, notes } = parseConfig("c.yaml", "loss:\n  beta: 1\nx: 1\nloss:\n  beta: 2\n");
    expect(doc).toEqual({ loss: { beta: 2 }, x: 1 });
    expect(notes).toMatchObject([{ code: "duplicate-key", line: 4 }]);
  });

  it("notes the numbers that reach Python as text", () => {
    const { doc, notes } = parseConfig("c.yaml", "a: 5e-6\nb: 5.0e-6\nc: 1.0e5\nd: 1e-4 # no\ne: '5e-6'\nf: 3\n");
    expect(notes.map(({ line }) => line)).toEqual([1, 3, 4]);
    expect(notes[0]?.message).toContain("write 5.0e-06");
    expect(numberAt(doc, "a")).toBe(5e-6);
    expect(numberAt(doc, "e")).toBe(5e-6);
  });

  it("survives hostile text", () => {
    const levels = Array.from(
      { length: 9 },
      (_, i) =>
        `a${String(i + 1)}: &a${String(i + 1)} [${Array(9)
          .fill(`*a${String(i)}`)
          .join(",")}]`,
    );
    expect(failure(`a0: &a0 [x]\n${levels.join("\n")}`).message).toContain("aliases");
    for (const text of ["[", "- ", "? ", "{a: ", "a: ["])
      expect(failure(text.repeat(20_000)).message).toContain("deep");
    expect(failure("x".repeat(5_000_000)).message).toContain("larger than");
    expect(failure("a: &a [*a]\n").message).toContain("inside the value");
    expect(parseConfig("c.yaml", "__proto__: {a: 1}\n").doc).not.toHaveProperty("a");
  });

  it("has values for the empty and the odd", () => {
    for (const text of ["", "# only a comment\n", "just text", "[1]", "\uFEFFa: 1\n"])
      expect(() => parseConfig("c", text)).not.toThrow();
    expect(parseConfig("c", "\uFEFFa: 1\nb: 2\n").doc).toEqual({ a: 1, b: 2 });
    expect(setConfigValue("c", "\uFEFFa: 1\nb: 2\n", { key: "s", value: 3 })).toBe("\uFEFFs: 3\na: 1\nb: 2\n");
    expect(valueAt({ a: [{ b: 1 }] }, "a.0.b")).toBe(1);
    expect(valueAt({}, "constructor")).toBeUndefined();
    expect(stringAt({ a: 1 }, "a")).toBeNull();
  });

  it("finds the line of a key, or of its nearest parent", () => {
    const text = "# head\nrun:\n  name: x\ntraining:\n  # note\n  lr: 1\n";
    expect(lineOfKey(text, "training.lr")).toBe(6);
    expect(lineOfKey(text, "training.max_steps")).toBe(4);
    expect(lineOfKey(text, "nope")).toBe(1);
  });
});

describe("setting values", () => {
  const set = (text: string, assignment: string): string => setConfigValue("c.yaml", text, parseAssignment(assignment));

  it("replaces one scalar and keeps the rest, comments too", () => {
    expect(set("a:\n  lr: 1e-4  # why\n  b: 2\n", "a.lr=5e-6")).toBe("a:\n  lr: 5.0e-06  # why\n  b: 2\n");
    expect(set("a:\n  b: 'x'\n", "a.b=hello world")).toBe('a:\n  b: "hello world"\n');
    expect(set("a:\nb: 1\n", "a=3")).toBe("a: 3\nb: 1\n");
    expect(set("a: 1\na: 2\n", "a=3")).toBe("a: 1\na: 3\n");
  });

  it.each([
    [".inf", ".inf"],
    ["-.inf", "-.inf"],
    [".nan", ".nan"],
    ["1.0", "1.0"],
    ["1e10", "1.0e+10"],
    ["2.5E-3", "2.5e-03"],
    ["-1.e+5", "-1.e+05"],
    ["12345678901234567890", "12345678901234567890"],
    ["0.1234567890123456789", "0.1234567890123456789"],
    ["1e-5", "1.0e-05"],
    ["010", "10"],
    ["0x10", "16"],
    ["true", "true"],
    ["null", "null"],
    ["1.2.3", '"1.2.3"'],
  ])("sets %s as %s: of its kind, with all its digits, and a number to Python too", (given, written) => {
    expect(set("a: 3\n", `a=${given}`)).toBe(`a: ${written}\n`);
  });

  it("adds a key to the mapping that would hold it", () => {
    expect(set("run:\n  name: x\n", "run.seed=3")).toBe("run:\n  seed: 3\n  name: x\n");
    expect(set("run: {name: x}\n", "run.seed=3")).toBe("run: {seed: 3, name: x}\n");
    expect(() => set("a: 1\n", "run.seed=3")).toThrow(/no mapping/);
    expect(() => set("a: {b: 1}\n", "a=3")).toThrow(/no single value/);
  });

  it("refuses what is no assignment", () => {
    for (const text of ["", "a", "=1", " .a=1"]) expect(() => parseAssignment(text)).toThrow(/key=value/);
    expect(parseAssignment("a.b=true").value).toBe(true);
    expect(parseAssignment('a="3"').value).toBe("3");
    expect(parseAssignment("a=[1").value).toBe("[1");
  });
});
