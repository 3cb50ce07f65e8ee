// The last number of the text (formats/rlvr-openbrowser.md A3.3).
import { compared, type Lens } from "../lens";
import { lastNumber, sameGsm8k } from "../numbers";

export const gsm8kLastNumber: Lens = {
  id: "gsm8k-last-number",
  title: "GSM8K last number",
  says: "The last number once commas between digits are deleted, as GSM8KVerifier of rlvr-experiments takes it: `3-5` gives -5.",
  options: [],
  rewrites: true,
  judge({ response, gold }) {
    const found = lastNumber(response);
    return compared(found, gold, (text) => sameGsm8k(found?.text ?? "", text));
  },
};
