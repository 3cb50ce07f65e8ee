// A dialect out of named-group patterns: every line is searched from left to right, the pattern that begins first wins, then the one
// declared first. Long lines and open patterns are searched only as far as their price allows, and that is said.
import type { Action } from "../model/action";
import type { ActionDialect } from "./dialect";
import { frameOf } from "./frames";
import { parser, share, type Outcome, type ParseHints, type Span } from "./outcome";
import { readNode } from "./jsonPlaces";
import { costOf, type PatternCost } from "./patternGuard";
import { strip } from "./python";
import type { UserDialect } from "./userDialectSchema";

export const groupNames: ReadonlySet<string> = new Set(
  "x y to_x to_y text field element url key direction amount seconds".split(" "),
);

/** Steps that one text may cost in all; a second or so in the worst case. */
const budget = 1e9;
const maxActions = 1000;

interface Search extends PatternCost {
  regex: RegExp;
  kind: Action["kind"];
  frame: Action["frame"];
}

type Groups = Readonly<Record<string, string | undefined>>;

function numberOf(word: string | undefined): number | undefined {
  return word !== undefined && /^\s{0,9}[+-]?(?:\d{1,18}(?:\.\d{0,18})?|\.\d{1,18})\s{0,9}$/.test(word)
    ? Number(word)
    : undefined;
}

function point(groups: Groups, x: string, y: string): { x: number; y: number } | null {
  const [left, top] = [numberOf(groups[x]), numberOf(groups[y])];
  return left === undefined || top === undefined ? null : { x: left, y: top };
}

function actionOf({ kind, frame }: Search, groups: Groups, hints: ParseHints): Action {
  const at = point(groups, "x", "y");
  const to = point(groups, "to_x", "to_y");
  const values = [at, to].flatMap((each) => (each ? [each.x, each.y] : []));
  const measured =
    values.length === 0 ? {} : { frame: hints.frame ?? frame ?? frameOf(values, hints, { small: "px", large: "px" }) };
  const said: Record<string, string | number> = {};
  for (const name of ["text", "field", "element", "url", "direction"]) {
    const word = groups[name];
    if (word !== undefined) said[name] = word;
  }
  for (const name of ["amount", "seconds"]) {
    const value = numberOf(groups[name]);
    if (value !== undefined) said[name] = value;
  }
  const keys = groups["key"]?.split(/[+ ]/).filter((key) => key !== "");
  return {
    kind,
    ...at,
    ...(to ? { to } : {}),
    ...measured,
    ...said,
    ...(keys ? { keys } : {}),
  };
}

/** What is left of a text's budget. */
interface Purse {
  steps: number;
}

function readLine(
  text: string,
  [start, end]: Span,
  searches: readonly Search[],
  purse: Purse,
  out: Outcome,
  hints: ParseHints,
): void {
  const next = searches.map((search): RegExpExecArray | null | undefined => (search.limit > 0 ? undefined : null));
  let cut: number | null = null;
  for (let at = start; at < end && out.actions.length < maxActions;) {
    let best: { match: RegExpExecArray; search: Search; begin: number } | null = null;
    for (const [i, search] of searches.entries()) {
      const known = next[i];
      if (known === null) continue;
      let match = known;
      if (!match || match.index < at) {
        const seen = Math.min(end, start + search.limit);
        if (seen < end) cut = Math.min(cut ?? seen, seen);
        purse.steps -= search.steps(Math.max(0, seen - at));
        if (purse.steps < 0) return;
        search.regex.lastIndex = at - start;
        match = search.regex.exec(text.slice(start, seen)) ?? undefined;
        if (match) match.index += start;
        next[i] = match ?? null;
      }
      if (match && match[0] !== "" && (!best || match.index < best.begin)) best = { match, search, begin: match.index };
    }
    if (!best) break;
    const span: Span = [best.begin, best.begin + best.match[0].length];
    out.add(actionOf(best.search, best.match.groups ?? {}, hints), span);
    at = span[1];
  }
  if (cut !== null) out.say("The line is long; a pattern as open as these sees only its beginning.", [cut, end]);
}

/** Group 1, the group of that name, or the whole match. */
function firstOf(text: string, pattern: string | undefined, flags: string, name: string): string | null {
  if (pattern === undefined) return null;
  const match = new RegExp(pattern, flags).exec(text.slice(0, costOf(pattern).limit));
  return match ? strip(match.groups?.[name] ?? match[1] ?? match[0]) : null;
}

function stateOf(words: string | null): unknown {
  if (words === null) return null;
  const read = readNode(words, 0);
  return "node" in read && read.node.span[1] === words.length ? read.node.value : words;
}

/** Of an entry that passed the schema and the guard. */
export function userDialectOf(declared: UserDialect): ActionDialect {
  const flags = declared.ignoreCase === true ? "i" : "";
  const searches = declared.patterns.map(({ kind, pattern, frame }) => ({
    kind,
    frame,
    ...costOf(pattern),
    regex: new RegExp(pattern, `g${flags}`),
  }));
  const read = (text: string, out: Outcome, hints: ParseHints): void => {
    out.thought = firstOf(text, declared.thought, flags, "thought");
    out.state = stateOf(firstOf(text, declared.state, flags, "state"));
    const purse = { steps: budget };
    let at = 0;
    while (at <= text.length && purse.steps >= 0 && out.actions.length < maxActions) {
      const newline = text.indexOf("\n", at);
      const end = newline < 0 ? text.length : newline;
      readLine(text, [at, end], searches, purse, out, hints);
      at = end + 1;
    }
    if (purse.steps < 0)
      out.say("The patterns are too open for a text of this length; the rest was not searched.", [
        Math.min(at, text.length),
        text.length,
      ]);
    if (out.actions.length >= maxActions)
      out.say(`More than ${String(maxActions)} actions; the rest was not searched.`);
    if (out.actions.length === 0 && out.diagnostics.length === 0)
      out.say("None of the declared patterns fits this text.");
  };
  const parse = parser(declared.id, read);
  return {
    id: declared.id,
    title: declared.title ?? declared.id,
    statesFrame: searches.every(({ regex, frame }) => frame !== undefined || !/\(\?<(?:to_)?[xy]>/.test(regex.source)),
    detect: (texts) => share(texts, (text) => parse(text).actions.length > 0),
    parse,
  };
}
