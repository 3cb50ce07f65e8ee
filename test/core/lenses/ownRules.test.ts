// The rules of our own, and those of A3 whose page gives whole sentences: what each takes for an answer and for equal.
import { beforeAll, describe, expect, it } from "vitest";
import type { Judgement, Lens } from "../../../core/lenses/lens";
import { lensById } from "../../../core/lenses/registry";

const lens = (id: string): Lens => {
  const found = lensById(id);
  if (!found) throw new Error(`no lens ${id}`);
  return found;
};
const judge = (id: string, response: string, gold: unknown, options = {}): Judgement =>
  lens(id).judge({ response, gold, options });
const verdict = (id: string, response: string, gold: unknown, options = {}): string =>
  judge(id, response, gold, options).verdict;

describe("AllenAI's MATH rule (A3.5)", () => {
  const minus = "Final Answer: The final answer is $-3$. I hope it is correct.";

  it.each([
    ["\\boxed{\\frac12}", "\\frac{1}{2}", "pass"],
    ["\\boxed{1,000}", "1000", "fail"],
    ["\\boxed{x=3}", "3", "pass"],
    ["\\boxed{12\\text{ cm}}", "12", "pass"],
    ["\\boxed{50\\%}", "50", "pass"],
    ["\\fbox{3}", "3", "fail"],
    ["\\boxed{3}\\boxed{4}", "3", "fail"],
    ["\\boxed{3}\\boxed{4}", "4", "pass"],
  ])("%s against %s, with and without its bugs", (text, gold, wanted) => {
    expect(verdict("allenai-math", text, gold)).toBe(wanted);
    expect(verdict("allenai-math-fixed", text, gold)).toBe(wanted);
  });

  it("loses the sign, and the corrected one does not", () => {
    expect([verdict("allenai-math", minus, "3"), verdict("allenai-math", minus, "-3")]).toEqual(["pass", "fail"]);
    expect([verdict("allenai-math-fixed", minus, "3"), verdict("allenai-math-fixed", minus, "-3")]).toEqual([
      "fail",
      "pass",
    ]);
    expect([verdict("allenai-math", "-3", "3"), verdict("allenai-math", "-3", "-3")]).toEqual(["pass", "pass"]);
    expect([verdict("allenai-math-fixed", "-3", "3"), verdict("allenai-math-fixed", "-3", "-3")]).toEqual([
      "fail",
      "pass",
    ]);
    const thirds = "it is $\\frac{10}{3}$ then";
    expect([
      verdict("allenai-math", thirds, "\\frac{10}{3}"),
      verdict("allenai-math-fixed", thirds, "\\frac{10}{3}"),
    ]).toEqual(["fail", "pass"]);
    expect(lens("allenai-math").says).toMatch(/deletes every `-`.*allenai-math-fixed/);
  });
});

describe("Hendrycks (A3.4)", () => {
  beforeAll(async () => {
    await lens("hendrycks").ready?.();
  });

  it.each([
    ["\\boxed 5", null],
    ["\\boxed{unclosed", null],
    ["the answer is: 5 apples.", "5 apples"],
    ["Final Answer: The final answer is $3$. I hope it is correct.", null],
    ["\\fbox{3}", null],
    ["\\boxed{a{b}c} \\boxed{\\frac{1}{2}}", "\\frac{1}{2}"],
  ])("%s", (text, extracted) => {
    expect(judge("hendrycks", text, "\\boxed{1}").extracted).toBe(extracted);
    if (extracted === null) expect(verdict("hendrycks", text, "\\boxed{1}")).toBe("none");
  });

  it("takes the reference by the same rule, and equal values", () => {
    expect(verdict("hendrycks", "\\boxed{\\dfrac{1}{2}}", "so \\boxed{\\frac{1}{2}}")).toBe("pass");
    expect(judge("hendrycks", "\\boxed{5}", "5")).toMatchObject({ verdict: "fail", note: /no \\boxed/ });
    expect(verdict("hendrycks", "\\boxed{5}", "5", { gold: "bare" })).toBe("pass");
    expect(verdict("hendrycks", "\\boxed{0.5}", "\\boxed{\\frac{1}{2}}")).toBe("pass");
    expect(verdict("hendrycks", "\\boxed{0.5}", "\\boxed{\\frac{1}{2}}", { symbolic: "off" })).toBe("fail");
    for (const [found, wanted] of [
      ["10^{-12}", "0"],
      ["\\frac{1}{2^{40}}", "\\frac{1}{2^{41}}"],
      ["0.3333333333", "\\frac13"],
      ["3.14159265358979", "\\pi"],
      ["\\frac10", "\\frac20"],
    ]) {
      const [response, gold] = [`\\boxed{${String(found)}}`, `\\boxed{${String(wanted)}}`];
      expect([found, verdict("hendrycks", response, gold)]).toEqual([found, "fail"]);
    }
  });
});

