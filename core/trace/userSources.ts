// .runside/sources.yaml -> mappings, and what is wrong in it with its place. A bad entry is left out, the others work.
import { fitsGlob } from "../base/pathGlob";
import { parseProjectFile, type FileProblem, type Place } from "../base/projectFile";
import { sourceMappingSchema, sourceMappingsSchema, type SourceMapping } from "./sourceMapping";

export const userSourcesPath = ".runside/sources.yaml";

export interface UserSources {
  mappings: SourceMapping[];
  problems: FileProblem[];
}

export function parseUserSources(text: string): UserSources {
  const file = parseProjectFile(text);
  if ("message" in file) return { mappings: [], problems: [file] };
  const problems: FileProblem[] = [];
  const mappings: SourceMapping[] = [];
  const say = (place: Place, message: string, byKey = false): void => {
    problems.push({ severity: "error", ...file.spotOf(place, byKey), message });
  };
  if (file.value === undefined) return { mappings, problems };
  for (const issue of sourceMappingsSchema.safeParse(file.value).error?.issues ?? []) {
    const last = issue.path.at(-1);
    if (issue.code !== "unrecognized_keys") say(issue.path, wording(issue.message, last));
    else for (const key of issue.keys) say([...issue.path, key], `"${key}" is not known here`, true);
  }
  const list: unknown = (file.value as { sources?: unknown }).sources;
  for (const [index, entry] of (Array.isArray(list) ? (list as unknown[]) : []).entries()) {
    const parsed = sourceMappingSchema.safeParse(entry);
    if (!parsed.success) continue;
    const found = check(parsed.data);
    for (const { key, message } of found) say(["sources", index, ...(key ? [key] : [])], message);
    if (found.length === 0) mappings.push(parsed.data);
  }
  return { mappings, problems: problems.sort((a, b) => a.line - b.line || a.column - b.column) };
}

/** The first mapping whose globs fit the path, which is relative to the target. */
export function mappingFor(path: string, mappings: readonly SourceMapping[]): SourceMapping | null {
  const fits = ({ files }: SourceMapping): boolean => [files].flat().some((glob) => fitsGlob(path, glob));
  return mappings.find(fits) ?? null;
}

const wording = (message: string, key: PropertyKey | undefined): string =>
  typeof key === "string" && /^(is|must) /.test(message) ? `${key} ${message}` : message;

/** What a schema cannot say. */
function check(mapping: SourceMapping): { key?: keyof SourceMapping; message: string }[] {
  const found: { key?: keyof SourceMapping; message: string }[] = [];
  const { prompt, completion, step, time, metrics } = mapping;
  if ((prompt === undefined) !== (completion === undefined)) {
    found.push({
      key: prompt === undefined ? "completion" : "prompt",
      message: "prompt and completion belong together",
    });
  }
  if (mapping.series !== undefined && completion !== undefined && metrics === undefined)
    found.push({ key: "series", message: "series parts curves: it needs metrics beside prompt and completion" });
  for (const key of ["reward", "gold", "group"] as const) {
    if (mapping[key] !== undefined && completion === undefined && prompt === undefined)
      found.push({ key, message: `${key} says something of samples: it needs prompt and completion` });
  }
  if (mapping.delimiter !== undefined && mapping.kind !== "csv")
    found.push({ key: "delimiter", message: "only a csv has a delimiter" });
  if ([prompt, completion, step, time, metrics].every((value) => value === undefined))
    found.push({ message: "nothing is mapped: give step, time or metrics, or prompt and completion" });
  return found;
}
