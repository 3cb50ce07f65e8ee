// What holds for every lens. A new one is a file, a line in the registry and nothing here.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { Judgement, Lens, LensOptions } from "../../../core/lenses/lens";
import { lensById, lenses, readOptions } from "../../../core/lenses/registry";
import { seeded } from "../random";

const ids = [
  ...["allenai-gsm8k", "allenai-math", "allenai-math-fixed", "boxed-strict", "exact", "gsm8k-any", "gsm8k-flexible"],
  ...["gsm8k-last-number", "gsm8k-strict", "hendrycks", "ifeval", "json-valid", "latex-equal", "minerva", "normalised"],
  ...["numeric", "regex", "xml-valid"],
];

beforeAll(async () => {
  for (const lens of lenses) await lens.ready?.();
});

const texts = [
  "The answer is 1,234.\n\nQ: next 5",
  "So \\boxed{\\frac{1}{2}} and Final Answer: The final answer is $-3$. I hope it is correct.",
  '```json\n{"a": [1, 2.5e3, null]}\n```',
  "<think>a &amp; b</think><answer x='1'>-3.50</answer>",
  "  Paris.  ",
  '* one\n* two\n\nP.S. <<title>> [name] "QUOTED" 12\\text{ cm} $\\sqrt{2}$',
  "",
];
const golds: unknown[] = [
  ...[
    "1234",
    "\\boxed{\\frac12}",
    "-3",
    "paris",
    "",
    "\\frac{1}{2}",
    "[a-z]+(\\d)",
    "(a+)+$",
    "(",
    42,
    -3.5,
    true,
    null,
  ],
  ...[undefined, ["1", "2"], { func_name: "validate_title" }, { func_name: "toString" }, [], {}],
  ...[
    { instruction_id_list: ["punctuation:no_comma", "x"], kwargs: [{}, null] },
    { instruction_id: [null], kwargs: 3 },
  ],
  { instruction_id_list: ["keywords:frequency"], kwargs: [{ keyword: "((", frequency: "x", relation: "at least" }] },
];
const alphabet = [
  ..."0123456789.,-+$%\\{}()[]<>/&\"'`*_ \n\r\t=|^?!aAeEiI\u00e9\u0662\u2028\u0085\ufeff\ud83d\ude00\ud83d",
  ...[
    "\\boxed{",
    "\\boxed ",
    "\\fbox{",
    "\\frac",
    "\\sqrt",
    "\\text{",
    "The answer is ",
    "Final Answer: The final answer is ",
  ],
  ...[
    " I hope it is correct.",
    "</think>",
    "<answer>",
    "```",
    "<!--",
    "<![CDATA[",
    "\\cup",
    "\\pm",
    "P.S.",
    "***",
    "#### ",
  ],
];

function expectSound(lens: Lens, response: string, judged: Judgement): void {
  expect(["pass", "fail", "none"]).toContain(judged.verdict);
  if (judged.extracted === null) expect(judged.span).toBeUndefined();
  if (!judged.span) return;
  const [start, end] = judged.span;
  expect(0 <= start && start <= end && end <= response.length).toBe(true);
  if (lens.rewrites !== true) expect(response.slice(start, end)).toBe(judged.extracted);
}

describe("the registry", () => {
  it("has every id of the command line, alphabetical, one file each", () => {
    expect(lenses.map(({ id }) => id)).toEqual(ids);
    expect(readdirSync(join(import.meta.dirname, "../../../core/lenses/rules"))).toHaveLength(ids.length);
    for (const lens of lenses) expect(lensById(lens.id)).toBe(lens);
    expect(lensById("nobody")).toBeNull();
  });

  it("reads options, and names those that there are", () => {
    const numeric = lensById("numeric") as Lens;
    expect(readOptions(numeric, ["tol=0.5", "after=is: x=y"])).toEqual({
      options: { tolerance: "0.5", after: "is: x=y" },
      problem: null,
    });
    expect(readOptions(numeric, ["tolerance=much"]).problem).toMatch(/"much" is no tolerance/);
    expect(readOptions(numeric, ["x=1"]).problem).toMatch(/no option "x"; it has after, tolerance, relative/);
    expect(readOptions(lensById("minerva") as Lens, ["x"]).problem).toMatch(/it has none/);
    expect(readOptions(lensById("regex") as Lens, ["pattern=("]).problem).toMatch(/cannot be read/);
    expect(readOptions(lensById("regex") as Lens, ["pattern=(a+)+"]).problem).toMatch(/forever/);
  });
});

