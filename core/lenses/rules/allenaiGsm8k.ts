// AllenAI's GSM8K rule (formats/rlvr-openbrowser.md A3.5, verifiers/allenai.py).
import { compared, type Lens } from "../lens";
import { lastNumber, sameAllenai } from "../numbers";

export const allenaiGsm8k: Lens = {
  id: "allenai-gsm8k",
  title: "AllenAI GSM8K",
  says:
    "The last number, as AllenAIGSM8KVerifier of rlvr-experiments takes it: `3-5` gives -5, and a reference with `$` or a last dot " +
    "never matches. gsm8k-last-number finds the same and compares more kindly.",
  options: [],
  rewrites: true,
  judge({ response, gold }) {
    const found = lastNumber(response);
    return compared(found, gold, (text) => sameAllenai(found?.text ?? "", text));
  },
};
