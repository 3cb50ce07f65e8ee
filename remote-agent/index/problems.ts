// What is wrong with a target's files, as its readers, its tail and the walk found it.
import type { Diagnostic } from "../../core/model/diagnostic";
import { dataFileProblems } from "./dataFile";
import type { SourceIndex } from "./sourceIndex";

/** `dataFiles`: what the run's environment names as its data. `cut`: the walk stopped at its bounds. `failure`: why the last look ended early. */
export function problemsOf(
  sources: readonly SourceIndex[],
  dataFiles: readonly string[],
  cut: boolean,
  failure: string | null,
): Diagnostic[] {
  const all = sources.flatMap((s) => [...s.records.diagnostics.values()]);
  all.push(...dataFileProblems(sources, dataFiles));
  for (const source of sources) {
    if (source.torn === 0) continue;
    const isText = source.reader.input === "lines";
    const message = `the last ${isText ? "line" : "record"} is not finished (${source.torn.toLocaleString("en")} bytes so far) and is held back`;
    all.push({
      code: "torn-line",
      severity: "info",
      message,
      path: source.path,
      line: isText ? source.records.line + 1 : null,
      count: 1,
    });
  }
  if (failure !== null) {
    const message = `reading stopped before its end: ${failure}`;
    all.push({ code: "reading-failed", severity: "error", message, path: "", line: null, count: 1 });
  }
  if (cut) {
    const message = "the folder holds more than Runside looks through; open a folder further in";
    all.push({ code: "folder-too-large", severity: "warning", message, path: "", line: null, count: 1 });
  }
  return all;
}
