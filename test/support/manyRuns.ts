// A store with as many runs as a person collects in years, for the faults suite and the benchmark.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { attemptFiles } from "../../remote-agent/disk/runFolder";

export const MANY_RUNS = 10_000;

/** Further runs of a store, each with the records of one that really ended. Answers their ids. */
export function multiply(store: string, ended: string, count: number): string[] {
  const model = join(store, "runs", ended);
  const manifest = readFileSync(join(model, "run.json"), "utf8");
  const status = readFileSync(attemptFiles(model, 1).status, "utf8");
  return Array.from({ length: count }, (_, n) => {
    const day = String(1 + (n % 28)).padStart(2, "0");
    const id = `202501${day}-000000-many-${n.toString(36).padStart(4, "0")}`;
    const folder = join(store, "runs", id);
    const files = attemptFiles(folder, 1);
    for (const path of [files.folder, join(folder, "cache")]) mkdirSync(path, { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, "run.json"), manifest.replaceAll(ended, id));
    writeFileSync(files.status, status);
    return id;
  });
}
