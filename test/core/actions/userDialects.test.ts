// .runside/dialects.yaml: what it may declare, what is refused and where, and that no pattern can hang.
import { describe, expect, it } from "vitest";
import { detectDialect, dialectById } from "../../../core/actions/registry";
import { costOf } from "../../../core/actions/patternGuard";
import { declaredPlaces, parseUserDialects } from "../../../core/actions/userDialects";

const tea = String.raw`
dialects:
  - id: tea
    title: Tea house
    ignoreCase: true
    thought: 'because (.*)'
    state: 'state=(\{.*\})'
    patterns:
      - kind: click
        pattern: 'pour (?<x>\d+) (?<y>\d+)'
        frame: n1000
      - kind: drag
        pattern: 'carry (?<x>[\d.]+),(?<y>[\d.]+) to (?<to_x>[\d.]+),(?<to_y>[\d.]+)'
      - kind: type
        pattern: 'say "(?<text>[^"]*)"(?: to (?<field>\w+))?'
      - kind: key
        pattern: 'press (?<key>[\w+]+)'
      - kind: wait
        pattern: 'steep (?<seconds>\d+)'
`;

const one = (fields: string): string => `dialects:\n  - id: x\n    patterns:\n      - {kind: click, ${fields}}\n`;
const problems = (text: string): string[] =>
  parseUserDialects(text).problems.map(
    (p) => `${String(p.line)}:${String(p.column)}-${String(p.endColumn)} ${p.message}`,
  );

