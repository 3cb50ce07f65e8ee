// "Final Answer: The final answer is ... I hope it is correct.", and how Minerva and AllenAI's copy of it normalise an answer.
// Sources: Lewkowycz et al. (2022), appendix D; verifiers/allenai.py of rlvr-experiments (formats/rlvr-openbrowser.md A3.5).
import type { Piece } from "./lens";
import { trimmed } from "./boxed";
import { isDigits } from "./python";

const head = "Final Answer: The final answer is";
const tail = " I hope it is correct";

/**
 * The verifiers' `Final Answer: The final answer is(.*?). I hope it is correct.` searched in the text with a last sentence added.
 * Both dots are any character but a newline. By hand, because the pattern is quadratic on a text full of heads.
 */
export function finalAnswer(response: string): Piece | null {
  const text = `${response}I hope it is correct.`;
  let newline = -1;
  for (let at = text.indexOf(head); at >= 0; at = text.indexOf(head, at + 1)) {
    const start = at + head.length;
    const end = text.indexOf(tail, start + 1);
    if (end < 0) return null;
    if (newline < start) newline = text.indexOf("\n", start);
    if (newline < 0) newline = text.length;
    const last = end + tail.length;
    if (newline >= last && last < text.length && newline !== last) return trimmed(text, start, end - 1);
  }
  return null;
}

type Table = readonly (readonly [string, string])[];

/** What Minerva replaces, and what it deletes: a table of its appendix, in its order. */
const minervaReplaced: Table = [
  ["an ", ""],
  ["a ", ""],
  [".$", "$"],
  ["\\$", ""],
  ["\\ ", ""],
  [" ", ""],
  ["mbox", "text"],
  [",\\text{and}", ","],
  ["\\text{and}", ","],
  ["\\text{m}", "\\text{}"],
];
const minervaDeleted = [
  ...[
    "square",
    "ways",
    "integers",
    "dollars",
    "mph",
    "inches",
    "ft",
    "hours",
    "km",
    "units",
    "\\ldots",
    "sue",
    "points",
  ],
  ...["feet", "minutes", "digits", "cents", "degrees", "cm", "gm", "pounds", "meters", "meals", "edges", "students"],
  ...[
    "childrentickets",
    "multiples",
    "\\text{s}",
    "\\text{.}",
    "\\text{\ns}",
    "\\text{}^2",
    "\\text{}^3",
    "\\text{\n}",
  ],
  ...["\\text{}", "\\mathrm{th}", "^\\circ", "^{\\circ}", "\\;", ",\\!", "{,}", '"', "\\dots"],
];

/** The copy in rlvr-experiments: it loses every brace and every minus sign. */
const allenaiReplaced: Table = [
  ...minervaReplaced.slice(0, 7),
  [",\\text{googol)}$, and target", ""],
  ["\\text{googol}", "10^{100}"],
  ["\\text{, }", ","],
  ["\\text{,}", ","],
  ["}", ""],
  ["{", ""],
  ["'", ""],
  ['"', ""],
];
const allenaiDeleted = [
  ...["square", "ways", "integers", "dollars", "mph", "hours", "km", "units", "\\ldots", ", ", "\\%", "\\## feet"],
  ...[
    "\\## meters",
    "\\## miles",
    "\\## gallons",
    "\\text{s}",
    "\\text{.}",
    "\\text{\ns]}am am am",
    "\\text{}^am am am",
    "-",
  ],
  ...["^{\\circ}", "^\\circ", "\\text{degrees}", "\\text{googol}"],
];

export const normaliseMinerva = (answer: string): string => normalise(answer, minervaReplaced, minervaDeleted, "$");
export const normaliseAllenai = (answer: string): string => normalise(answer, allenaiReplaced, allenaiDeleted, "");

function normalise(answer: string, replaced: Table, deleted: readonly string[], wrap: string): string {
  let text = answer.slice(answer.lastIndexOf("=") + 1);
  for (const [before, after] of replaced) text = text.split(before).join(after);
  for (const expression of deleted) text = text.split(expression).join("");
  text = eachLine(text, (line) => insideDollars(line, wrap));
  for (const command of ["\\text{", "\\textbf{", "\\overline{"]) {
    text = eachLine(text, (line) => unwrapped(line, command));
  }
  text = eachLine(text, unboxed);
  // \frac12 and \sqrt3 get their braces; a fraction that lost its own gets them around one character each.
  text = text
    .replace(/frac([^{])([^\n])/gu, "frac{$1}{$2}")
    .replace(/sqrt([^{])/gu, "sqrt{$1}")
    .replaceAll("$", "");
  const bare = text.replaceAll(",", "");
  return isDigits(bare) ? bare : text;
}

const eachLine = (text: string, change: (line: string) => string): string =>
  text.includes("\n") ? text.split("\n").map(change).join("\n") : change(text);

/** `(.*?)(\$)(.*?)(\$)(.*)` on one line: what stands between its first two dollars. */
function insideDollars(line: string, wrap: string): string {
  const first = line.indexOf("$");
  const second = first < 0 ? -1 : line.indexOf("$", first + 1);
  return second < 0 ? line : wrap + line.slice(first + 1, second) + wrap;
}

/** `(\\text\{)(.*?)(\})` on one line, everywhere: the content up to the first closing brace. */
function unwrapped(line: string, command: string): string {
  let [out, from] = ["", 0];
  for (let at = line.indexOf(command); at >= 0; at = line.indexOf(command, from)) {
    const start = at + command.length;
    const close = line.indexOf("}", start);
    if (close < 0) break;
    out += line.slice(from, at) + line.slice(start, close);
    from = close + 1;
  }
  return out + line.slice(from);
}

/** `(\\boxed\{)(.*)(\})` on one line: up to its last closing brace. */
function unboxed(line: string): string {
  const at = line.indexOf("\\boxed{");
  const close = line.lastIndexOf("}");
  const start = at + "\\boxed{".length;
  return at < 0 || close < start ? line : line.slice(0, at) + line.slice(start, close) + line.slice(close + 1);
}