describe("boxed-strict and minerva", () => {
  it("takes the last box with its braces, or none", () => {
    expect(judge("boxed-strict", "a \\boxed{1} b \\boxed{\\frac{1}{2}}.", "\\frac{1}{2}")).toEqual({
      verdict: "pass",
      extracted: "\\frac{1}{2}",
      span: [21, 32],
    });
    expect(verdict("boxed-strict", "\\boxed{1} \\boxed{2", "1")).toBe("none");
    expect(verdict("boxed-strict", "\\boxed{0.5}", "\\frac12")).toBe("fail");
    expect(verdict("boxed-strict", "\\boxed{ 5 }", "see \\boxed{5}")).toBe("pass");
    expect(judge("boxed-strict", "\\boxed{\\{1\\}}", "x").extracted).toBe("\\{1\\}");
  });

  it("reads Minerva's sentence", () => {
    const say = (answer: string): string => `Final Answer: The final answer is ${answer}. I hope it is correct.`;
    expect(judge("minerva", say("$-3$"), "-3")).toMatchObject({ verdict: "pass", extracted: "-3" });
    expect(verdict("minerva", say("$12 \\text{ units}$"), "12")).toBe("pass");
    expect(verdict("minerva", say("$x=1{,}000$ dollars"), "\\boxed{1000}")).toBe("pass");
    expect(verdict("minerva", "The final answer is 3.", "3")).toBe("none");
  });
});

