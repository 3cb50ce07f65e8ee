// GE-Lab's data sets: sft, single- and multi-turn RL, grounding, captioning, evaluation rows and tasks, of both branches
// (formats/gui-and-trainers.md 2.4). What should be clicked, in the frame that the row is written in.
import type { Frame } from "../../model/action";
import { byteLength, headValue, listOf, parseDocument, reportWrongDocument, valueOf } from "../document";
import { frameOfPoint } from "../gelab";
import { bodyOf, expectedOf, frameOfRow, rowOf, stepIndexOf, type GelabRow } from "../gelabRecord";
import type { DocumentReader, RecordSink, SourceSample, StepBody } from "../reader";

interface Placed {
  row: GelabRow;
  episodeId: string;
  index: number;
}

/** The same step of the same task again is another sample of it. */
function placed(value: unknown): Placed[] {
  const seen = new Map<string, number>();
  return listOf(value).flatMap((record) => {
    const row = rowOf(record);
    if (!row) return [];
    const index = stepIndexOf(row);
    const key = `${row.task}@${String(index)}`;
    const before = seen.get(key) ?? 0;
    seen.set(key, before + 1);
    return [{ row, index, episodeId: before === 0 ? row.task : `${row.task} #${String(before + 1)}` }];
  });
}

/** Rows without a box are in the frame of the whole file: one point beyond 1000, or on the canvas's grid, tells. */
function frameOfFile(rows: readonly Placed[]): Frame | null {
  const frames = rows.flatMap(({ row }): Frame[] => {
    if (row.box || frameOfRow(row, null) === "n1000") return [];
    const action = expectedOf(row, null);
    return action?.x === undefined || action.y === undefined ? [] : [frameOfPoint({ x: action.x, y: action.y })];
  });
  if (frames.length === 0) return null;
  return frames.filter((frame) => frame === "canvas").length * 2 >= frames.length ? "canvas" : "n1000";
}

function parse(text: string, path: string, sink: RecordSink): void {
  const value = parseDocument(text, path, sink);
  if (value === undefined) return;
  const rows = placed(value);
  const written = listOf(value).length;
  if (rows.length === 0) {
    reportWrongDocument(sink, path, "rows of pages");
    return;
  }
  if (rows.length < written) {
    const message = `${String(written - rows.length)} of ${String(written)} values are no row with a page.`;
    sink.diagnostic({ code: "not-a-record", severity: "warning", message });
  }
  const length = byteLength(text);
  for (const { episodeId, index } of rows)
    sink.step({ offset: 0, length, episodeId, index, typeMatch: null, clickHit: null });
  tellFrames(rows, sink);
}

/** 5.3: one data set in two frames is worth a word. */
function tellFrames(rows: readonly Placed[], sink: RecordSink): void {
  const fileFrame = frameOfFile(rows);
  const counts = new Map<string, number>();
  for (const { row } of rows) {
    const action = expectedOf(row, frameOfRow(row, fileFrame));
    if (action?.frame) counts.set(action.frame, (counts.get(action.frame) ?? 0) + 1);
  }
  sink.fact("frames", [...counts].map(([frame, n]) => `${frame} ${String(n)}`).join(", ") || "none");
  if (counts.size < 2) return;
  const message = `Targets are written in several frames: ${[...counts].map(([frame, n]) => `${String(n)} in ${frame}`).join(", ")}.`;
  sink.diagnostic({ code: "mixed-frames", severity: "info", message });
}

function readSteps(record: string): StepBody[] {
  const rows = placed(valueOf(record));
  const fileFrame = frameOfFile(rows);
  return rows.map(({ row, episodeId, index }) => bodyOf(row, episodeId, index, fileFrame));
}

function detect(sample: SourceSample): number {
  const value = headValue(sample);
  if (value !== undefined) {
    const rows = listOf(value);
    const own = rows.filter((row) => (rowOf(row)?.prediction ?? "none") === "none" && rowOf(row) !== null);
    return rows.length > 0 && own.length >= rows.length * 0.6 ? 0.9 : 0;
  }
  const { head } = sample;
  if (!/^\s*\[\s*\{/.test(head) || /"prediction"\s*:/.test(head)) return 0;
  const pages =
    /"images?"\s*:\s*(\[\s*)?"[^"]*page_\d+\.\w+"/.test(head) && /"(content|problem)"\s*:\s*"<image>/.test(head);
  return pages || /"start_page"\s*:\s*"page_\d+",\s*"target_page"/.test(head) ? 0.8 : 0;
}

export const gelabDataset: DocumentReader = {
  id: "gelab-dataset",
  title: "GE-Lab data set",
  version: 1,
  axis: "line",
  input: "document",
  detect,
  readSteps,
  parse,
};
