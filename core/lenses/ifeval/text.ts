// Words, sentences and patterns of IFEval, as verifiers/if_multi_constraints.py of rlvr-experiments counts them: without nltk, whose
// sentences and tokens of odd texts can differ (formats/rlvr-openbrowser.md A3.6).
import { canExplode, longestForPatterns } from "../patterns";
import { word } from "../python";
import { OddArgument } from "./args";

const anyWord = new RegExp(`[${word}]+`, "gu");

export const tokens = (text: string): string[] => text.match(anyWord) ?? [];

const boundary = `(?:(?<=[${word}])(?![${word}])|(?<![${word}])(?=[${word}]))`;

/** How often a keyword is found; the verifiers take it for a pattern, so that the dot of `e.g.` is any character. */
export function occurrences(text: string, keyword: string, wholeWord = false): number {
  if (/^[\p{L}\p{N}_ '-]*$/u.test(keyword) && !wholeWord) return count(text, escaped(keyword));
  if (canExplode(keyword)) throw new OddArgument(`the keyword ${keyword} is a pattern that could take forever`);
  const source = wholeWord ? `${boundary}(?:${keyword})${boundary}` : keyword;
  return count(
    text.length > longestForPatterns && /[*+{]/.test(keyword) ? text.slice(-longestForPatterns) : text,
    source,
  );
}

function count(text: string, source: string): number {
  let pattern: RegExp;
  try {
    pattern = new RegExp(source, "giu");
  } catch {
    throw new OddArgument("the keyword is no pattern");
  }
  return text.match(pattern)?.length ?? 0;
}

const escaped = (text: string): string => text.replaceAll("-", "\\-");

const starters =
  "(?:Mr|Mrs|Ms|Dr|Prof|Capt|Cpt|Lt|He\\s|She\\s|It\\s|They\\s|Their\\s|Our\\s|We\\s|But\\s|However\\s|That\\s|This\\s|Wherever)";

/** Dots that end no sentence are marked, then every other dot, question and exclamation mark ends one. In the verifier's order. */
const marks: readonly (readonly [RegExp, string])[] = [
  [/\n/g, " "],
  [/(Mr|St|Mrs|Ms|Dr)[.]/g, "$1<prd>"],
  [/[.](com|net|org|io|gov|edu|me)/g, "<prd>$1"],
  [/([0-9])[.]([0-9])/g, "$1<prd>$2"],
];
const moreMarks: readonly (readonly [RegExp, string])[] = [
  [/\s([A-Za-z])[.] /g, " $1<prd> "],
  [new RegExp(`([A-Z][.][A-Z][.](?:[A-Z][.])?) (${starters})`, "g"), "$1<stop> $2"],
  [/([A-Za-z])[.]([A-Za-z])[.]([A-Za-z])[.]/g, "$1<prd>$2<prd>$3<prd>"],
  [/([A-Za-z])[.]([A-Za-z])[.]/g, "$1<prd>$2<prd>"],
  [new RegExp(` (Inc|Ltd|Jr|Sr|Co)[.] (${starters})`, "g"), " $1<stop> $2"],
  [/ (Inc|Ltd|Jr|Sr|Co)[.]/g, " $1<prd>"],
  [/ ([A-Za-z])[.]/g, " $1<prd>"],
];

export function sentences(response: string): string[] {
  let text = ` ${response}  `;
  for (const [pattern, mark] of marks) text = text.replace(pattern, mark);
  text = text.replace(/\.{2,}/g, (dots) => `${"<prd>".repeat(dots.length)}<stop>`).replaceAll("Ph.D.", "Ph<prd>D<prd>");
  for (const [pattern, mark] of moreMarks) text = text.replace(pattern, mark);
  for (const [inside, outside] of [
    [".\u201d", "\u201d."],
    ['."', '".'],
    ['!"', '"!'],
    ['?"', '"?'],
  ] as const) {
    text = text.replaceAll(inside, outside);
  }
  text = text.replace(/[.?!]/g, "$&<stop>").replaceAll("<prd>", ".");
  const parts = text.split("<stop>").map((part) => part.trim());
  if (parts.at(-1) === "") parts.pop();
  return parts;
}

/** str.isupper() and str.islower(): something has a case, and nothing has the other one. */
export const isUpper = (text: string): boolean => /\p{Uppercase}/u.test(text) && !/[\p{Lowercase}\p{Lt}]/u.test(text);
export const isLower = (text: string): boolean => /\p{Lowercase}/u.test(text) && !/[\p{Uppercase}\p{Lt}]/u.test(text);

/** json.loads, which takes NaN and Infinity too. */
export function isPythonJson(text: string): boolean {
  try {
    JSON.parse(text.replace(/"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g, (token) => (token.startsWith('"') ? token : "0")));
    return true;
  } catch {
    return false;
  }
}