describe("texts and numbers", () => {
  it("compares exactly, or kindly", () => {
    expect([verdict("exact", " Paris\n", "Paris"), verdict("exact", "paris", "Paris")]).toEqual(["pass", "fail"]);
    expect(verdict("exact", "paris", "Paris", { "ignore-case": "yes" })).toBe("pass");
    expect(verdict("exact", "I think\nAnswer: B\nbye", "B", { after: "Answer:" })).toBe("pass");
    expect(verdict("exact", "B", "B", { after: "Answer:" })).toBe("none");
    expect(verdict("exact", "B", ["A", "B"])).toBe("pass");
    expect([verdict("normalised", ' "The  Answer."', "the answer"), verdict("normalised", "-3", "3")]).toEqual([
      "pass",
      "fail",
    ]);
    expect(verdict("normalised", "**an apple**", "Apple", { articles: "drop" })).toBe("pass");
  });

  it.each([
    ["it is 3.14159", "3.1416", { tolerance: "0.001" }, "pass"],
    ["it is 3.14159", "3.1416", {}, "fail"],
    ["about 1,050", "1000", { relative: "0.05" }, "pass"],
    ["about 1,051", "1000", { relative: "0.05" }, "fail"],
    ["so 3-5", "5", {}, "pass"],
    ["so -5", "-5.0", {}, "pass"],
    ["\\boxed{\\frac{1}{2}} of 7", "0.5", {}, "pass"],
    ["x = 1/2", "0.5", {}, "pass"],
    ["1.5e3 grams.", "1500", {}, "pass"],
    ["$1,234.50.", "1234.5", {}, "pass"],
    ["50%", "50", {}, "pass"],
    ["none", "5", {}, "none"],
    ["5", "five", {}, "fail"],
  ])("%s against %s %j: %s", (text, gold, options, wanted) => {
    expect(verdict("numeric", text, gold, options)).toBe(wanted);
  });

  it("finds what a pattern of yours finds", () => {
    expect(
      judge("regex", "<answer>7</answer> <answer>8</answer>", "8", { pattern: "<answer>(.*?)</answer>" }),
    ).toMatchObject({
      verdict: "pass",
      extracted: "8",
    });
    expect(verdict("regex", "a=1 a=2", "1", { pattern: "a=(?<answer>\\d)", which: "first" })).toBe("pass");
    expect(verdict("regex", "nothing", "1", { pattern: "\\d" })).toBe("none");
    expect([verdict("regex", "abc 12", "\\d{2}"), verdict("regex", "abc", "\\d{2}")]).toEqual(["pass", "fail"]);
    expect(judge("regex", "aaaa", "(a+)+b")).toMatchObject({ verdict: "none", note: /forever/ });
  });

  it("says whether JSON and XML are valid, and where not", () => {
    expect(verdict("json-valid", '```json\n{"a": 1}\n```', null)).toBe("pass");
    expect(verdict("json-valid", '```json\n{"a": 1}\n```', null, { fence: "no" })).toBe("fail");
    expect([
      verdict("json-valid", "{'a': 1}", 1),
      verdict("json-valid", "NaN", 1),
      verdict("json-valid", " ", 1),
    ]).toEqual(["fail", "fail", "none"]);
    const two = "<think>a</think>\n<answer>b</answer>";
    expect([verdict("xml-valid", two, null), verdict("xml-valid", two, null, { fragment: "yes" })]).toEqual([
      "fail",
      "pass",
    ]);
    for (const good of [
      "<a/>",
      '<?xml version="1.0"?><a b="1" c=\'2\'><!-- <x> --><b>&lt;</b></a>',
      "<a><![CDATA[<&]]></a>",
    ]) {
      expect(verdict("xml-valid", good, null)).toBe("pass");
    }
    for (const bad of [
      "<a>",
      "<a></b>",
      "<a b=1/>",
      '<a b="1" b="2"/>',
      "x",
      "<a>&</a>",
      "<a/>x",
      "<a",
      "</a>",
      "<a></a",
    ]) {
      expect(judge("xml-valid", bad, null)).toMatchObject({ verdict: "fail", note: /./ });
    }
  });
});