describe("declared dialects", () => {
  const { dialects, problems: found } = parseUserDialects(tea);
  const [dialect] = dialects;

  it("says where each begins, also in a file that is wrong or half typed", () => {
    expect(declaredPlaces(tea)).toEqual([{ id: "tea", line: 3 }]);
    expect(declaredPlaces(`${tea}  - id: half\n    patterns: [\n`)).toEqual([
      { id: "tea", line: 3 },
      { id: "half", line: tea.split("\n").length },
    ]);
    for (const text of ["", "dialects: 3", "- 1", "[".repeat(500), "dialects: [{}, 3, {id: 4}]"])
      expect(declaredPlaces(text)).toEqual([]);
  });

  it("reads actions with their places, fields and frames", () => {
    expect(found.map(({ severity, message }) => `${severity}: ${message}`)).toEqual([
      "warning: no frame is given: fractions are unit, everything else is px",
    ]);
    const text =
      'Because it is cold\nPOUR 10 20, say "hot (tea)" to cup\nstate={"n": 1}\ncarry 0.1,0.2 to .3,0.4; press ctrl+c; steep 3';
    const parsed = dialect?.parse(text);
    expect(parsed?.thought).toBe("it is cold");
    expect(parsed?.state).toEqual({ n: 1 });
    expect(parsed?.actions.map(({ span, ...action }) => [action, span && text.slice(...span)])).toEqual([
      [{ kind: "click", x: 10, y: 20, frame: "n1000" }, "POUR 10 20"],
      [{ kind: "type", text: "hot (tea)", field: "cup" }, 'say "hot (tea)" to cup'],
      [{ kind: "drag", x: 0.1, y: 0.2, to: { x: 0.3, y: 0.4 }, frame: "unit" }, "carry 0.1,0.2 to .3,0.4"],
      [{ kind: "key", keys: ["ctrl", "c"] }, "press ctrl+c"],
      [{ kind: "wait", seconds: 3 }, "steep 3"],
    ]);
    expect(dialect?.parse("nothing").diagnostics[0]?.message).toBe("None of the declared patterns fits this text.");
    expect(dialect?.parse("pour 1 2", { frame: "px" }).actions[0]?.frame).toBe("px");
  });

  it("stands beside the others", () => {
    expect(detectDialect(["pour 10 20"])).toBeNull();
    expect(detectDialect(["pour 10 20"], dialects)?.dialect.id).toBe("tea");
    expect(dialectById("tea", dialects)?.title).toBe("Tea house");
  });

  it("takes an empty file", () => {
    expect(parseUserDialects("")).toEqual({ dialects: [], problems: [] });
    expect(parseUserDialects("# nothing yet\n")).toEqual({ dialects: [], problems: [] });
  });

  it("names the place of what is wrong, and keeps the rest", () => {
    expect(problems("dialects: 3")).toEqual(['1:11-12 "dialects" must be a list of dialects']);
    expect(problems("- a")).toEqual(["1:1-4 the file is a mapping with a list called dialects"]);
    expect(problems("dialects:\n  - id: Tea!\n    patterns: []\n")).toEqual([
      "2:9-13 id takes small letters, digits and -, at most 40",
      "3:15-17 patterns is empty",
    ]);
    expect(problems(`${one("pattern: a")}    colour: red\n`)).toEqual(['5:5-11 "colour" is not known here']);
    expect(problems(one("pattern: a").replace("click", "sip"))[0]).toMatch(/^4:16-19 kind must be one of click/);
    expect(problems(one("pattern: a").replace("id: x", "id: gelab"))).toEqual([
      '2:9-14 "gelab" is the id of another dialect',
    ]);
    expect(problems(one("pattern: 'a(?<z>b)'"))[0]).toMatch(/^4:32-42 \(\?<z>...\) means nothing; there are x, y/);
    expect(problems(one("pattern: 'a(?<x>1)', frame: px"))).toEqual(["4:32-42 x and y belong together"]);
    expect(problems(one("pattern: '(?P<x>1)'"))[0]).toMatch(/no regular expression.*not \(\?P<name>/);
    expect(problems(one("pattern: 'a*'"))[0]).toMatch(/fits an empty text/);
    expect(problems(one("pattern: a").replace("    patterns", "    ptterns"))).toEqual([
      "2:5-10 patterns must be a list",
      '3:5-12 "ptterns" is not known here',
    ]);
    expect(problems("dialects: [\n")[0]).toMatch(/not valid YAML/);
    expect(problems("[".repeat(2000))[0]).toMatch(/nested more than/);
    expect(problems(`${"- ".repeat(5000)}a`)[0]).toMatch(/nested more than/);
    expect(problems("a: &a [*a]")[0]).toMatch(/aliases|list of dialects/);
    expect(problems(`#${"x".repeat(300_000)}`)[0]).toMatch(/larger than/);
    const mixed = parseUserDialects(`${tea}  - id: tea\n    patterns: [{kind: click, pattern: a}]\n`);
    expect(mixed.dialects.map(({ id }) => id)).toEqual(["tea"]);
  });
});

describe("the guard", () => {
  it.each([
    String.raw`(a+)+b`,
    String.raw`(?:a*)*`,
    String.raw`(\w+\s?)+$`,
    String.raw`(a|ab)*c`,
    String.raw`(?<text>(?:x?)+)`,
    String.raw`((ab)*c){2,}`,
    String.raw`(a)\1`,
    String.raw`(?<text>a)\k<text>`,
    String.raw`.*.*.*.*x`,
    "a".repeat(600),
  ])("refuses %s", (pattern) => {
    expect(costOf(pattern).why).toBeDefined();
  });

  it.each([
    [String.raw`CLICK\(x=(?<x>-?\d*\.?\d+),\s*y=(?<y>-?\d*\.?\d+)\)`, 800],
    [String.raw`CLICK\((?<x>\d+), ?(?<y>\d+)\)`, 50_000],
    [String.raw`TYPE\("(?<text>[^"]*)"\)`, 15_000],
    [String.raw`type "(?<text>.*?)" into "(?<field>.*?)"`, 800],
    [String.raw`(?:left|right) (?<x>\d+) (?<y>\d+)`, 15_000],
    [String.raw`a|b\d+,\d+`, 800],
    [String.raw`[a+*(]+\(`, 15_000],
    [String.raw`\d+\d+x`, 800],
    [String.raw`\d*(?:,)?\d+x`, 800],
    [String.raw`.*a.*b.*c`, 220],
    [String.raw`(?:ab){3}`, 15_000],
  ])("lets %s see %i characters", (pattern, limit) => {
    expect(costOf(pattern)).toMatchObject({ limit });
    expect(costOf(pattern).why).toBeUndefined();
  });

  it("stops patterns that are merely slow, and says so", () => {
    const patterns = [".*a.*b.*c", String.raw`\d+\d+\d+x`, ".+?q.+?z", String.raw`(?<text>\w+)\s\w+`];
    for (const pattern of patterns) {
      const [dialect] = parseUserDialects(one(`pattern: '${pattern}'`)).dialects;
      expect(dialect).toBeDefined();
      for (const text of ["ab".repeat(50_000), "1".repeat(100_000), `${"ababab1111".repeat(20)}\n`.repeat(2000)]) {
        const began = performance.now();
        dialect?.parse(text);
        expect(performance.now() - began).toBeLessThan(4000);
      }
      expect(dialect?.parse("ab".repeat(50_000)).diagnostics[0]?.message).toMatch(/sees only its beginning/);
    }
    const [dialect] = parseUserDialects(one("pattern: '.*a.*b.*c'")).dialects;
    expect(dialect?.parse(`${"ab".repeat(120)}\n`.repeat(500)).diagnostics.at(-1)?.message).toMatch(
      /rest was not searched/,
    );
  });
});
