// A pattern of the user's own.
import { compared, noAnswer, optionOf, type Lens, type LensOptions, type Piece } from "../lens";
import { canExplode, longestForPatterns } from "../patterns";

export const regex: Lens = {
  id: "regex",
  title: "Regular expression",
  says:
    "What a pattern of yours finds: its group `answer`, else its first group, else all of it. Compared with the reference as text; " +
    "without a reference a match passes. Without `pattern` the reference is the pattern, and a match passes.",
  withoutGold: "pattern",
  options: [
    { name: "pattern", says: "a JavaScript pattern", aliases: ["regex", "re"] },
    { name: "flags", says: "of i, m, s and u; u without it" },
    { name: "which", says: "`first` or `last` match; last without it" },
  ],
  problem(options) {
    const pattern = optionOf(options, "pattern");
    return pattern === undefined ? null : problemOf(pattern, options);
  },
  judge({ response, gold, options }) {
    const own = optionOf(options, "pattern");
    const source = own ?? (typeof gold === "string" ? gold : null);
    if (source === null) return noAnswer("there is neither a pattern nor a reference that could be one");
    const problem = problemOf(source, options);
    if (problem !== null) return noAnswer(problem);
    const found = find(source, response, options);
    if (own === undefined || gold === null || gold === undefined) {
      if (!found) return own === undefined ? { verdict: "fail", extracted: null } : noAnswer();
      return { verdict: "pass", extracted: found.text, span: found.span };
    }
    return compared(found, gold, (text) => found?.text.trim() === text.trim());
  },
};

const flagsOf = (options: LensOptions | undefined): string =>
  [...new Set((optionOf(options, "flags") ?? "u").replace(/[^imsu]/g, ""))].join("");

const longestPattern = 2_000;

function problemOf(source: string, options: LensOptions | undefined): string | null {
  if (source.length > longestPattern) return `the pattern is longer than ${String(longestPattern)} characters`;
  try {
    new RegExp(source, flagsOf(options));
  } catch (error) {
    return `the pattern cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
  return canExplode(source) ? "the pattern repeats a repetition, such as (a+)+, and could take forever" : null;
}

function find(source: string, response: string, options: LensOptions | undefined): Piece | null {
  const pattern = new RegExp(source, `${flagsOf(options)}gd`);
  // Answers stand at the end; a pattern may be quadratic, and the text must not make that long.
  const offset = Math.max(0, response.length - longestForPatterns);
  const text = response.slice(offset);
  let last: RegExpMatchArray | null = null;
  for (const found of text.matchAll(pattern)) {
    last = found;
    if (optionOf(options, "which") === "first") break;
  }
  const span = last?.indices?.groups?.["answer"] ?? last?.indices?.[1] ?? last?.indices?.[0];
  return span ? { text: text.slice(...span), span: [span[0] + offset, span[1] + offset] } : null;
}