describe("latex-equal", () => {
  beforeAll(async () => {
    await lens("latex-equal").ready?.();
  });

  it.each([
    ["\\frac{1}{2}", "0.5"],
    ["\\frac12", "\\dfrac{1}{2}"],
    ["\\sqrt{8}", "2\\sqrt{2}"],
    ["2^{10}", "1024"],
    ["(x+1)^2", "x^2+2x+1"],
    ["\\frac{x^2-1}{x-1}", "x+1"],
    ["\\{1,2\\}", "\\{2, 1\\}"],
    ["1,2", "\\{2,1\\}"],
    ["[0,\\frac12)", "[0,0.5)"],
    ["(-\\infty,1)\\cup(2,\\infty)", "(2,\\infty) \\cup (-\\infty,1)"],
    ["\\left(3, \\frac{\\pi}{2}\\right)", "(3,\\pi/2)"],
    ["1,000", "1000"],
    ["x=3", "3"],
    ["x \\in [1,2]", "[1, 2]"],
    ["12\\text{ cm}", "12"],
    ["90^\\circ", "90"],
    ["\\text{A}", "A"],
    ["3 \\pm \\sqrt{2}", "3\\pm\\sqrt 2"],
    ["10!", "3628800"],
    ["\\sin^2 x+\\cos^2 x", "1"],
    ["\\begin{pmatrix}1\\\\2\\end{pmatrix}", "\\begin{pmatrix} 1 \\\\ 2 \\end{pmatrix}"],
    ["\\text{no}", "no"],
    ["A", "\\text{(A)}"],
    ["\\text{about } 5\\text{ m}", "5"],
    ["\\{\\text{no}, 1\\}", "\\{1, \\text{no}\\}"],
    ["xy", "y\\cdot x"],
    ["\\text{no},\\text{yes}", "\\text{yes}, \\text{no}"],
    ["0.1\\overline{6}", "\\frac16"],
    ["0.1+0.2", "0.3"],
    ["\\frac{2^{41}}{2^{42}}", "0.5"],
    ["\\sin\\pi", "0"],
    ["\\sqrt{2}\\sqrt{2}-2", "0"],
    ["\\sqrt{2+\\sqrt3}", "\\frac{\\sqrt6+\\sqrt2}{2}"],
    ["e^{i\\pi}", "-1"],
    ["\\sin 30^\\circ", "0.5"],
    ["\\tan 45^{\\circ}", "1"],
    ["\\sin(x+30^\\circ)", "\\sin(x+\\frac{\\pi}{6})"],
    ["\\{1,2,2\\}", "\\{1,2\\}"],
    ["[0,1]\\cup[1,2]", "[0,2]"],
    ["[0,\\sqrt2]\\cup(\\sqrt 2,2]", "[0, 2]"],
    ["x\\geq 3", "[3,\\infty)"],
    ["x>3", "3<x"],
    ["-5 \\leq x < 3", "[-5,3)"],
    ["3 > x \\ge -5", "[-5,3)"],
    ["\\pm 2", "2,-2"],
    ["\\pm 2", "\\{2,-2\\}"],
    ["1\\pm\\sqrt2", "1+\\sqrt2,1-\\sqrt2"],
    ["x = \\pm 2", "x = 2, x = -2"],
    ["x = 5 \\text{ or } x=3", "3,5"],
    ["\\mathbb{R}", "\\mathbb R"],
    ["\\mathbb{R}", "(-\\infty,\\infty)"],
    ["5\\%", "0.05"],
    ["50\\%", "50"],
    ["\\binom52", "10"],
    ["\\dbinom{5}{2}", "10"],
    ["\\varnothing", "\\{\\}"],
  ])("%s is %s", (found, gold) => {
    expect(verdict("latex-equal", `so \\boxed{${found}}`, gold)).toBe("pass");
    expect(verdict("latex-equal", `\\boxed{${gold}}`, `$${found}$`)).toBe("pass");
  });

  it.each([
    ["5", "6"],
    ["3", "-3"],
    ["x^2", "x^3"],
    ["(1,2)", "(2,1)"],
    ["[0,1)", "[0,1]"],
    ["(1,2)", "1,2"],
    ["0.333333", "\\frac{1}{3}"],
    ["12345678901234567890", "12345678901234567891"],
    ["\\{1,2\\}", "\\{1,3\\}"],
    ["\\text{A}", "\\text{B}"],
    ["y=2x", "y=3x"],
    ["\\sqrt{x^2}", "x"],
    ["\\text{no}", "\\text{on}"],
    ["\\text{left}", "\\text{felt}"],
    ["BCA", "CAB"],
    ["\\text{ABC}", "CBA"],
    ["\\text{no}", "n\\cdot o"],
    ["(\\text{no},1)", "(\\text{on},1)"],
    ["10^{-12}", "0"],
    ["10^{-12}x", "0"],
    ["e^{-100}", "0"],
    ["\\frac{1}{2^{40}}", "\\frac{1}{2^{41}}"],
    ["0.3333333333", "\\frac13"],
    ["0.3333333333x", "\\frac{x}{3}"],
    ["3.14159265358979", "\\pi"],
    ["\\frac10", "\\frac20"],
    ["\\begin{pmatrix}10^{-12}\\\\0\\end{pmatrix}", "\\begin{pmatrix}0\\\\0\\end{pmatrix}"],
    ["-\\infty", "\\infty"],
    ["(0,\\infty)", "(0,5)"],
    ["\\sin 30^\\circ", "\\sin 30"],
    ["\\{1\\}", "1"],
    ["(-1,1)\\cup(1,2)", "(-1,2)"],
    ["x\\geq 3", "(3,\\infty)"],
    ["x>3", "y>3"],
    ["\\pm 2", "2"],
    ["50\\%", "5"],
  ])("%s is not %s", (found, gold) => {
    expect(verdict("latex-equal", `\\boxed{${found}}`, gold)).toBe("fail");
  });

  it("finds the formula in prose, however it is set off", () => {
    for (const prose of [
      "so $\\frac12$.",
      "so \\(\\frac12\\).",
      "$x$ and then \\[\\frac12\\]",
      "\\(x\\) is $\\frac12$",
    ]) {
      expect([prose, judge("latex-equal", prose, "0.5")]).toMatchObject([
        prose,
        { verdict: "pass", extracted: "\\frac12" },
      ]);
    }
    expect(verdict("latex-equal", "\\(5\\)", "\\(5\\)")).toBe("pass");
  });

  it("says that nothing is divided by 0, and does not guess", () => {
    expect(judge("latex-equal", "\\boxed{\\frac10}", "\\frac20")).toMatchObject({ verdict: "fail", note: /as text/ });
  });

  it("is bounded: what could take long is compared as text", () => {
    for (const heavy of [
      "9^{9^{9^9}}",
      "99999!",
      "\\sum_{i=1}^{1000000} i",
      "(x+y+z)^{30}",
      "\\frac{1}{".repeat(11) + "x" + "}".repeat(11),
      "1,".repeat(140),
    ]) {
      const began = performance.now();
      expect(verdict("latex-equal", `\\boxed{${heavy}}`, "7")).toBe("fail");
      expect(verdict("latex-equal", `\\boxed{${heavy}}`, heavy)).toBe("pass");
      expect(performance.now() - began).toBeLessThan(1000);
    }
  });
});

