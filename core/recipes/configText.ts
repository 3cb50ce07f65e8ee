// A config's text as data: parsed the way PyYAML's safe_load would, bounded against hostile input, with lines for errors.
import { Alias, Composer, isCollection, isMap, isPair, isScalar, isSeq, LineCounter, Parser, visit } from "yaml";
import type { CST, Document, ParsedNode } from "yaml";
import { badConfig, messageOf } from "../base/errors";

/** Something that runs but may surprise: 1-based line. */
export interface ConfigNote {
  code: "duplicate-key" | "python-text";
  line: number;
  message: string;
}

export interface ParsedConfig {
  doc: unknown;
  notes: ConfigNote[];
}

export interface ConfigTree {
  document: Document.Parsed<ParsedNode> | null;
  lines: LineCounter;
}

export const maxConfigBytes = 1_000_000;
const maxDepth = 64;
const maxAliases = 100;

/** Throws `run/bad-config` with the 1-based line where the text is no YAML, or is YAML that safe_load would refuse. */
export function parseConfig(path: string, text: string): ParsedConfig {
  const { document, lines } = parseTree(path, text);
  if (!document) return { doc: null, notes: [] };
  const notes = inspect(path, document, lines);
  try {
    return { doc: document.toJS({ maxAliasCount: maxAliases }) as unknown, notes };
  } catch (error) {
    throw badConfig(path, 1, `its aliases (*name) cannot be resolved: ${messageOf(error)}`);
  }
}

/** The tree with its comments and places. Also used for recipes.yaml and for edits that must keep the rest as it is. */
export function parseTree(path: string, text: string): ConfigTree {
  if (text.length > maxConfigBytes) throw badConfig(path, null, `it is larger than ${String(maxConfigBytes / 1e6)} MB`);
  const lines = new LineCounter();
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  // Before composing: the composer recurses, and a stack that overflows inside it can take the whole process along.
  const deep = tooDeep(tokens);
  if (deep !== null) throw badConfig(path, lines.linePos(deep).line, `it is nested more than ${String(maxDepth)} deep`);
  const options = { uniqueKeys: false, merge: true, prettyErrors: false, lineCounter: lines } as const;
  const documents = [...new Composer<ParsedNode>(options).compose(tokens, false, text.length)];
  for (const document of documents) {
    const error = document.errors[0];
    if (error) throw badConfig(path, lines.linePos(error.pos[0]).line, `it is not valid YAML: ${tidy(error.message)}`);
  }
  const second = documents[1];
  if (second) throw badConfig(path, lines.linePos(second.range[0]).line, "it holds more than one YAML document");
  return { document: documents[0] ?? null, lines };
}

const tidy = (message: string): string => message.split("\n")[0]?.replace(/[.:]\s*$/, "") ?? message;

/** The offset of the first token below `maxDepth`, without recursion. */
function tooDeep(tokens: readonly CST.Token[]): number | null {
  const open: { token: CST.Token; depth: number }[] = tokens.map((token) => ({ token, depth: 0 }));
  for (let at = open.pop(); at; at = open.pop()) {
    const { token, depth } = at;
    if (depth > maxDepth) return token.offset;
    if (token.type === "document" && token.value) open.push({ token: token.value, depth });
    if (!("items" in token)) continue;
    for (const item of token.items) {
      if (item.key) open.push({ token: item.key, depth: depth + 1 });
      if (item.value) open.push({ token: item.value, depth: depth + 1 });
    }
  }
  return null;
}

// PyYAML speaks YAML 1.1: a float needs a dot, and an exponent a sign. `5e-6` reaches Python as the text "5e-6".
const pythonText = /^[-+]?(?:\d[\d_]*[eE][-+]?\d+|(?:\d[\d_]*\.[\d_]*|\.\d[\d_]*)[eE]\d+)$/;

