// .runside/dialects.yaml -> dialects, and what is wrong in it with its place. A bad entry is left out, the others work.
import { isMap, isSeq } from "yaml";
import { composedFile, parseProjectFile, type FileProblem, type Place, type ProjectFile } from "../base/projectFile";
import { costOf } from "./patternGuard";
import type { ActionDialect } from "./dialect";
import { dialects as builtin } from "./registry";
import { groupNames, userDialectOf } from "./userDialect";
import { userDialectSchema, userDialectsSchema, type UserDialect } from "./userDialectSchema";

export const userDialectsPath = ".runside/dialects.yaml";

export type DialectProblem = FileProblem;

export interface UserDialects {
  dialects: ActionDialect[];
  problems: DialectProblem[];
}

export function parseUserDialects(text: string): UserDialects {
  const file = parseProjectFile(text);
  if ("message" in file) return { dialects: [], problems: [file] };
  if (file.value === undefined) return { dialects: [], problems: [] };
  const problems: DialectProblem[] = [];
  const found = readAll(file, problems);
  return { dialects: found, problems: problems.sort((a, b) => a.line - b.line || a.column - b.column) };
}

function readAll({ value, spotOf }: ProjectFile, problems: DialectProblem[]): ActionDialect[] {
  const say = (place: Place, message: string, severity: DialectProblem["severity"] = "error", byKey = false): void => {
    problems.push({ severity, ...spotOf(place, byKey), message });
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
  const file = composedFile(text);
  const contents: unknown = file?.document?.contents;
  const list: unknown = isMap(contents) ? contents.get("dialects", true) : undefined;
  if (!file || !isSeq(list)) return [];
  return list.items.flatMap((item) => {
    const id: unknown = isMap(item) ? item.get("id") : undefined;
    const range = isMap(item) ? item.range : null;
    return range && typeof id === "string" ? [{ id, line: file.lines.linePos(range[0]).line }] : [];
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
