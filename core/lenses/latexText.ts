// An answer in LaTeX in one notation for each thing: what changes no value is taken away, and what is only another way to write
// something is written in one.

const spacing =
  /\\(?:left|right|bigl|bigr|Bigl|Bigr|big|Big|displaystyle|quad|qquad|limits)(?![A-Za-z])|(?<!\\)\\[,;:! ]|~/g;
const degree = /\^\s*\{\s*\\circ\s*\}|\^\s*\\circ(?![A-Za-z])|\\degree(?![A-Za-z])|°/g;
const trigonometric = /\\(?:sin|cos|tan|cot|sec|csc)(?![A-Za-z])/;

export function plainLatex(answer: string): string {
  let text = answer.trim();
  text = text.replace(/^(?:\$\$?|\\\(|\\\[)|(?:\$\$?|\\\)|\\\])$/g, "").trim();
  text = text
    .replace(spacing, "")
    .replace(/\\[dtc]frac(?![A-Za-z])/g, "\\frac")
    .replace(/\\(?:\$|%)|%/g, "");
  text = withoutDegrees(text);
  text = text.replace(/\\(?:lbrace|\{)/g, "\\{").replace(/\\(?:rbrace|\})/g, "\\}");
  text = text
    .replace(/\u2212/g, "-")
    .replace(/\{,\}/g, ",")
    .replace(/\\cdot|\\times/g, "\\cdot ")
    .replace(/\\text\s*\{\s*(?:or|and)\s*\}/g, ",")
    .replace(/\\(?:mathbb\s*\{\s*R\s*\}|mathbb\s*R|R)(?![A-Za-z])/g, "(-\\infty,\\infty)")
    .replace(/\+\s*\\infty/g, "\\infty")
    .replace(/\\varnothing|\\\{\s*\\\}/g, "\\emptyset ");
  return withoutUnits(withBinomials(text))
    .replace(/[.,;\s]+$/, "")
    .trim();
}

/** The engine takes a function's argument in radians; everywhere else the sign is a unit, and a unit is none. */
function withoutDegrees(text: string): string {
  if (!trigonometric.test(text)) return text.replace(degree, "");
  const sign = new RegExp(`(\\d+(?:\\.\\d+)?|(?<![A-Za-z\\\\])[A-Za-z])?\\s*(?:${degree.source})`, "g");
  return text.replace(sign, (_all, of?: string) =>
    of === undefined ? "\\frac{\\pi}{180}" : `(${of}\\frac{\\pi}{180})`,
  );
}

/** The engine has no word for them. */
const withBinomials = (text: string): string =>
  text.replace(/\\[dt]?binom\s*(?:\{\s*(\d+)\s*\}|(\d))\s*(?:\{\s*(\d+)\s*\}|(\d))/g, (all, ...parts: string[]) => {
    const [n, k] = [Number(parts[0] ?? parts[1]), Number(parts[2] ?? parts[3])];
    if (n > 100) return all;
    let value = 1n;
    for (let i = 0; i < k; i++) value = (value * BigInt(Math.max(n - i, 0))) / BigInt(i + 1);
    return `{${String(value)}}`;
  });

const unit = /\\(?:text|mathrm|mbox|textrm|textit|textbf)\s*\{([^{}]*)\}/g;

/** `12 \text{ cm}` is 12. Where a text is all that an answer, or one of several, consists of, it is the answer. */
const withoutUnits = (text: string): string =>
  text.replace(unit, (all: string, _inner: string, at: number) => {
    const [before, after] = [text.slice(0, at).trimEnd(), text.slice(at + all.length).trimStart()];
    const alone = /(?:^|[,;(&]|\\\{|\[)$/.test(before) && /^(?:$|[.,;)&\]]|\\\})/.test(after);
    return alone ? all : "";
  });

/** An answer in words: `said` is one whose author calls it a text; letters without an operator may be a product too. */
export interface Words {
  words: string;
  said: boolean;
}

export function wordsOf(answer: string): Words | null {
  const text = new RegExp(`^${unit.source}$`).exec(answer)?.[1] ?? null;
  const words = (text ?? answer).replaceAll(/\s+/g, "");
  if (text !== null && /^\([A-Za-z]\)$/.test(words)) return { words: words.slice(1, -1), said: true };
  if (text !== null && !/^[-+.\d]*$/.test(words)) return { words, said: true };
  return /^[A-Za-z]+$/.test(words) ? { words, said: false } : null;
}

/** What a text around a number or a single letter holds. */
export const withoutText = (answer: string): string => answer.replace(unit, (_all, inner: string) => inner.trim());

/** `x = 3` and `x \in [1, 2]` say the same as their right side, where the other answer has no left side. */
export const leftSide = /^[A-Za-z](?:_\{?\w\}?)?(?:\s*\([A-Za-z]\))?\s*(?:=|\\in(?![A-Za-z]))\s*/;

/** `-5 \leq x < 3` as the interval that it describes, and of which variable; null for anything else. */
export function intervalOf(text: string): { name: string; interval: string } | null {
  const parts = text
    .replace(/\\leq?(?:slant)?(?![A-Za-z])|\u2264/g, "\u2264")
    .replace(/\\geq?(?:slant)?(?![A-Za-z])|\u2265/g, "\u2265")
    .replace(/\\lt(?![A-Za-z])/g, "<")
    .replace(/\\gt(?![A-Za-z])/g, ">")
    .split(/([<>\u2264\u2265])/)
    .map((part) => part.trim());
  if (parts.length !== 3 && parts.length !== 5) return null;
  const at = parts.findIndex((part, i) => i % 2 === 0 && /^[A-Za-z]$/.test(part));
  if (at < 0 || parts.includes("") || (parts.length === 5) !== (at === 2 && parts.length === 5)) return null;
  let [open, low, high, close] = ["(", "-\\infty", "\\infty", ")"];
  for (const i of [at - 1, at + 1]) {
    const sign = parts[i];
    if (sign === undefined) continue;
    const [bound = "", closed] = [parts[i < at ? i - 1 : i + 1], /[\u2264\u2265]/.test(sign)];
    // Whether the variable is the greater one.
    if (/[>\u2265]/.test(sign) !== i < at) [low, open] = [bound, closed ? "[" : "("];
    else [high, close] = [bound, closed ? "]" : ")"];
  }
  return { name: parts[at] ?? "", interval: `${open}${low},${high}${close}` };
}
