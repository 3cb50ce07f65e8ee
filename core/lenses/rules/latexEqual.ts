// Whether the answer means the same as the reference: fractions, roots, powers, sets, tuples, intervals.
import { lastBoxed, trimmed } from "../boxed";
import { latexEqual as sameLatex } from "../latexAnswer";
import { compared, goldTexts, type Lens, type Piece } from "../lens";
import { loadEngine } from "../symbolic";

export const latexEqual: Lens = {
  id: "latex-equal",
  title: "Symbolic equality of LaTeX",
  says:
    "The last box, else the last formula between dollars or in \\(...\\), else the whole text, compared by meaning: 1/2 is 0.5, " +
    "\\sqrt{8} is 2\\sqrt{2}, the order of a set is none, x \\geq 3 is [3,\\infty), 50\\% is 50 and 0.5. Numbers are compared exactly where " +
    "they are made of whole ones and decimals, so that 0.3333 is not 1/3; words as text; units are none. Expressions with variables are " +
    "compared at fixed points, which proves a difference and takes an agreement for one. What the engine does not read, and what is " +
    "long or without bound, is compared as text.",
  options: [],
  ready: loadEngine,
  judge({ response, gold }) {
    const found = answerIn(response);
    const golds = goldTexts(gold);
    if (!golds || found.text === "") {
      return compared(found.text === "" ? null : found, gold, () => false);
    }
    const verdicts = golds.map((text) => sameLatex(found.text, answerIn(text).text));
    if (verdicts.includes("equal")) return { verdict: "pass", extracted: found.text, span: found.span };
    const note = verdicts.includes("unknown") ? { note: "not read as mathematics: compared as text" } : {};
    return { verdict: golds.length === 0 ? "none" : "fail", extracted: found.text, span: found.span, ...note };
  },
};

function answerIn(text: string): Piece {
  return lastBoxed(text) ?? lastFormula(text) ?? trimmed(text);
}

function lastFormula(text: string): Piece | null {
  const last = text.lastIndexOf("$");
  const before = last <= 0 ? -1 : text.lastIndexOf("$", last - 1);
  // `$$x$$` has an empty pair at its end.
  const found: [start: number, end: number][] = before >= 0 && before + 1 < last ? [[before + 1, last]] : [];
  for (const [open, close] of [
    ["\\(", "\\)"],
    ["\\[", "\\]"],
  ] as const) {
    const end = text.lastIndexOf(close);
    const start = end < 0 ? -1 : text.lastIndexOf(open, end);
    // `\\[2pt]` ends a row.
    if (start >= 0 && text[start - 1] !== "\\") found.push([start + open.length, end]);
  }
  const latest = found.sort((a, b) => b[1] - a[1])[0];
  return latest ? trimmed(text, ...latest) : null;
}
