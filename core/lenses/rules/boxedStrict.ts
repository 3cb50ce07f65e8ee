// The last \boxed{...}, and nothing else.
import { lastBoxed } from "../boxed";
import { compared, type Lens } from "../lens";

export const boxedStrict: Lens = {
  id: "boxed-strict",
  title: "Boxed, strict",
  says:
    "The content of the last `\\boxed{...}`, nested braces included, character for character against the reference (its box, where it " +
    "has one). An unclosed last box is none, even when an earlier one is closed.",
  options: [],
  judge({ response, gold }) {
    const found = lastBoxed(response);
    return compared(found, gold, (text) => found?.text === (lastBoxed(text)?.text ?? text.trim()));
  },
};
