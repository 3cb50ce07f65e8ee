// Which data file holds the prompts that results name by their place alone ("prompt 12"): one for all rows of a source, because rows
// of two files, each as plausible as the other, would be shown beside rewards that are not theirs.
import type { Diagnostic } from "../../core/model/diagnostic";
import type { SourceIndex } from "./sourceIndex";

interface Chosen {
  file: SourceIndex;
  /** What else it could have been; empty where it is certain. */
  others: readonly string[];
}

const isNamed = (path: string, name: string): boolean => `/${path}`.endsWith(`/${baseName(name)}`);
const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
const isHeldOut = ({ path }: SourceIndex): boolean => /_(val|valid|validation|test|eval)\.[a-z]+$/i.test(path);
const isTraining = ({ path }: SourceIndex): boolean => /_train\.[a-z]+$/i.test(path);

/** `named`: the files that the run's environment says it evaluates on. */
export function dataFileOf(
  results: SourceIndex,
  sources: readonly SourceIndex[],
  named: readonly string[],
): Chosen | null {
  const rows = results.records.rollouts.length;
  const all = sources.filter(({ reader, records }) => reader.holdsPrompts && records.rollouts.length >= rows);
  const asNamed = all.filter(({ path }) => named.some((name) => isNamed(path, name)));
  const told = asNamed.length > 0 ? asNamed : all;
  const same = told.filter(({ records }) => records.rollouts.length === rows);
  const left = same.length > 0 ? same : told;
  const likely =
    [left.filter(isHeldOut), left.filter((file) => !isTraining(file)), left].find((l) => l.length > 0) ?? [];
  const [file] = likely;
  if (!file) return null;
  return { file, others: left.filter((other) => other !== file).map(({ path }) => path) };
}

export function dataFileProblems(sources: readonly SourceIndex[], named: readonly string[]): Diagnostic[] {
  return sources.flatMap((source): Diagnostic[] => {
    const chosen = source.reader.promptsByPlace ? dataFileOf(source, sources, named) : null;
    if (!chosen || chosen.others.length === 0) return [];
    const message = `its prompts are taken from ${chosen.file.path}, but they could also be those of ${chosen.others.join(", ")}: the file says only their place. Launch with VAL_FILE or TEST_FILE set, or move the others away`;
    return [{ code: "data-file-guessed", severity: "warning", message, path: source.path, line: null, count: 1 }];
  });
}
