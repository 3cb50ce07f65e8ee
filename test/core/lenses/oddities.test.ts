// Real oddities of answers and of the rules that judge them, as formats/rlvr-openbrowser.md states them (A3 and A4).
import { describe, expect, it } from "vitest";
import type { Verdict } from "../../../core/lenses/lens";
import { lensById, readOptions } from "../../../core/lenses/registry";

interface Oddity {
  section: string;
  says: string;
  response: string;
  gold: unknown;
  /** By lens, with its options behind it: what it finds and what it thinks of that. */
  judged: Record<string, [verdict: Verdict, extracted?: string | null]>;
}

const talksOn = "5+3=8\nThe answer is 8.\n\nQ: Tom has 1820 pears. How many?\nA: The answer is 1820.";

const oddities: readonly Oddity[] = [
  {
    section: "A4 R17",
    says: "a model that goes on with the next question: the first answer is right, the last number is not",
    response: talksOn,
    gold: "8",
    judged: {
      "gsm8k-strict": ["pass", "8"],
      "gsm8k-any": ["pass", "8"],
      "gsm8k-flexible": ["fail", "1820."],
      "gsm8k-last-number": ["fail", "1820"],
      "allenai-gsm8k": ["fail", "1820"],
    },
  },
  {
    section: "A4 R18",
    says: "the right number in another form: strict sees nothing, lenient sees it",
    response: "So we get \\boxed{42}",
    gold: "42",
    judged: { "gsm8k-strict": ["none", null], "gsm8k-any": ["pass", "42"], "boxed-strict": ["pass", "42"] },
  },
  {
    section: "A3.3",
    says: "the harness's unescaped dot eats a digit at the end of the text",
    response: "The answer is 42",
    gold: "42",
    judged: { "gsm8k-strict": ["none", null], "gsm8k-strict as=lm-eval": ["fail", "4"] },
  },
  {
    section: "A3.3",
    says: "a range is read as a minus sign",
    response: "between 3-5",
    gold: "5",
    judged: { "gsm8k-flexible": ["fail", "-5"], "gsm8k-last-number": ["fail", "-5"] },
  },
  {
    section: "A3.5",
    says: "AllenAI's normalising loses the minus sign: -3 passes as 3, and fails as itself",
    response: "Final Answer: The final answer is $-3$. I hope it is correct.",
    gold: "3",
    judged: { "allenai-math": ["pass"], "allenai-math-fixed": ["fail"], minerva: ["fail"] },
  },
  {
    section: "A3.5",
    says: "and the other way round",
    response: "Final Answer: The final answer is $-3$. I hope it is correct.",
    gold: "-3",
    judged: { "allenai-math": ["fail"], "allenai-math-fixed": ["pass"], minerva: ["pass"] },
  },
  {
    section: "A3.5",
    says: "a comma in the box is another answer",
    response: "\\boxed{1,000}",
    gold: "1000",
    judged: { "allenai-math": ["fail"], "boxed-strict": ["fail", "1,000"], numeric: ["pass"] },
  },
  {
    section: "A3.5",
    says: "units, percent and a named variable are no part of the answer",
    response: "\\boxed{x=12\\text{ cm}}",
    gold: "12",
    judged: { "allenai-math": ["pass"], "boxed-strict": ["fail"] },
  },
  {
    section: "A3.5",
    says: "of two boxes the last counts",
    response: "\\boxed{3}\\boxed{4}",
    gold: "3",
    judged: { "allenai-math": ["fail"], "boxed-strict": ["fail", "4"], hendrycks: ["fail", "4"] },
  },
  {
    section: "A3.4",
    says: "Hendrycks: words behind the phrase are the answer, a box without braces or an end is none",
    response: "the answer is: 5 apples.",
    gold: "5",
    judged: { hendrycks: ["fail", "5 apples"] },
  },
  {
    section: "A3.4",
    says: "a box without braces",
    response: "\\boxed 5",
    gold: "5",
    judged: { hendrycks: ["none", null] },
  },
  {
    section: "A3.4",
    says: "a box that does not end",
    response: "\\boxed{unclosed",
    gold: "5",
    judged: { hendrycks: ["none", null], "boxed-strict": ["none", null] },
  },
  {
    section: "A3.4",
    says: "a frame is no box",
    response: "\\fbox{3}",
    gold: "3",
    judged: { hendrycks: ["none", null], "boxed-strict": ["none", null] },
  },
  {
    section: "A3.1",
    says: "a group without a reference scores nothing, whatever it says",
    response: "The answer is 42.",
    gold: null,
    judged: { "gsm8k-strict": ["none"], hendrycks: ["none"], exact: ["none"], minerva: ["none"] },
  },
  {
    section: "A4 R15",
    says: "a base model's garbage has no answer, and costs no time",
    response: "Cumhur\n".repeat(2000),
    gold: "42",
    judged: { "gsm8k-any": ["none", null], hendrycks: ["none", null], "latex-equal": ["fail"] },
  },
  {
    section: "A3.6",
    says: "half of the constraints hold: binary rules fail it",
    response: "pears, and figs",
    gold: { func_name: "validate_no_commas" },
    judged: { ifeval: ["fail"] },
  },
  {
    section: "A3.6",
    says: "an unknown function scores nothing",
    response: "x",
    gold: { func_name: "validate_pears" },
    judged: { ifeval: ["none"] },
  },
];

describe.each(oddities)("$section: $says", ({ response, gold, judged }) => {
  it.each(Object.entries(judged))("%s", async (name, [verdict, extracted]) => {
    const [id = "", ...given] = name.split(" ");
    const lens = lensById(id);
    if (!lens) throw new Error(`no lens ${id}`);
    await lens.ready?.();
    const { options, problem } = readOptions(lens, given);
    expect(problem).toBeNull();
    const seen = lens.judge({ response, gold, options });
    expect(seen.verdict).toBe(verdict);
    if (extracted !== undefined) expect(seen.extracted).toBe(extracted);
  });
});