describe.each(lenses.map((lens) => [lens.id, lens] as const))("%s", (_id, lens) => {
  it("never throws on damage, cuts its span out of the response, and says the same twice", () => {
    const random = seeded(41);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
    for (let round = 0; round < 1200; round++) {
      const from = pick(texts);
      const at = Math.floor(random() * (from.length + 1));
      const piece = Array.from({ length: Math.floor(random() * 6) }, () => pick(alphabet)).join("");
      const response = from.slice(0, at) + piece + from.slice(at + Math.floor(random() * 5));
      const gold = random() < 0.2 ? response : pick(golds);
      const options: LensOptions =
        random() < 0.5 ? {} : { after: "is", pattern: "\\d+", tolerance: "x", fragment: "yes", as: "lm-eval" };
      const judged = lens.judge({ response, gold, options });
      expectSound(lens, response, judged);
      expect(lens.judge({ response, gold, options })).toEqual(judged);
    }
  });

  it("judges nothing without a reference that it needs", () => {
    for (const gold of [null, undefined, []]) {
      const { verdict } = lens.judge({ response: "The answer is 42.", gold });
      if (!["json-valid", "xml-valid"].includes(lens.id)) expect(verdict).toBe("none");
    }
  });

  it("takes no more than a moment for hostile text", () => {
    const long = 30_000;
    for (const unit of [
      ...[
        "\\boxed{",
        "\\boxed",
        "{",
        "}",
        "[",
        "<<",
        "*",
        "<a>",
        "<a ",
        "&",
        "$",
        "1,",
        "1",
        "1.",
        "-",
        "\\text{",
        "\\frac",
        "\\sqrt",
      ],
      ...[
        "The answer is ",
        "Final Answer: The final answer is ",
        " I hope it is correct",
        " ",
        "\n",
        "a ",
        "a.",
        "Dr. ",
        "A.B.",
        '"',
      ],
      ...[
        "</think>",
        "x\n</think>",
        "```",
        "\\pm",
        "\\cup",
        "(",
        "^",
        "\\left",
        "'",
        "<!--",
        "\u00a0",
        ".\n",
        "={",
        "***",
        " ***",
      ],
    ]) {
      const response = unit.repeat(long / unit.length);
      for (const gold of ["1", response, { instruction_id_list: constraints, kwargs: constraints.map(() => args) }]) {
        // A rule that backtracks without end meets the test's own limit.
        expectSound(lens, response, lens.judge({ response, gold }));
      }
    }
  });
});

const constraints = [
  ...[
    "keywords:existence",
    "keywords:frequency",
    "length_constraints:number_sentences",
    "length_constraints:number_paragraphs",
  ],
  ...[
    "length_constraints:nth_paragraph_first_word",
    "detectable_content:number_placeholders",
    "detectable_content:postscript",
  ],
  ...[
    "detectable_format:number_bullet_lists",
    "detectable_format:number_highlighted_sections",
    "detectable_format:title",
  ],
  ...[
    "detectable_format:multiple_sections",
    "detectable_format:json_format",
    "combination:two_responses",
    "startend:end_checker",
  ],
];
const args = {
  ...{ keywords: ["e.g. x"], keyword: "a.*b", frequency: 1, relation: "at least", num_sentences: 1, num_paragraphs: 1 },
  ...{
    nth_paragraph: 1,
    first_word: "x",
    num_placeholders: 1,
    postscript_marker: "P.S.",
    num_bullets: 1,
    num_highlights: 1,
  },
  ...{ section_spliter: "Section", num_sections: 1, end_phrase: "x" },
};
