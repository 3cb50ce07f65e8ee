// AllenAI's MATH rule, bugs included (formats/rlvr-openbrowser.md A3.5).
import { judgeAllenai } from "../allenaiMath";
import { normaliseAllenai } from "../finalAnswer";
import type { Lens } from "../lens";

export const allenaiMath: Lens = {
  id: "allenai-math",
  title: "AllenAI MATH",
  says:
    "Boxed, Final Answer, between the last dollars or the whole text: any of them that equals the reference as text passes, as in " +
    "AllenAIMathVerifier of rlvr-experiments without sympy. Reproduced with its bugs: normalising deletes every `-` and every brace, " +
    "so that `Final Answer: The final answer is $-3$. I hope it is correct.` passes against 3 and fails against -3, a bare `-3` " +
    "passes against 3 too, and `\\frac{10}{3}` becomes `\\frac{1}{0}3`. allenai-math-fixed is the corrected one.",
  options: [],
  rewrites: true,
  judge(input) {
    const { response } = input;
    return judgeAllenai(input, { text: response, span: [0, response.length] }, normaliseAllenai);
  },
};
