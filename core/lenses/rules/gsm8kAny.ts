// Strict, or else flexible, or else the last number (formats/rlvr-openbrowser.md A3.3).
import { compared, type Lens } from "../lens";
import { flexibleNumber, lastNumber, sameGsm8k, strictNumber } from "../numbers";

export const gsm8kAny: Lens = {
  id: "gsm8k-any",
  title: "GSM8K any",
  says: "Strict where that finds something, else flexible, else the last number: the default of GSM8KVerifier of rlvr-experiments.",
  options: [],
  rewrites: true,
  judge({ response, gold }) {
    const found = strictNumber(response) ?? flexibleNumber(response) ?? lastNumber(response);
    return compared(found, gold, (text) => sameGsm8k(found?.text ?? "", text));
  },
};
