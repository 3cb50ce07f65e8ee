// The last thing that looks like a number: the flexible filter of GSM8K (formats/rlvr-openbrowser.md A3.3).
import { compared, optionOf, type Lens } from "../lens";
import { flexibleNumber, sameGsm8k, sameLmEval } from "../numbers";

export const gsm8kFlexible: Lens = {
  id: "gsm8k-flexible",
  title: "GSM8K flexible",
  says:
    "The last run of digits, dots, commas and dollars, as lm-evaluation-harness and GSM8KVerifier take it: punctuation and " +
    "signs stay on it (`42.`, `3-5` gives -5), and a question that the model made up behind its answer wins.",
  options: [{ name: "as", says: "`lm-eval`: compares as text as lm-evaluation-harness does, so that 6.0 is not 6" }],
  judge({ response, gold, options }) {
    const found = flexibleNumber(response);
    const equal = optionOf(options, "as") === "lm-eval" ? sameLmEval : sameGsm8k;
    return compared(found, gold, (text) => equal(found?.text ?? "", text));
  },
};
