// The constraints that multi-constraint data adds to IFEval's: IFMultiConstraintsVerifier of rlvr-experiments (formats/rlvr-openbrowser.md
// A3.6, verifiers/if_multi_constraints.py). Which language a text is in is all that its other ones need beside the text.
import { strip, words } from "../python";
import { countArg, related, textArg, type Args, type Check } from "./args";
import { functions } from "./functions";
import { dividedBy, filledParts, instructions } from "./instructions";
import { occurrences, sentences, tokens } from "./text";

/** A missing or empty text keeps nothing. */
const named =
  (argument: string, holds: (text: string, wanted: string, args: Args) => boolean): Check =>
  (text, args) => {
    const wanted = strip(textArg(args, argument));
    return wanted !== "" && holds(text, wanted, args);
  };

const same = (a: string, b: string): boolean => strip(a).toLowerCase() === strip(b).toLowerCase();
/** Python's `[^\w\s]` taken away. */
const bare = (word: string): string => word.replace(/[^\p{L}\p{N}_\s]/gu, "").toLowerCase();
const firstWord = (text: string): string => (words(text)[0] ?? "").toLowerCase();
const lastWord = (text: string): string => bare(words(text).at(-1) ?? "");

const copy = named("prompt_to_repeat", same);
const everySentence = (text: string, holds: (sentence: string) => boolean): boolean =>
  sentences(text).every((sentence) => strip(sentence) !== "" && holds(sentence));

/** The letter before stands at the head of no word before it. */
function noneFollows(text: string): boolean {
  const heads = words(text).map((word) => [...word].slice(0, 1).join("").toLowerCase());
  return heads.slice(1).every((head, i) => {
    const before = heads[i] ?? "";
    return [...head].length === 1 && [...before].length === 1 && codeOf(head) - codeOf(before) !== 1;
  });
}

const codeOf = (character: string): number => character.codePointAt(0) ?? 0;

/** `first .*? last` on one line, by hand: the pattern is quadratic on a text of first words. */
function phrasesIn(text: string, first: string, last: string): string[] {
  const found: string[] = [];
  let [end, newline] = [-1, -1];
  for (let at = text.indexOf(`${first} `); at >= 0;) {
    const from = at + first.length + 1;
    if (end < from) end = text.indexOf(` ${last}`, from);
    if (newline < from) newline = text.indexOf("\n", from);
    if (newline < 0) newline = text.length;
    if (end < 0) break;
    const whole = end <= newline;
    if (whole) found.push(text.slice(at, end + 1 + last.length));
    at = text.indexOf(`${first} `, whole ? end + 1 + last.length : at + 1);
  }
  return found;
}

/** So many times, each with at most one other word. */
const repeated = named("phrase", (text, phrase, args) => {
  const wanted = words(phrase);
  const found = phrasesIn(text, wanted[0] ?? "", wanted.at(-1) ?? "").map(words);
  const near = (candidate: string[]): boolean =>
    candidate.length === wanted.length && candidate.filter((word, i) => word !== wanted[i]).length <= 1;
  return found.length === countArg(args, "small_n") && found.every(near);
});

function composed(text: string, args: Args): boolean {
  const parts = text.split(/\s?\*\*\*\s?/);
  const [perPart, perSentence] = [countArg(args, "n_sent"), countArg(args, "n_words")];
  const holds = parts.every((part) => {
    const all = sentences(part);
    return all.length === perPart && all.every((sentence) => tokens(sentence).length === perSentence);
  });
  return holds && filledParts(parts) === 3;
}

function hyphened(text: string): boolean {
  const wanted = sentences(text.replaceAll("-", " "));
  const found = text.split("-").slice(0, wanted.length);
  return found.every((sentence, i) => strip(sentence) === sentence && sentence === wanted[i]);
}

const pairsWrapped = (text: string): boolean => {
  const all = words(text);
  return all.every(
    (word, i) => i + 1 >= all.length || i % 2 > 0 || (word.startsWith("<<") && all[i + 1]?.endsWith(">>")),
  );
};

const unique = (all: readonly string[]): boolean => new Set(all).size === all.length;

export const multiple: Readonly<Record<string, Check | null>> = {
  ...instructions,
  // It takes an empty title.
  "detectable_format:title": functions["validate_title"] ?? null,
  "detectable_format:sentence_hyphens": hyphened,
  "detectable_format:square_brackets": (text) => words(text).every((word) => /^\[/.test(word) && word.endsWith("]")),
  "detectable_format:bigram_wrapping": pairsWrapped,
  "keywords:word_once": named("keyword", (text, keyword) => occurrences(text, keyword) === 1),
  "keywords:word_count_different_numbers": instructions["keywords:frequency"] ?? null,
  "keywords:exclude_word_harder": named("keyword", (text, keyword) => !text.includes(` ${keyword} `)),
  "keywords:no_adjacent_consecutive": noneFollows,
  "keywords:palindrome": (text) => words(text).some((word) => word === [...word].reverse().join("")),
  "keywords:keyword_specific_position": named("keyword", (text, keyword, args) => {
    const sentence = sentences(text).at(countArg(args, "n") - 1);
    return sentence !== undefined && tokens(sentence).at(countArg(args, "m") - 1) === keyword;
  }),
  "keywords:start_end": (text) => {
    const all = tokens(text).map((word) => word.toLowerCase());
    return all.length > 1 && all[0] === all.at(-1);
  },
  "punctuation:punctuation_dot": (text) => !text.includes("."),
  "punctuation:punctuation_exclamation": (text) => !text.includes("!"),
  "copy:repeat_phrase": repeated,
  "copy:copy": copy,
  "copy:copying_simple": copy,
  "copy:copying_multiple": named("prompt_to_repeat", (text, prompt, args) => {
    const parts = text.split("******");
    return parts.length === countArg(args, "N") && parts.every((part) => same(part, prompt));
  }),
  "new:copy_span_idx": (text, args) => {
    const span = [...textArg(args, "prompt_to_repeat")].slice(countArg(args, "n_start"), countArg(args, "n_end"));
    return same(text, span.join(""));
  },
  "paragraphs:paragraphs": (text) => dividedBy(text, /\s?\*\*\*\s?/, 2),
  "paragraphs:paragraphs2": (text) => dividedBy(text, /\n\n/, 2),
  "first_word:first_word_sent": named("first_word", (text, wanted) =>
    everySentence(text, (sentence) => firstWord(sentence) === wanted.toLowerCase()),
  ),
  "first_word:first_word_answer": named("first_word", (text, wanted) => firstWord(text) === wanted.toLowerCase()),
  "last_word:last_word_sent": named("last_word", (text, wanted) =>
    everySentence(text, (sentence) => lastWord(sentence) === wanted.toLowerCase()),
  ),
  "last_word:last_word_answer": named("last_word", (text, wanted) => lastWord(text) === wanted.toLowerCase()),
  "count:lowercase_counting": (text, args) =>
    tokens(text).filter((word) => /^[a-z]+$/.test(word)).length <= countArg(args, "N"),
  "count:count_unique": (text) => unique(tokens(text)),
  "count:counting_composition": composed,
  "count:count_increment_word": named("keyword1", (text, keyword, args) => {
    const second = strip(textArg(args, "keyword2"));
    return second !== "" && occurrences(text, keyword) === 1 && occurrences(text, second) === 2;
  }),
  "letters:letter_counting": (text, args) => related(text.match(/[a-zA-Z]/g)?.length ?? 0, args, "N", "relation"),
  "letters:letter_counting2": instructions["keywords:letter_frequency"] ?? null,
};
