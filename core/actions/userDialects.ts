// .runside/dialects.yaml -> dialects, and what is wrong in it with its place. A bad entry is left out, the others work.
import {
  Composer,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  Parser,
  type CST,
  type Document,
  type Node,
} from "yaml";
import { costOf } from "./patternGuard";
import type { ActionDialect } from "./dialect";
import { dialects as builtin } from "./registry";
import { groupNames, userDialectOf } from "./userDialect";
import { userDialectSchema, userDialectsSchema, type UserDialect } from "./userDialectSchema";

export const userDialectsPath = ".runside/dialects.yaml";

/** Lines and columns count from 1; `endColumn` is behind the last character. */
export interface DialectProblem {
  severity: "error" | "warning";
  line: number;
  column: number;
  endColumn: number;
  message: string;
}

export interface UserDialects {
  dialects: ActionDialect[];
  problems: DialectProblem[];
}

type Place = readonly PropertyKey[];

const maxCharacters = 200_000;
const maxDepth = 32;

interface Source {
  text: string;
  document: Document.Parsed | undefined;
  lines: LineCounter;
}

export function parseUserDialects(text: string): UserDialects {
  const lines = new LineCounter();
  const problems: DialectProblem[] = [];
  const at = (start: number, end: number, message: string): UserDialects => {
    problems.push({ severity: "error", ...spanOf(lines, text, start, end), message });
    return { dialects: [], problems };
  };
  if (text.length > maxCharacters) return at(0, 1, `it is larger than ${String(maxCharacters)} characters`);
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  // Before composing, which recurses.
  const deep = tooDeep(tokens);
  if (deep !== null) return at(deep, deep + 1, `it is nested more than ${String(maxDepth)} deep`);
  const [document, second] = [
    ...new Composer({ uniqueKeys: true, prettyErrors: false, lineCounter: lines }).compose(tokens),
  ];
  if (second) return at(second.range[0], second.range[0] + 3, "it holds more than one YAML document");
  const error = document?.errors[0];
  if (error) return at(...error.pos, `it is not valid YAML: ${error.message.split("\n")[0] ?? ""}`);
  let value: unknown;
  try {
    value = document?.toJS({ maxAliasCount: 100 });
  } catch {
    return at(0, 1, "its aliases (*name) cannot be resolved");
  }
  if (value === null || value === undefined) return { dialects: [], problems };
  const found = readAll({ text, document, lines }, value, problems);
  return { dialects: found, problems: problems.sort((a, b) => a.line - b.line || a.column - b.column) };
}

function readAll(source: Source, value: unknown, problems: DialectProblem[]): ActionDialect[] {
  const say = (place: Place, message: string, severity: DialectProblem["severity"] = "error", byKey = false): void => {
    problems.push({ severity, ...placeOf(source, place, byKey), message });
  };
  for (const issue of userDialectsSchema.safeParse(value).error?.issues ?? []) {
    if (issue.code !== "unrecognized_keys") say(issue.path, issue.message);
    else for (const key of issue.keys) say([...issue.path, key], `"${key}" is not known here`, "error", true);
  }
  const list: unknown = (value as { dialects?: unknown }).dialects;
  const ids = new Set(builtin.map(({ id }) => id));
  const found: ActionDialect[] = [];
  for (const [index, entry] of (Array.isArray(list) ? (list as unknown[]) : []).entries()) {
    const parsed = userDialectSchema.safeParse(entry);
    if (!parsed.success) continue;
    const before = problems.filter(({ severity }) => severity === "error").length;
    const place = ["dialects", index];
    if (ids.has(parsed.data.id)) say([...place, "id"], `"${parsed.data.id}" is the id of another dialect`);
    check(parsed.data, (inside, message, severity) => {
      say([...place, ...inside], message, severity);
    });
    if (problems.filter(({ severity }) => severity === "error").length > before) continue;
    ids.add(parsed.data.id);
    found.push(userDialectOf(parsed.data));
  }
  return found;
}

/** Where each entry with an id begins, right or wrong, in a file that may be broken right now. Lines count from 1. */
export function declaredPlaces(text: string): { id: string; line: number }[] {
  if (text.length > maxCharacters) return [];
  const lines = new LineCounter();
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  if (tooDeep(tokens) !== null) return [];
  const [document] = [...new Composer({ prettyErrors: false }).compose(tokens)];
  const list: unknown = isMap(document?.contents) ? document.contents.get("dialects", true) : undefined;
  if (!isSeq(list)) return [];
  return list.items.flatMap((item) => {
    const id: unknown = isMap(item) ? item.get("id") : undefined;
    return isMap(item) && typeof id === "string" && item.range ? [{ id, line: lines.linePos(item.range[0]).line }] : [];
  });
}

