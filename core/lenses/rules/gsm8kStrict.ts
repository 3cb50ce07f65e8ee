// `The answer is N.`: the strict filter of GSM8K (formats/rlvr-openbrowser.md A3.3).
import { compared, optionOf, type Lens } from "../lens";
import { sameGsm8k, sameLmEval, strictNumber } from "../numbers";

export const gsm8kStrict: Lens = {
  id: "gsm8k-strict",
  title: "GSM8K strict",
  says:
    "The first `The answer is N.`, with that capital and that last dot, as GSM8KVerifier of rlvr-experiments takes it. " +
    "A right answer in any other sentence is none.",
  options: [
    {
      name: "as",
      says: "`lm-eval`: the filter of lm-evaluation-harness, whose last dot is any character (`The answer is 42` gives 4)",
    },
  ],
  judge({ response, gold, options }) {
    const harness = optionOf(options, "as") === "lm-eval";
    const found = strictNumber(response, harness);
    return compared(found, gold, (text) => (harness ? sameLmEval : sameGsm8k)(found?.text ?? "", text));
  },
};
