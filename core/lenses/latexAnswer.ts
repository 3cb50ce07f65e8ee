// An answer in LaTeX brought into the form that is compared: what changes no value is taken away, and lists, sets, tuples and
// intervals are taken apart, so that the engine sees one expression at a time.
import { symbolicallyEqual, type Equality } from "./symbolic";

const spacing =
  /\\(?:left|right|bigl|bigr|Bigl|Bigr|big|Big|displaystyle|quad|qquad|limits)(?![A-Za-z])|(?<!\\)\\[,;:! ]|~/g;
const unit = /\\(?:text|mathrm|mbox|textrm|textit|textbf)\s*\{([^{}]*)\}/g;

/** One notation for each thing. */
export function plainLatex(answer: string): string {
  let text = answer.trim();
  text = text.replace(/^(?:\$\$?|\\\(|\\\[)|(?:\$\$?|\\\)|\\\])$/g, "").trim();
  text = text
    .replace(spacing, "")
    .replace(/\\[dtc]frac(?![A-Za-z])/g, "\\frac")
    .replace(/\\(?:\$|%)|%/g, "");
  text = text.replace(/\^\s*\{\s*\\circ\s*\}|\^\s*\\circ(?![A-Za-z])|\\degree(?![A-Za-z])|°/g, "");
  text = text.replace(/\\(?:lbrace|\{)/g, "\\{").replace(/\\(?:rbrace|\})/g, "\\}");
  text = text
    .replace(/\u2212/g, "-")
    .replace(/\{,\}/g, ",")
    .replace(/\\cdot|\\times/g, "\\cdot ");
  return withoutUnits(text)
    .replace(/[.,;\s]+$/, "")
    .trim();
}

/** `12 \text{ cm}` is 12; `\text{A}` alone is A. */
function withoutUnits(text: string): string {
  const rest = text.replace(unit, "").trim();
  return rest === "" ? text.replace(unit, (_all, inner: string) => inner.trim()) : rest;
}

/** `x = 3` and `x \in [1, 2]` say the same as their right side, where the other answer has no left side. */
const leftSide = /^[A-Za-z](?:_\{?\w\}?)?(?:\s*\([A-Za-z]\))?\s*(?:=|\\in(?![A-Za-z]))\s*/;

export function latexEqual(found: string, gold: string): Equality {
  let [a, b] = [plainLatex(found), plainLatex(gold)];
  if (leftSide.test(a) !== leftSide.test(b)) [a, b] = [a.replace(leftSide, ""), b.replace(leftSide, "")];
  return equal(a, b, 0);
}

function equal(a: string, b: string, depth: number): Equality {
  const dense = (text: string): string => text.replaceAll(/\s+/g, "");
  if (dense(a) === dense(b)) return "equal";
  if (depth > 4 || a === "" || b === "") return "different";
  const [unions, others] = [split(a, "\\cup"), split(b, "\\cup")];
  if (unions.length > 1 || others.length > 1) return anyOrder(unions, others, depth);
  const [x, y] = [brackets(a), brackets(b)];
  if (x && y && x.inside.length > 1 && y.inside.length > 1) {
    if (x.open !== y.open || x.close !== y.close) return "different";
    return x.open === "\\{" ? anyOrder(x.inside, y.inside, depth) : inOrder(x.inside, y.inside, depth);
  }
  if (x?.open === "\\{" && y?.open === "\\{") return anyOrder(x.inside, y.inside, depth);
  if ((x && x.inside.length > 1) !== (y && y.inside.length > 1) && (x?.inside.length ?? y?.inside.length ?? 0) > 1) {
    return listAgainst(a, b, depth);
  }
  const [left, right] = [withoutThousands(a), withoutThousands(b)];
  const [list, otherList] = [split(left, ","), split(right, ",")];
  if (list.length > 1 || otherList.length > 1) return anyOrder(list, otherList, depth);
  return single(left, right);
}

/** `1, 2` against `\{1, 2\}`: how a set is written, and nothing else, may differ. */
function listAgainst(a: string, b: string, depth: number): Equality {
  const inner = (text: string): string[] => {
    const set = brackets(text);
    return set?.open === "\\{" ? set.inside : split(text, ",");
  };
  const tuple = [a, b].some((text) => brackets(text)?.open !== "\\{" && brackets(text) !== null);
  return tuple ? "different" : anyOrder(inner(a), inner(b), depth);
}

function single(a: string, b: string): Equality {
  const signs = [split(a, "\\pm"), split(b, "\\pm")];
  if (signs.some((parts) => parts.length > 1)) {
    const [x = [], y = []] = signs;
    if (x.length !== 2 || y.length !== 2) return "different";
    return inOrder(
      x.map((part) => part || "0"),
      y.map((part) => part || "0"),
      5,
    );
  }
  return symbolicallyEqual(a, b);
}

/** 1,000 is a number where every comma parts three digits. */
const withoutThousands = (text: string): string =>
  text.replace(/(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])/g, (number) => number.replaceAll(",", ""));

function inOrder(a: readonly string[], b: readonly string[], depth: number): Equality {
  if (a.length !== b.length) return "different";
  const all = a.map((each, i) =>
    depth >= 5 ? symbolicallyOrSame(each, b[i] ?? "") : equal(each, b[i] ?? "", depth + 1),
  );
  if (all.includes("different")) return "different";
  return all.includes("unknown") ? "unknown" : "equal";
}

const symbolicallyOrSame = (a: string, b: string): Equality => (a === b ? "equal" : symbolicallyEqual(a, b));

/** Each of one side with another of the other side. Few enough to try them all. */
function anyOrder(a: readonly string[], b: readonly string[], depth: number): Equality {
  if (a.length !== b.length || a.length > 20) return "different";
  const rest = [...b];
  let unknown = false;
  for (const each of a) {
    const verdicts = rest.map((other) => equal(each, other, depth + 1));
    const at = verdicts.indexOf("equal");
    if (at < 0) {
      unknown ||= verdicts.includes("unknown");
      if (!unknown) return "different";
    } else rest.splice(at, 1);
  }
  return unknown ? "unknown" : "equal";
}

interface Brackets {
  open: string;
  close: string;
  inside: string[];
}

/** The brackets around a whole text and what commas part inside; `[` may be closed by `)`. */
function brackets(text: string): Brackets | null {
  const open = ["\\{", "(", "["].find((each) => text.startsWith(each));
  const close = ["\\}", ")", "]"].find((each) => text.endsWith(each));
  if (open === undefined || close === undefined || (open === "\\{") !== (close === "\\}")) return null;
  const middle = text.slice(open.length, text.length - close.length);
  return depths(middle) ? { open, close, inside: split(middle, ",") } : null;
}

/** Whether brackets open and close within the text. */
function depths(text: string): boolean {
  let depth = 0;
  for (const character of text) {
    if ("({[".includes(character)) depth++;
    if (")}]".includes(character) && --depth < 0) return false;
  }
  return depth === 0;
}

/** The parts between a separator outside of all brackets. */
function split(text: string, separator: string): string[] {
  const parts: string[] = [];
  let [depth, from] = [0, 0];
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i);
    if ("({[".includes(character)) depth++;
    else if (")}]".includes(character)) depth--;
    else if (depth === 0 && text.startsWith(separator, i)) {
      parts.push(text.slice(from, i).trim());
      from = i + separator.length;
      i = from - 1;
    }
  }
  return [...parts, text.slice(from).trim()];
}