type Say = (place: Place, message: string, severity?: DialectProblem["severity"]) => void;

/** What a schema cannot say. */
function check(dialect: UserDialect, say: Say): void {
  for (const [index, { pattern, frame }] of dialect.patterns.entries()) {
    const place = ["patterns", index, "pattern"];
    const names = checkPattern(pattern, place, say);
    if (!names) continue;
    for (const name of names.filter((each) => !groupNames.has(each)))
      say(place, `(?<${name}>...) means nothing; there are ${[...groupNames].join(", ")}`);
    const points = ["x", "y", "to_x", "to_y"].filter((name) => names.includes(name));
    for (const [one, other] of [
      ["x", "y"],
      ["to_x", "to_y"],
    ] as const) {
      if (names.includes(one) !== names.includes(other)) say(place, `${one} and ${other} belong together`);
    }
    if (frame !== undefined && points.length === 0)
      say(["patterns", index, "frame"], "a frame needs the groups x and y", "warning");
    if (frame === undefined && points.length > 0)
      say(place, "no frame is given: fractions are unit, everything else is px", "warning");
  }
  if (dialect.thought !== undefined) checkPattern(dialect.thought, ["thought"], say);
  if (dialect.state !== undefined) checkPattern(dialect.state, ["state"], say);
}

/** The names of its groups; null where it cannot be used. */
function checkPattern(pattern: string, place: Place, say: Say): string[] | null {
  try {
    new RegExp(pattern);
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^.*\/: /, "") : String(error);
    const python = pattern.includes("(?P<") ? "; names are written (?<name>...), not (?P<name>...)" : "";
    say(place, `this is no regular expression: ${why}${python}`);
    return null;
  }
  const { why } = costOf(pattern);
  if (why !== undefined) say(place, `the pattern ${why}: on some texts it would never end`);
  if (new RegExp(pattern).test("")) say(place, "the pattern fits an empty text, so it would fit everywhere");
  return [...pattern.matchAll(/\(\?<([A-Za-z_]\w*)>/g)].map(([, name = ""]) => name);
}

/** The offset of the first token below `maxDepth`, without recursion. */
function tooDeep(tokens: readonly CST.Token[]): number | null {
  const open = tokens.map((token) => ({ token, depth: 0 }));
  for (let at = open.pop(); at; at = open.pop()) {
    const { token, depth } = at;
    if (depth > maxDepth) return token.offset;
    if (token.type === "document" && token.value) open.push({ token: token.value, depth });
    if (!("items" in token)) continue;
    for (const { key, value } of token.items) {
      if (key) open.push({ token: key, depth: depth + 1 });
      if (value) open.push({ token: value, depth: depth + 1 });
    }
  }
  return null;
}

/** Where a value stands; of one that is missing, the nearest parent's key. */
function placeOf(
  { document, lines, text }: Source,
  place: Place,
  byKey: boolean,
): Omit<DialectProblem, "severity" | "message"> {
  for (let length = place.length; length > 0; length--) {
    const path = place.slice(0, length);
    const value: unknown = document?.getIn(path, true);
    const key = keyNode(document, path);
    const shown = (length < place.length || byKey || isMap(value) ? key : undefined) ?? (isNode(value) ? value : key);
    if (shown?.range) return spanOf(lines, text, shown.range[0], shown.range[1]);
  }
  return spanOf(lines, text, 0, Math.max(1, text.split("\n", 1)[0]?.length ?? 1));
}

function keyNode(document: Document.Parsed | undefined, path: Place): Node | undefined {
  const parent: unknown = path.length > 1 ? document?.getIn(path.slice(0, -1), true) : document?.contents;
  if (!isMap(parent)) return undefined;
  const pair = parent.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === path.at(-1));
  return pair && isNode(pair.key) ? pair.key : undefined;
}

function spanOf(
  lines: LineCounter,
  text: string,
  start: number,
  end: number,
): Omit<DialectProblem, "severity" | "message"> {
  const { line, col } = lines.linePos(start);
  const newline = text.indexOf("\n", start);
  const stop = Math.min(end, newline < 0 ? text.length : newline);
  return { line: Math.max(1, line), column: Math.max(1, col), endColumn: Math.max(1, col) + Math.max(1, stop - start) };
}
