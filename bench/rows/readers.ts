// How fast each reader of files that grow large reads one, beside Python's own way with the same file in the same run.
import { mkdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { projectRoot, tsx } from "../../scripts/folders";
import { runQuiet } from "../../scripts/processes";
import type { Bench } from "../bench";
import type { ReadFacts } from "../children/readFile";
import { binaryFiles, pyarrow } from "../large/binaryFiles";
import type { LargeFile } from "../large/largeFile";
import { lineFiles } from "../large/lineFiles";
import { pythonWith } from "../peers/pythonWith";
import type { Line, Row } from "../row";

export const readerRows: readonly Row[] = [...lineFiles, ...binaryFiles].map((large) => ({
  name: `read-${large.reader}`,
  run: (bench) => measure(bench, large),
}));

async function measure(bench: Bench, large: LargeFile): Promise<Line[]> {
  const folder = join(bench.folder, "large", large.reader);
  const file = join(folder, "out", large.name);
  mkdirSync(join(folder, "out"), { recursive: true });
  try {
    const python = large.needs ? await pythonWith(bench, large.needs) : "python3";
    if (python === null && large.needs === pyarrow) throw new Error("pyarrow writes its file and cannot be installed");
    await large.make(file, bench.quick ? 10e6 : (large.bytes ?? 64e6), python ?? "");
    const megabytes = statSync(file).size / 1e6;
    const ours: number[] = [];
    const theirs: number[] = [];
    let facts: ReadFacts | null = null;
    // In turns, and the best of each: what a busy machine takes away says nothing of a reader.
    for (let i = 0; i < (bench.quick ? 1 : 3); i++) {
      facts = await readOnce(file, join(folder, `home-${i}`));
      if (facts.reader !== large.reader) throw new Error(`its file was read as ${facts.reader || "nothing"}`);
      if (facts.points + facts.records === 0)
        throw new Error(`nothing was read of it: ${facts.diagnostics.join("; ")}`);
      ours.push(megabytes / (facts.ms / 1000));
      if (python) theirs.push(megabytes / ((await readByPeer(python, large.peer.kind, file)) / 1000));
    }
    const said = facts
      ? `${facts.points} points, ${facts.records} records, peak ${facts.peakMegabytes.toFixed(0)} MB`
      : "";
    const note = `${megabytes.toFixed(0)} MB: ${said}${python ? "" : "; peer not installed"}`;
    const peer = python ? { name: large.peer.name, value: Math.max(...theirs) } : null;
    return [
      {
        name: `read ${large.reader}`,
        ours: Math.max(...ours),
        unit: "MB/s",
        budget: { timesPeer: large.share ?? 1 },
        peer,
        note,
      },
    ];
  } finally {
    if (!bench.keep) rmSync(folder, { recursive: true, force: true });
  }
}

async function readOnce(file: string, home: string): Promise<ReadFacts> {
  const [node = "", ...args] = tsx(join(projectRoot, "bench", "children", "readFile.ts"), file, home);
  return JSON.parse(await runQuiet(node, args, { cwd: projectRoot })) as ReadFacts;
}

async function readByPeer(python: string, kind: string, file: string): Promise<number> {
  const script = join(projectRoot, "bench", "peers", "read.py");
  return (JSON.parse(await runQuiet(python, [script, kind, file])) as { ms: number }).ms;
}