describe("ifeval", () => {
  it("checks every constraint and names those that are not kept", () => {
    const gold = {
      instruction_id_list: ["punctuation:no_comma", "length_constraints:number_words", "detectable_format:title"],
      kwargs: [{}, { num_words: 3, relation: "at least", keyword: null }, {}],
    };
    expect(verdict("ifeval", "<<ode>> to joy", gold)).toBe("pass");
    expect(judge("ifeval", "ode, to joy", gold)).toMatchObject({
      verdict: "fail",
      note: "not kept: punctuation:no_comma, detectable_format:title",
    });
    expect(verdict("ifeval", "<<ode>> to joy", JSON.stringify(gold))).toBe("pass");
  });

  it("leaves open what the text alone cannot show, and what nobody knows", () => {
    const asks = (id: string, args = {}): object => ({ instruction_id_list: [id], kwargs: [args] });
    expect(judge("ifeval", "hi", asks("language:response_language", { language: "de" }))).toMatchObject({
      verdict: "none",
      note: /needs the language/,
    });
    expect(judge("ifeval", "hi", asks("made:up"))).toMatchObject({ verdict: "none", note: /no such constraint/ });
    expect(judge("ifeval", "HI", asks("change_case:english_capital"))).toMatchObject({
      verdict: "pass",
      note: /English/,
    });
    expect(judge("ifeval", "hi", asks("keywords:frequency", { keyword: "hi" }))).toMatchObject({
      verdict: "fail",
      note: /missing/,
    });
    expect(verdict("ifeval", "hi", { func_name: "validate_lowercase" })).toBe("pass");
  });

  it.each([
    ["[{'instruction_id': ['punctuation:no_comma'], 'kwargs': [None]}]", "a b", "pass"],
    ["[{'instruction_id': ['punctuation:no_comma'], 'kwargs': [None]}]", "a, b", "fail"],
    ['[{"instruction_id": ["copy:copy"], "kwargs": [{"prompt_to_repeat": "it\'s"}]}]', " It's", "pass"],
    [`[{'instruction_id': ['copy:copy'], 'kwargs': [{'prompt_to_repeat': "it's", 'N': None}]}]`, "it's", "pass"],
    ["{'func_name': 'validate_lowercase', 'N': None}", "a b", "pass"],
    ["[{'instruction_id': ['punctuation:no_comma']", "a b", "none"],
    ["[{'instruction_id': ['punctuation:no_comma'], 'kwargs': [None]}] and more", "a b", "none"],
  ])("reads the reference %s as its data set writes it", (gold, response, wanted) => {
    expect(verdict("ifeval", response, gold)).toBe(wanted);
  });

  it.each([
    ["keywords:word_once", { keyword: "tea" }, "tea or not", "tea, Tea"],
    ["keywords:word_count_different_numbers", { keyword: "a", frequency: 2, relation: "at least" }, "a a", "a b"],
    ["keywords:exclude_word_harder", { keyword: "tea" }, "teapot", "a tea pot"],
    ["keywords:no_adjacent_consecutive", {}, "apple cat", "apple Bee"],
    ["keywords:palindrome", {}, "a level field x", "no one"],
    ["keywords:keyword_specific_position", { keyword: "cold", n: 2, m: 1 }, "Hot tea. cold tea.", "Hot tea. tea cold."],
    ["keywords:start_end", {}, "Go and go!", "go"],
    ["detectable_format:sentence_hyphens", {}, "One.-Two.", "One. -Two."],
    ["detectable_format:square_brackets", {}, "[a] [b]", "[a] b"],
    ["detectable_format:bigram_wrapping", {}, "<<a b>> <<c d>> e", "<<a b>> c d"],
    ["punctuation:punctuation_dot", {}, "a!", "a."],
    ["punctuation:punctuation_exclamation", {}, "a.", "a!"],
    ["copy:repeat_phrase", { phrase: "the cat sat", small_n: 2 }, "the cat sat; the dog sat", "the cat sat; the sat"],
    ["copy:copying_simple", { prompt_to_repeat: "Hi." }, "hi.", "hi. so"],
    ["copy:copying_multiple", { prompt_to_repeat: "Hi", N: 2 }, "Hi ****** hi", "Hi ****** ho"],
    ["new:copy_span_idx", { prompt_to_repeat: "one two", n_start: 4, n_end: 7 }, "Two", "one"],
    ["paragraphs:paragraphs", {}, "a *** b", "a b"],
    ["paragraphs:paragraphs2", {}, "a\n\nb", "a\nb"],
    ["first_word:first_word_sent", { first_word: "So" }, "So hot. so cold.", "So hot. No cold."],
    ["first_word:first_word_answer", { first_word: "So" }, "so a. b", "a so"],
    ["last_word:last_word_sent", { last_word: "end" }, "The end. An end!", "The end. Fin."],
    ["last_word:last_word_answer", { last_word: "end" }, "a. The End.", "end it"],
    ["count:lowercase_counting", { N: 2 }, "a b C", "a b c"],
    ["count:count_unique", {}, "a b A", "a b a"],
    ["count:counting_composition", { n_sent: 1, n_words: 2 }, "A b. *** C d. *** E f.", "A b. *** C d. *** E."],
    ["count:count_increment_word", { keyword1: "a1", keyword2: "b2" }, "a1 b2 b2", "a1 b2"],
    ["letters:letter_counting", { N: 3, relation: "at least" }, "a1bc", "ab12"],
    ["letters:letter_counting2", { letter: "e", let_frequency: 2, let_relation: "less than" }, "Ex", "Eve"],
  ])("%s %j is kept by %j and not by %j", (id, args, good, bad) => {
    const gold = [{ instruction_id: [id], kwargs: [args] }];
    expect([verdict("ifeval", good, gold), verdict("ifeval", bad, gold)]).toEqual(["pass", "fail"]);
  });

  it("says the share that is the reward of several constraints", () => {
    const gold = [
      { instruction_id: ["punctuation:no_comma", "count:count_unique", "copy:copy"], kwargs: [{}, {}, {}] },
    ];
    expect(judge("ifeval", "a a", gold)).toMatchObject({
      verdict: "fail",
      note: /^kept 1 of 3, which is what its verifier/,
    });
    const two = [{ instruction_id: ["punctuation:no_comma", "count:count_unique"], kwargs: [null, null] }];
    expect(judge("ifeval", "a b", two)).toEqual({ verdict: "pass", extracted: null });
  });
});
