// How the GSM8K verifiers find a number and compare it: verifiers/gsm8k.py of rlvr-experiments (formats/rlvr-openbrowser.md A3.3).
import type { Piece } from "./lens";
import { rstrip, sameFloat, strip } from "./python";

const pieceAt = (text: string, start: number): Piece => ({ text, span: [start, start + text.length] });

/** The first `The answer is N.`; lm-evaluation-harness left the last dot unescaped, so that any character ends its number. */
export function strictNumber(text: string, anyEnd = false): Piece | null {
  const pattern = anyEnd ? /The answer is (-?[0-9.,]+)[^\n]/ : /The answer is (-?[0-9.,]+)\./;
  const found = pattern.exec(text);
  return found ? pieceAt(found[1] ?? "", found.index + "The answer is ".length) : null;
}

/** The last run of digits, dots, commas and dollars, of two characters or more, or the last digits. */
export function flexibleNumber(text: string): Piece | null {
  let last: Piece | null = null;
  for (const found of text.matchAll(/-?[$0-9.,]{2,}|-?[0-9]+/g)) last = pieceAt(found[0], found.index);
  return last;
}

/** The last number once commas between digits are gone. The span still holds them. */
export function lastNumber(text: string): Piece | null {
  /** Where in the shortened text a comma is missing. */
  const gaps: number[] = [];
  const short = text.replace(/(\p{Nd}),(\p{Nd})/gu, (_all, before: string, after: string, at: number) => {
    gaps.push(at + before.length - gaps.length);
    return before + after;
  });
  let last: RegExpExecArray | null = null;
  for (const found of short.matchAll(/[-+]?(?:\p{Nd}+\.\p{Nd}+|\p{Nd}+)/gu)) last = found;
  if (!last) return null;
  const start = last.index;
  const end = start + last[0].length;
  const shift = (place: number, inclusive: boolean): number =>
    place + gaps.filter((gap) => (inclusive ? gap <= place : gap < place)).length;
  return { text: last[0], span: [shift(start, true), shift(end, false)] };
}

/** The verifier's equality: commas, dollars and last dots away, then as text or as floats. */
export function sameGsm8k(found: string, gold: string): boolean {
  const plain = (text: string): string => strip(rstrip(text.replaceAll(",", "").replaceAll("$", ""), "."));
  return plain(found) === plain(gold) || sameFloat(plain(found), plain(gold));
}

/** The AllenAI verifier's: commas alone go. */
export function sameAllenai(found: string, gold: string): boolean {
  const plain = (text: string): string => strip(text).replaceAll(",", "");
  return plain(found) === plain(gold) || sameFloat(plain(found), plain(gold));
}

/** exact_match of lm-evaluation-harness with the regexes_to_ignore of its gsm8k tasks: no numbers, text alone. */
export function sameLmEval(found: string, gold: string): boolean {
  const plain = (text: string): string => {
    const short = text.replaceAll(",", "").replaceAll("$", "");
    const answer = short.slice(short.lastIndexOf("#### ") < 0 ? 0 : short.lastIndexOf("#### ") + 5);
    return answer.replace(/\.(?=\n?$)/, "").toLowerCase();
  };
  return plain(found) === plain(gold);
}
