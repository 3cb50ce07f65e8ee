// Whether two answers in LaTeX mean the same: they are taken apart until the engine sees one expression at a time.
import { brackets, split, union, values, withoutThousands } from "./latexParts";
import { intervalOf, leftSide, plainLatex, withoutText, wordsOf } from "./latexText";
import { symbolicallyEqual, type Equality } from "./symbolic";

const percent = /^([-+]?[\d.,]*\d)\s*\\?%$/;

export function latexEqual(found: string, gold: string): Equality {
  const verdict = equal(plainLatex(found), plainLatex(gold), 0);
  const shares = [found, gold].map((text) => percent.exec(text.trim().replace(/^\$+|\$+$/g, ""))?.[1]);
  if (verdict === "equal" || (shares[0] === undefined) === (shares[1] === undefined)) return verdict;
  // References write 50 and 0.5 for 50%.
  const [a, b] = [found, gold].map((text, i) =>
    plainLatex(shares[i] === undefined ? text : `\\frac{${shares[i]}}{100}`),
  );
  return equal(a ?? "", b ?? "", 0);
}

function equal(first: string, second: string, depth: number): Equality {
  let [a, b] = [first, second];
  if (leftSide.test(a) !== leftSide.test(b)) [a, b] = [a.replace(leftSide, ""), b.replace(leftSide, "")];
  const dense = (text: string): string => text.replaceAll(/\s+/g, "");
  if (dense(a) === dense(b)) return "equal";
  if (depth > 4 || a === "" || b === "") return "different";
  [a, b] = asIntervals(a, b);
  const [unions, others] = [split(a, "\\cup"), split(b, "\\cup")];
  if (unions.length > 1 || others.length > 1) {
    const [joined, otherJoined] = [union(unions), union(others)];
    if (joined.length === 1 && otherJoined.length === 1) return equal(joined[0] ?? "", otherJoined[0] ?? "", depth + 1);
    return anyOrder(joined, otherJoined, depth);
  }
  const [x, y] = [brackets(a), brackets(b)];
  const sets = [x, y].map((each) => (each?.open === "\\{" ? each.inside : null));
  if (sets[0] && sets[1]) return sameSet(sets[0], sets[1], depth);
  if (x && y && x.inside.length > 1 && y.inside.length > 1) {
    if (x.open !== y.open || x.close !== y.close) return "different";
    return inOrder(x.inside, y.inside, depth);
  }
  const [left, right] = [sets[0] ?? items(a), sets[1] ?? items(b)];
  if (sets[0] || sets[1]) {
    const other = sets[0] ? y : x;
    const alone = (sets[0] ? right : left).length === 1;
    return (other && other.inside.length > 1) || alone ? "different" : sameSet(left, right, depth);
  }
  if ((x && x.inside.length > 1) !== (y && y.inside.length > 1) && (x ?? y)) return "different";
  if (left.length > 1 || right.length > 1) return anyOrder(left, right, depth);
  return single(left[0] ?? "", right[0] ?? "");
}

const items = (text: string): string[] => split(withoutThousands(text), ",").flatMap(values);

/** What inequalities say is an interval, where both sides speak of one variable. */
function asIntervals(a: string, b: string): [string, string] {
  const [x, y] = [intervalOf(a), intervalOf(b)];
  if (x && y) return x.name === y.name ? [x.interval, y.interval] : [a, b];
  return [x && brackets(b) ? x.interval : a, y && brackets(a) ? y.interval : b];
}

function single(a: string, b: string): Equality {
  const [x, y] = [wordsOf(a), wordsOf(b)];
  // As a product of letters a word would be equal to every other order of them.
  if (x && y) return x.words === y.words ? "equal" : "different";
  if (x?.said === true || y?.said === true) return "different";
  return symbolicallyEqual(withoutText(a), withoutText(b));
}

function inOrder(a: readonly string[], b: readonly string[], depth: number): Equality {
  if (a.length !== b.length) return "different";
  const all = a.map((each, i) => equal(each, b[i] ?? "", depth + 1));
  if (all.includes("different")) return "different";
  return all.includes("unknown") ? "unknown" : "equal";
}

/** Each of one side is one of the other side, however often. */
function sameSet(left: readonly string[], right: readonly string[], depth: number): Equality {
  const [a, b] = [left.flatMap(values), right.flatMap(values)];
  if (a.length > 20 || b.length > 20) return "different";
  const verdicts = a.map((each) => b.map((other) => equal(each, other, depth + 1)));
  const all = [...verdicts, ...b.map((_other, i) => verdicts.map((row) => row[i] ?? "different"))];
  if (all.every((row) => row.includes("equal"))) return "equal";
  return all.every((row) => row.includes("equal") || row.includes("unknown")) ? "unknown" : "different";
}

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
