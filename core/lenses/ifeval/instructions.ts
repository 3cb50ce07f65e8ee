// The 25 instructions of IFEval (Zhou et al. 2023) that google-research/instruction_following_eval checks, by their ids.
import { listArg, countArg, OddArgument, related, textArg, type Args, type Check } from "./args";
import { strip, stripSpan, words } from "../python";
import { isLower, isPythonJson, isUpper, occurrences, sentences, tokens } from "./text";

const options = ["My answer is yes.", "My answer is no.", "My answer is maybe."];
const blank = (text: string): boolean => strip(text) === "";

/** Parts between dividers, where the first and the last may be empty; null where an inner one is. */
export function filledParts(parts: readonly string[]): number | null {
  const empty = parts.map((part, i) => ({ i, empty: blank(part) })).filter((part) => part.empty);
  return empty.some(({ i }) => i > 0 && i < parts.length - 1) ? null : parts.length - empty.length;
}

export const dividedBy = (text: string, divider: RegExp, wanted: number): boolean =>
  filledParts(text.split(divider)) === wanted;

/** `*...*` without a star inside, from every star on as Python's findall takes them. */
function highlights(text: string): number {
  let found = 0;
  for (const match of text.matchAll(/\*[^\n*]*\*/g)) if (!blank(match[0].replaceAll("*", ""))) found++;
  for (const match of text.matchAll(/\*\*[^\n*]*\*\*/g)) if (!blank(match[0].slice(2, -2))) found++;
  return found;
}

function postscript(text: string, args: Args): boolean {
  const marker = textArg(args, "postscript_marker");
  const lower = text.toLowerCase();
  if (marker === "P.P.S") return /p\.\s?p\.\s?s/.test(lower);
  if (marker === "P.S.") return /p\.\s?s\./.test(lower);
  return occurrences(lower, marker.toLowerCase()) > 0;
}

/** Lines that begin with a star that no second one follows, and lines that begin with a dash. */
function bullets(text: string): number {
  const all = text.split("\n");
  const stars = all.filter((line, i) => {
    const own = line.slice(stripSpan(line)[0]);
    if (!own.startsWith("*")) return false;
    // Behind a star alone the pattern takes the line's end for the other character, if there is a next line.
    return own.length > 1 ? own[1] !== "*" : i < all.length - 1;
  });
  return stars.length + all.filter((line) => strip(line).startsWith("-")).length;
}