function inspect(path: string, document: Document.Parsed<ParsedNode>, lines: LineCounter): ConfigNote[] {
  const notes: ConfigNote[] = [];
  const lineOf = (node: unknown): number => lines.linePos(rangeOf(node)?.[0] ?? 0).line;
  visit(document, {
    Map(_key, map) {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        if (isCollection(key)) throw badConfig(path, lineOf(key), "a mapping or list is used as a key");
        const name = keyName(key);
        if (seen.has(name) && name !== "<<") {
          const message = `"${name}" stands here a second time; the last one counts`;
          notes.push({ code: "duplicate-key", line: lineOf(key), message });
        }
        seen.add(name);
      }
    },
    Scalar(_key, scalar) {
      const source = scalar.source ?? "";
      if (scalar.type !== "PLAIN" || typeof scalar.value !== "number" || !pythonText.test(source)) return;
      const message = `PyYAML reads ${source} as text, not as a number; write ${pythonFloat(scalar.value)}`;
      notes.push({ code: "python-text", line: lineOf(scalar), message });
    },
    Alias(_key, alias, parents) {
      const inside = parents.some((parent) => isCollection(parent) && parent.anchor === alias.source);
      if (inside) throw badConfig(path, lineOf(alias), `*${alias.source} stands inside the value that it names`);
    },
  });
  return notes.sort((a, b) => a.line - b.line);
}

/** A number the way both YAML 1.1 and 1.2 read it as a number: a small rate as Python writes it, with a dot (`5.0e-06`). */
export function pythonFloat(value: number): string {
  const size = Math.abs(value);
  const text = size > 0 && size < 1e-4 ? value.toExponential() : String(value);
  const [mantissa = "", exponent] = text.split("e");
  if (exponent === undefined) return text;
  return `${mantissa.includes(".") ? mantissa : `${mantissa}.0`}e${exponent.charAt(0)}${exponent.slice(1).padStart(2, "0")}`;
}

const keyName = (key: unknown): string => String(isScalar(key) ? key.value : key instanceof Alias ? key.source : key);

export const rangeOf = (node: unknown): readonly [number, number, number] | null =>
  typeof node === "object" && node !== null && "range" in node ? (node.range as [number, number, number] | null) : null;

/** The pair at `a.b.c` of a tree; of duplicate keys the last. A number steps into a list. */
export function pairAt(tree: ConfigTree, keyPath: string): { key: unknown; value: unknown } | null {
  let node: unknown = tree.document?.contents;
  let found: { key: unknown; value: unknown } | null = null;
  for (const part of keyPath.split(".")) {
    if (isMap(node)) {
      const pair = node.items.findLast((item) => keyName(item.key) === part);
      if (!pair) return null;
      found = pair;
    } else if (isSeq(node)) {
      const value: unknown = node.items[Number(part)];
      if (value === undefined) return null;
      found = { key: isPair(value) ? value.key : value, value };
    } else return null;
    node = found.value;
  }
  return found;
}

/** The 1-based line of a key path, or of its nearest parent that exists; null for a text that does not parse. */
export function lineOfKey(text: string, keyPath: string): number | null {
  try {
    const tree = parseTree("", text);
    const parts = keyPath.split(".");
    for (; parts.length > 0; parts.pop()) {
      const range = rangeOf(pairAt(tree, parts.join("."))?.key);
      if (range) return tree.lines.linePos(range[0]).line;
    }
    return 1;
  } catch {
    return null;
  }
}

/** The value at `a.b.c`, undefined where there is none. */
export function valueAt(doc: unknown, keyPath: string): unknown {
  let at: unknown = doc;
  for (const part of keyPath.split(".")) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, part)) return undefined;
    at = (at as Record<string, unknown>)[part];
  }
  return at;
}

/** A finite number, also where PyYAML would have kept it as text. */
export function numberAt(doc: unknown, keyPath: string): number | null {
  const value = valueAt(doc, keyPath);
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value === "string" && pythonText.test(value)) return Number(value.replaceAll("_", ""));
  return null;
}

export function stringAt(doc: unknown, keyPath: string): string | null {
  const value = valueAt(doc, keyPath);
  return typeof value === "string" ? value : null;
}

/** The keys of the mapping at a path ("" is the document itself); none where it is no mapping. */
export function keysOf(doc: unknown, keyPath = ""): string[] {
  const value = keyPath === "" ? doc : valueAt(doc, keyPath);
  return isMapping(value) ? Object.keys(value) : [];
}

export const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
