// A small YAML file that people write by hand, and the place of everything in it: what is wrong is shown where it stands.
import {
  Composer,
  isMap,
  isNode,
  isPair,
  isScalar,
  LineCounter,
  Parser,
  type CST,
  type Document,
  type Node,
} from "yaml";

/** Lines and columns count from 1; `endColumn` is behind the last character. */
export interface FileProblem {
  severity: "error" | "warning";
  line: number;
  column: number;
  endColumn: number;
  message: string;
}

type Spot = Omit<FileProblem, "severity" | "message">;

/** Keys and indexes from the top. */
export type Place = readonly PropertyKey[];

const maxCharacters = 200_000;
const maxDepth = 32;

export interface ProjectFile {
  /** undefined for an empty file. */
  value: unknown;
  /** Where a value stands, or its key; of one that is missing, the nearest parent's key. */
  spotOf: (place: Place, byKey?: boolean) => Spot;
}

/** The file's value, or the one problem that keeps it from having one. Never throws. */
export function parseProjectFile(text: string): ProjectFile | FileProblem {
  const lines = new LineCounter();
  const at = (start: number, end: number, message: string): FileProblem => ({
    ...{ severity: "error", ...spanOf(lines, text, start, end), message },
  });
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
  try {
    const value: unknown = document?.toJS({ maxAliasCount: 100 });
    return { value: value ?? undefined, spotOf: (place, byKey = false) => spotOf(document, lines, text, place, byKey) };
  } catch {
    return at(0, 1, "its aliases (*name) cannot be resolved");
  }
}

/** The document as far as it can be read, for a file that may be broken right now; null for one that is too large or too deep. */
export function composedFile(text: string): { document: Document.Parsed | undefined; lines: LineCounter } | null {
  if (text.length > maxCharacters) return null;
  const lines = new LineCounter();
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  if (tooDeep(tokens) !== null) return null;
  const [document] = [...new Composer({ prettyErrors: false }).compose(tokens)];
  return { document, lines };
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

function spotOf(
  document: Document.Parsed | undefined,
  lines: LineCounter,
  text: string,
  place: Place,
  byKey: boolean,
): Spot {
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

function spanOf(lines: LineCounter, text: string, start: number, end: number): Spot {
  const { line, col } = lines.linePos(start);
  const newline = text.indexOf("\n", start);
  const stop = Math.min(end, newline < 0 ? text.length : newline);
  return { line: Math.max(1, line), column: Math.max(1, col), endColumn: Math.max(1, col) + Math.max(1, stop - start) };
}