function paragraphStart(text: string, args: Args): boolean {
  const paragraphs = text.split("\n\n");
  const filled = paragraphs.filter((paragraph) => !blank(paragraph)).length;
  const nth = countArg(args, "nth_paragraph");
  const paragraph = strip(paragraphs[nth - 1] ?? "");
  if (nth <= 0 || nth > filled || paragraph === "") return false;
  const first = (words(paragraph)[0] ?? "").replace(/^'+/, "").replace(/^"+/, "");
  const found = (/^[^.,?!'"]*/.exec(first)?.[0] ?? "").toLowerCase();
  return filled === countArg(args, "num_paragraphs") && found === textArg(args, "first_word").toLowerCase();
}

function sections(text: string, args: Args): boolean {
  const splitter = textArg(args, "section_spliter")
    .trim()
    .replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return (text.match(new RegExp(`${splitter}\\s?\\p{Nd}+`, "gu"))?.length ?? 0) >= countArg(args, "num_sections");
}

function json(text: string): boolean {
  let value = strip(text);
  for (const head of ["```json", "```Json", "```JSON", "```"])
    if (value.startsWith(head)) value = value.slice(head.length);
  return isPythonJson(strip(value.endsWith("```") ? value.slice(0, -3) : value));
}

function twoResponses(text: string): boolean {
  const parts = text.split("******");
  const filled = parts.filter((part) => !blank(part)).map(strip);
  return filledParts(parts) === 2 && filled[0] !== filled[1];
}

function endsWith(text: string, args: Args): boolean {
  const value = strip(text).replace(/^"+/, "").replace(/"$/, "");
  let end = value.length;
  while (value.charAt(end - 1) === '"') end--;
  const phrase = strip(textArg(args, "end_phrase")).toLowerCase();
  return phrase !== "" && value.slice(0, end).toLowerCase().endsWith(phrase);
}

const title = (text: string): boolean =>
  text.split("\n").some((line) => {
    const [open, close] = [line.indexOf("<<"), line.lastIndexOf(">>")];
    return open >= 0 && close > open + 2 && !blank(line.slice(open, close).replace(/^<+/, "").replace(/>+$/, ""));
  });

function letterFrequency(text: string, args: Args): boolean {
  const letter = textArg(args, "letter").toLowerCase();
  if ([...letter].length !== 1) throw new OddArgument("letter is no single character");
  return related(text.toLowerCase().split(letter).length - 1, args, "let_frequency", "let_relation");
}

/** What needs to know the language is `null`: it cannot be checked from the text alone. */
export const instructions: Readonly<Record<string, Check | null>> = {
  "keywords:existence": (text, args) => listArg(args, "keywords").every((each) => occurrences(text, each) > 0),
  "keywords:frequency": (text, args) =>
    related(occurrences(text, textArg(args, "keyword").trim()), args, "frequency", "relation"),
  "keywords:forbidden_words": (text, args) =>
    listArg(args, "forbidden_words").every((each) => occurrences(text, each, true) === 0),
  "keywords:letter_frequency": letterFrequency,
  "language:response_language": null,
  "length_constraints:number_sentences": (text, args) =>
    related(sentences(text).length, args, "num_sentences", "relation"),
  "length_constraints:number_paragraphs": (text, args) =>
    dividedBy(text, /\s?\*\*\*\s?/, countArg(args, "num_paragraphs")),
  "length_constraints:number_words": (text, args) => related(tokens(text).length, args, "num_words", "relation"),
  "length_constraints:nth_paragraph_first_word": paragraphStart,
  "detectable_content:number_placeholders": (text, args) => bracketed(text) >= countArg(args, "num_placeholders"),
  "detectable_content:postscript": postscript,
  "detectable_format:number_bullet_lists": (text, args) => bullets(text) === countArg(args, "num_bullets"),
  "detectable_format:constrained_response": (text) => options.some((option) => text.includes(option)),
  "detectable_format:number_highlighted_sections": (text, args) => highlights(text) >= countArg(args, "num_highlights"),
  "detectable_format:multiple_sections": sections,
  "detectable_format:json_format": json,
  "detectable_format:title": title,
  "combination:two_responses": twoResponses,
  "combination:repeat_prompt": (text, args) =>
    strip(text)
      .toLowerCase()
      .startsWith(strip(textArg(args, "prompt_to_repeat")).toLowerCase()),
  "startend:end_checker": endsWith,
  "startend:quotation": (text) => /^"[^]*"$/.test(strip(text)),
  "change_case:capital_word_frequency": (text, args) =>
    related(tokens(text).filter(isUpper).length, args, "capital_frequency", "capital_relation"),
  "change_case:english_capital": isUpper,
  "change_case:english_lowercase": isLower,
  "punctuation:no_comma": (text) => !text.includes(","),
};

/** `[...]` on one line, by hand: a pattern is quadratic on a text of opening brackets. */
export function bracketed(text: string): number {
  let found = 0;
  for (const line of text.split("\n")) {
    for (let at = line.indexOf("["); at >= 0; at = line.indexOf("[", at)) {
      const close = line.indexOf("]", at);
      if (close < 0) break;
      found++;
      at = close + 1;
    }
  }
  return found;
}

/** The language is not checked of these two, which also ask for English. */
export const assumesEnglish = new Set(["change_case:english_capital", "change_case:english_lowercase"]);
