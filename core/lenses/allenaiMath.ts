// AllenAI's MATH rule, as it is and corrected: many ways to find an answer, any of which may match
// (formats/rlvr-openbrowser.md A3.5; AllenAIMathVerifier of rlvr-experiments with use_sympy off, as its training runs it).
import { allenaiBoxed } from "./boxed";
import { finalAnswer } from "./finalAnswer";
import { hendrycksEqual } from "./hendrycksText";
import { goldText, noAnswer, noReference, type Judgement, type LensInput, type Piece } from "./lens";

type Normalise = (answer: string) => string;

/** `part` is the stretch of the response that is looked at. */
export function judgeAllenai({ gold }: LensInput, part: Piece, normalise: Normalise): Judgement {
  const offset = part.span[0];
  const found = candidates(part.text, normalise);
  const reference = goldText(gold);
  const match = reference === null ? undefined : found.find(({ text }) => hendrycksEqual(text, reference));
  const shown = match ?? found[0];
  if (!shown || (shown.text === "" && !match)) return noAnswer();
  const span: [number, number] = [shown.span[0] + offset, shown.span[1] + offset];
  const note = reference === null ? noReference : shown.note;
  return {
    verdict: reference === null ? "none" : match ? "pass" : "fail",
    extracted: shown.text,
    span,
    ...(note === undefined ? {} : { note }),
  };
}

interface Candidate extends Piece {
  note?: string;
}

function candidates(text: string, normalise: Normalise): Candidate[] {
  const found: Candidate[] = [];
  const boxed = allenaiBoxed(text);
  if (boxed) found.push(boxed);
  const final = finalAnswer(text);
  if (final && normalise(final.text) !== "") {
    found.push(rewritten(final, normalise(final.text)));
  }
  if (found.length > 0) return found;
  const last = text.lastIndexOf("$");
  const before = last <= 0 ? -1 : text.lastIndexOf("$", last - 1);
  if (before >= 0) {
    const inside: Piece = { text: text.slice(before + 1, last), span: [before + 1, last] };
    return [rewritten(inside, normalise(inside.text))];
  }
  const whole: Piece = { text, span: [0, text.length] };
  return [rewritten(whole, normalise(text)), { ...whole, note: "the whole text, because it holds no answer" }];
}

const rewritten = (piece: Piece, text: string): Candidate =>
  text === piece.text
    ? piece
    : { text, span: piece.span, note: `normalised from ${JSON.stringify(short(piece.text))}` };

const short = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text);
