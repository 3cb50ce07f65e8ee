// Minerva's final answer (formats/rlvr-openbrowser.md A3.5; Lewkowycz et al. 2022, appendix D).
import { lastBoxed } from "../boxed";
import { finalAnswer, normaliseMinerva } from "../finalAnswer";
import { compared, type Lens } from "../lens";

export const minerva: Lens = {
  id: "minerva",
  title: "Minerva final answer",
  says:
    "`Final Answer: The final answer is X. I hope it is correct.`, X and the reference (its box, where it has one) normalised as in " +
    "Minerva's appendix D and compared as text. The symbolic comparison that lm-evaluation-harness adds is latex-equal's.",
  options: [],
  rewrites: true,
  judge({ response, gold }) {
    const found = finalAnswer(response);
    if (!found) return compared(null, gold, () => false);
    const answer = { text: normaliseMinerva(found.text), span: found.span };
    return compared(answer, gold, (text) => answer.text === normaliseMinerva(lastBoxed(text)?.text ?? text));
  },
};
