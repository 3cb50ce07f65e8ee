// AllenAI's MATH rule without its bugs: the same ways to find an answer, Minerva's own normalising.
import { judgeAllenai } from "../allenaiMath";
import { trimmed } from "../boxed";
import { normaliseMinerva } from "../finalAnswer";
import type { Lens, Piece } from "../lens";

export const allenaiMathFixed: Lens = {
  id: "allenai-math-fixed",
  title: "AllenAI MATH, corrected",
  says:
    "allenai-math with the normalising that it was copied from (Minerva, appendix D), which keeps minus signs and braces, and without " +
    "thinking and the tags of an answer. What it compares as text stays as strict: 1,000 in a box is not 1000.",
  options: [],
  rewrites: true,
  judge: (input) => judgeAllenai(input, answerPart(input.response), normaliseMinerva),
};

/** Behind the last `</think>`, and inside `<answer>` where the text has it. */
function answerPart(response: string): Piece {
  const thought = response.lastIndexOf("</think>");
  let from = thought < 0 ? 0 : thought + "</think>".length;
  let to = response.length;
  const open = response.indexOf("<answer>", from);
  if (open >= 0) {
    from = open + "<answer>".length;
    const close = response.indexOf("</answer>", from);
    if (close >= 0) to = close;
  }
  return trimmed(response, from, to);
}
