// .runside/recipes.yaml in the editor: problems and completions in the editor's own coordinates. Pure; src/ui shows them.
import { placeholderNames } from "../../core/recipes/placeholders";
import { parseUserRecipes } from "../../core/recipes/userRecipes";
import { fieldTexts } from "../../core/recipes/userSchema";

/** Lines and columns count from 0, as the editor's do. */
export interface RecipeDiagnostic {
  severity: "error" | "warning";
  line: number;
  column: number;
  endColumn: number;
  message: string;
}

export interface RecipeCompletion {
  label: string;
  /** What replaces the columns from `from` to the position asked for. */
  insert: string;
  from: number;
  detail: string;
  kind: "key" | "placeholder";
}

export function recipeDiagnostics(text: string): RecipeDiagnostic[] {
  return parseUserRecipes(text).problems.map(({ line, column, endColumn, ...rest }) => ({
    ...rest,
    line: line - 1,
    column: column - 1,
    endColumn: endColumn - 1,
  }));
}

/** What each key starts with, so that accepting one leaves the cursor where its value goes. */
const openings: Record<string, string> = {
  recipes: "recipes:\n  - ",
  match: "match:\n",
  progress: "progress:\n",
  env: "env:\n",
  values: "values:\n",
  command: "command: [",
  files: "files: [",
  keys: "keys: [",
  watch: "watch: [",
  expects: "expects: [",
  inputs: "inputs: [",
};

const placeholderTexts: Record<(typeof placeholderNames)[number], string> = {
  config: "The config's path on the box. {config:a.b} is the value of a key of it.",
  out: "The run's output folder.",
  node: "The Node program that runs Runside on the box.",
  seed: "The run's seed.",
  workspace: "The folder on the box in which the workspace's files lie.",
};

/** Line-based, because while one is typing the text is seldom valid YAML. */
export function recipeCompletions(text: string, line: number, column: number): RecipeCompletion[] {
  const lines = text.split(/\r?\n/);
  const before = (lines[line] ?? "").slice(0, column);
  if (before.trimStart().startsWith("#")) return [];
  const brace = /\{([a-z]*)$/.exec(before);
  const where = placeIn(lines, line, before);
  if (brace && isArgument(where, before)) {
    const from = column - (brace[1] ?? "").length;
    const closed = (lines[line] ?? "").charAt(column) === "}" ? "" : "}";
    return placeholderNames.map((name) => {
      const detail = placeholderTexts[name];
      return { label: `{${name}}`, insert: name + closed, from, detail, kind: "placeholder" };
    });
  }
  const typed = /^(?:\s|- )*([A-Za-z]*)$/.exec(before);
  const texts = fieldsOf(where.path);
  if (!typed || !texts) return [];
  const from = column - (typed[1] ?? "").length;
  return Object.entries(texts)
    .filter(([name]) => !where.siblings.has(name))
    .map(([name, detail]) => {
      return { label: name, insert: openings[name] ?? `${name}: `, from, detail, kind: "key" };
    });
}

interface Where {
  /** The keys above the position, outermost first. */
  path: string[];
  /** Keys that the mapping at the position already has. */
  siblings: Set<string>;
}

const isArgument = ({ path }: Where, before: string): boolean =>
  [...path, /^\s*(?:- )*([A-Za-z]+):/.exec(before)?.[1] ?? ""].some((key) =>
    ["command", "commands", "env"].includes(key),
  );

function fieldsOf(path: readonly string[]): Record<string, string> | null {
  const [first, second] = path;
  if (path.length === 0) return fieldTexts[""];
  if (first !== "recipes" || path.length > 2) return null;
  if (second === undefined) return fieldTexts.recipe;
  return second === "match" || second === "progress" ? fieldTexts[second] : null;
}

interface Line {
  indent: number;
  key: string | null;
  item: boolean;
}

/** `- id: x` opens an entry at the dash and its first key two columns further in. */
function read(line: string): Line | null {
  const match = /^(\s*)((?:- +|-$)*)([A-Za-z][\w-]*(?=\s*:)|.)?/.exec(line);
  const [, spaces = "", dashes = "", word = ""] = match ?? [];
  if (line.trim() === "" || word === "#") return null;
  const key =
    /^[A-Za-z]/.test(word) && /^\s*:/.test(line.slice(spaces.length + dashes.length + word.length)) ? word : null;
  return { indent: spaces.length + dashes.length, key, item: dashes !== "" };
}

function placeIn(lines: readonly string[], line: number, before: string): Where {
  const lead = /^(?:\s|- |-$)*/.exec(before)?.[0] ?? "";
  const indent = lead.length;
  const siblings = new Set<string>();
  const path: string[] = [];
  let limit = indent;
  let sameEntry = !lead.includes("-");
  for (let at = line - 1; at >= 0 && limit > 0; at--) {
    const above = read(lines[at] ?? "");
    if (!above?.key) continue;
    if (above.indent === indent && path.length === 0) {
      if (sameEntry) siblings.add(above.key);
      if (above.item) sameEntry = false;
    }
    if (above.indent < limit) {
      path.unshift(above.key);
      limit = above.indent;
    }
  }
  for (let at = line + 1; at < lines.length; at++) {
    const below = read(lines[at] ?? "");
    if (!below) continue;
    if (below.indent < indent || (below.item && below.indent === indent)) break;
    if (below.indent === indent && below.key) siblings.add(below.key);
  }
  if (indent === 0) for (const each of lines) siblings.add(read(each)?.indent === 0 ? (read(each)?.key ?? "") : "");
  return { path, siblings };
}
