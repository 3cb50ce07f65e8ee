// The MATH verifier of rlvr-experiments (formats/rlvr-openbrowser.md A3.4, verifiers/hendrycks_math.py).
import { hendrycksBoxed, trimmed } from "../boxed";
import { goldText, noAnswer, noReference, optionOf, type Lens, type Piece } from "../lens";
import { spaces } from "../python";
import { loadEngine, symbolicallyEqual } from "../symbolic";

export const hendrycks: Lens = {
  id: "hendrycks",
  title: "Hendrycks MATH",
  says:
    "The braces behind the last `\\boxed`, else what follows the first `The answer is`, as HendrycksMathVerifier of rlvr-experiments " +
    "takes it, from the reference too: a reference without either scores 0 there and fails here. Equal without spaces and sizes of " +
    "brackets, or symbolically: there by sympy, here by the compute engine, which may see less or more.",
  options: [
    { name: "gold", says: "`bare`: a reference that holds no box is the answer itself" },
    { name: "symbolic", says: "`off`: compares as text alone" },
  ],
  ready: loadEngine,
  judge({ response, gold, options }) {
    const found = extract(response);
    const reference = goldText(gold);
    if (!found) return noAnswer();
    const shown = { extracted: found.text, span: found.span };
    if (reference === null) return { verdict: "none", ...shown, note: noReference };
    const wanted = extract(reference)?.text ?? (optionOf(options, "gold") === "bare" ? reference : null);
    if (wanted === null) {
      return {
        verdict: "fail",
        ...shown,
        note: "the reference holds no \\boxed{} and no `The answer is`: this verifier scores 0",
      };
    }
    const [a, b] = [plain(found.text), plain(wanted)];
    if (a === b) return { verdict: "pass", ...shown };
    const symbolic = optionOf(options, "symbolic") !== "off" && symbolicallyEqual(a, b) === "equal";
    return symbolic ? { verdict: "pass", ...shown, note: "equal symbolically" } : { verdict: "fail", ...shown };
  },
};

const sentence = new RegExp(`[Tt]he answer is[:${spaces}]*\\$?([^$\\n]+)`);

function extract(text: string): Piece | null {
  const boxed = hendrycksBoxed(text);
  if (boxed) return boxed;
  const found = sentence.exec(text);
  if (!found) return null;
  const end = found.index + found[0].length;
  const piece = trimmed(text, end - (found[1] ?? "").length, end);
  if (!piece.text.endsWith(".")) return piece;
  return { text: piece.text.slice(0, -1), span: [piece.span[0], piece.span[1] - 1] };
}

const away = [" ", "\\left", "\\right", "\\!", "\\,", "\\;", "\\quad", "\\qquad"];

function plain(answer: string): string {
  let text = answer.trim();
  for (const each of away) text = text.replaceAll(each, "");
  return text.replaceAll("dfrac", "frac").replaceAll("tfrac", "frac");
}
