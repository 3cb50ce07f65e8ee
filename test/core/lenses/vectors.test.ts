// The vectors of formats/rlvr-openbrowser.md A3, each executed there by the verifiers themselves.
import { describe, expect, it } from "vitest";
import type { Judgement } from "../../../core/lenses/lens";
import { lensById } from "../../../core/lenses/registry";

const judge = (id: string, response: string, gold: unknown, options = {}): Judgement => {
  const lens = lensById(id);
  if (!lens) throw new Error(`no lens ${id}`);
  return lens.judge({ response, gold, options });
};

describe("GSM8K (A3.3)", () => {
  const order = ["gsm8k-strict", "gsm8k-flexible", "gsm8k-last-number", "gsm8k-any"];
  it.each([
    ["The answer is 42.", "42", "42.", "42", "42"],
    ["the answer is 42.", null, "42.", "42", "42."],
    ["The answer is $42.", null, "$42.", "42", "$42."],
    ["The answer is 42", null, "42", "42", "42"],
    ["The answer is 1,234.", "1,234", "1,234.", "1234", "1,234"],
    ["So \\boxed{42}", null, "42", "42", "42"],
    ["3-5", null, "-5", "-5", "-5"],
    ["The answer is 42.\n\nQ: foo 1820", "42", "1820", "1820", "42"],
    ["The answer is 5.\nThe answer is 6.", "5", "6.", "6", "5"],
  ])("%j", (text, ...expected) => {
    expect(order.map((id) => judge(id, text, "0").extracted)).toEqual(expected);
  });

  it("compares as the verifiers do", () => {
    for (const [found, gold, verdict] of [
      ["42", "42", "pass"],
      ["42.0", "42", "pass"],
      ["42.5", "42.50", "pass"],
      ["42", "43", "fail"],
      ["1,234", "$1234.", "pass"],
      ["7", "seven", "fail"],
    ] as const) {
      expect(judge("gsm8k-strict", `The answer is ${found}.`, gold).verdict).toBe(verdict);
    }
    expect(judge("gsm8k-strict", "nothing", "42")).toEqual({ verdict: "none", extracted: null });
    expect(judge("gsm8k-flexible", "42", 42).verdict).toBe("pass");
    expect(judge("gsm8k-flexible", "42", null).verdict).toBe("none");
    // AllenAI's takes away commas alone from the reference.
    expect(judge("allenai-gsm8k", "so 1,234", "1,234").verdict).toBe("pass");
    expect(judge("allenai-gsm8k", "so 42", "$42").verdict).toBe("fail");
    expect(judge("gsm8k-last-number", "so 42", "$42").verdict).toBe("pass");
  });

  it("keeps the unescaped dot of lm-evaluation-harness where it is asked for", () => {
    const harness = { as: "lm-eval" };
    expect(judge("gsm8k-strict", "The answer is 42", "42", harness)).toMatchObject({ extracted: "4", verdict: "fail" });
    expect(judge("gsm8k-strict", "The answer is 7", "7", harness).verdict).toBe("none");
    expect(judge("gsm8k-strict", "The answer is 1,234.", "so it is\n#### 1234", harness).verdict).toBe("pass");
    expect(judge("gsm8k-flexible", "6.0", "6", harness).verdict).toBe("fail");
  });

  it("shows the comma that the rule deletes", () => {
    const text = "first 1,200, then 12,345,678 left";
    const { span, extracted } = judge("gsm8k-last-number", text, "12345678");
    expect(extracted).toBe("12345678");
    expect(text.slice(...(span ?? [0, 0]))).toBe("12,345,678");
  });
});
