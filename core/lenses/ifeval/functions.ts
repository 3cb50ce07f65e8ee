// The 25 checks that RLVR-IFeval's `func_name` names: IFEvalVerifier of rlvr-experiments (formats/rlvr-openbrowser.md A3.6).
import { countArg, listArg, OddArgument, textArg, type Args, type Check } from "./args";
import { lines, strip, words } from "../python";
import { bracketed } from "./instructions";
import { isPythonJson, tokens } from "./text";

/** Python rounds halves to even. */
function around(count: number): number {
  const tenth = count * 0.1;
  const low = Math.floor(tenth);
  const rounded = tenth - low === 0.5 ? low + (low % 2) : Math.round(tenth);
  return Math.max(rounded, 1);
}

function quantified(actual: number, args: Args, slack: (count: number) => number): boolean {
  const count = countArg(args, "N");
  const quantifier = textArg(args, "quantifier");
  if (quantifier === "at least") return actual >= count;
  if (quantifier === "at most") return actual <= count;
  return quantifier === "around" && Math.abs(actual - count) <= slack(count);
}

/** `(.*?)` between two single characters or pairs on one line. */
function pairs(text: string, open: string, close: string): number {
  let found = 0;
  for (const line of text.split("\n")) {
    for (let at = line.indexOf(open); at >= 0; at = line.indexOf(open, at)) {
      const end = line.indexOf(close, at + open.length);
      if (end < 0) break;
      found++;
      at = end + close.length;
    }
  }
  return found;
}

function dividedParagraphs(text: string, args: Args): boolean {
  const parts = strip(lines(text).map(strip).join("\n")).split("* * *");
  return parts.every((part) => strip(part) !== "") && parts.length === countArg(args, "N");
}

function letters(text: string, args: Args): boolean {
  const letter = textArg(args, "letter");
  if ([...letter].length !== 1) throw new OddArgument("letter is no single character");
  return text.split(letter).length - 1 === countArg(args, "N");
}

function paragraphs(text: string, args: Args): boolean {
  const parts = text.split("\n\n");
  const index = countArg(args, "i") - 1;
  if (parts.length !== countArg(args, "N")) return false;
  // Index 0 of Python's i - 1 is -1: the last paragraph.
  return strip(parts.at(index) ?? "").startsWith(textArg(args, "first_word"));
}

function postscript(text: string, args: Args): boolean {
  const marker = textArg(args, "postscript_marker");
  const at = text.indexOf(marker);
  return at >= 0 && strip(text.slice(at)).length > marker.length;
}

/** Substrings either way, once both are in lower case with single spaces. */
function choice(text: string, args: Args): boolean {
  const fold = (each: string): string => words(each.toLowerCase()).join(" ");
  const response = fold(text);
  const given = args["options"];
  const found = typeof given === "string" ? separated(given) : listArg(args, "options");
  return (
    response !== "" &&
    found.map(fold).some((each) => each !== "" && (response.includes(each) || each.includes(response)))
  );
}

function separated(given: string): string[] {
  let [raw, parts] = [given, [given]];
  for (const separator of [",", "/", "|", ";", " or "]) {
    if (!raw.includes(separator)) continue;
    parts = raw.split(separator);
    raw = parts.join(" ");
  }
  return parts;
}

function sections(text: string, args: Args): boolean {
  const splitter = textArg(args, "section_splitter");
  if (splitter === "") throw new OddArgument("section_splitter is empty");
  const parts = text.split(splitter);
  return parts.length - (parts[0] === "" ? 1 : 0) === countArg(args, "N");
}

function twoResponses(text: string): boolean {
  const parts = stars(text);
  return parts.length === 2 && strip(parts[0] ?? "") !== strip(parts[1] ?? "");
}

const stars = (text: string): string[] => text.split("******");
/** A sentence's end is a dot or a question mark before a space, but for initials and short titles. */
const sentenceEnd = /(?<![\p{L}\p{N}_]\.[\p{L}\p{N}_][^\n])(?<![A-Z][a-z]\.)(?<=\.|\?)\s/u;

export const functions: Readonly<Record<string, Check | null>> = {
  verify_keywords: (text, args) => {
    const lower = text.toLowerCase();
    return listArg(args, "keyword_list").every((each) => lower.includes(each.toLowerCase()));
  },
  verify_keyword_frequency: (text, args) => {
    const word = textArg(args, "word").toLowerCase();
    return tokens(text.toLowerCase()).filter((each) => each === word).length === countArg(args, "N");
  },
  validate_forbidden_words: (text, args) => {
    const lower = text.toLowerCase();
    return listArg(args, "forbidden_words").every((each) => !lower.includes(each.toLowerCase()));
  },
  verify_letter_frequency: letters,
  validate_response_language: null,
  verify_paragraph_count: dividedParagraphs,
  validate_word_constraint: (text, args) => quantified(words(text).length, args, around),
  verify_sentence_constraint: (text, args) => quantified(text.split(sentenceEnd).length, args, () => 1),
  validate_paragraphs: paragraphs,
  verify_postscript: postscript,
  validate_placeholders: (text, args) => bracketed(text) >= countArg(args, "N"),
  verify_bullet_points: (text, args) =>
    text.split("\n").filter((line) => /^[*-]/.test(strip(line))).length === countArg(args, "N"),
  validate_title: (text) => pairs(text, "<<", ">>") > 0,
  validate_choice: choice,
  validate_highlighted_sections: (text, args) => pairs(text, "*", "*") >= countArg(args, "N"),
  validate_sections: sections,
  validate_json_format: isPythonJson,
  validate_repeat_prompt: (text, args) => text.startsWith(textArg(args, "original_prompt")),
  validate_two_responses: twoResponses,
  validate_uppercase: (text) => text === text.toUpperCase(),
  validate_lowercase: (text) => text === text.toLowerCase(),
  validate_frequency_capital_words: (text, args) =>
    quantified(tokens(text).filter((each) => /^[A-Z]+$/.test(each)).length, args, () => 0),
  validate_end: (text, args) => text.endsWith(textArg(args, "end_phrase")),
  validate_quotation: (text) => text.startsWith('"') && text.endsWith('"'),
  validate_no_commas: (text) => !text.includes(","),
};
