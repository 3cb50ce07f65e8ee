// The folders outside its own in which a run wrote, and where a copy of the run holds them: `outside/<n>` beside `attempts`.
import { stat } from "node:fs/promises";
import { basename, join, relative, sep } from "node:path";
import type { KeptFrom, KeptOutside } from "../../core/model/kept";
import type { RunManifest } from "../../core/model/run";
import { isInside } from "../disk/home";
import { attemptFiles, latestAttempt } from "../disk/runFolder";
import { OutputFromLog, watchedRoots } from "./declaredRoots";
import type { Root } from "./targetIndex";

export interface OutsideRoot extends Root, KeptOutside {
  /** False where it lies in another one, or in the output folder, and is copied with that. */
  isCopied: boolean;
}

/** Numbered by who declares them, so that a run that is kept again after a restart finds its files under the same names. */
export async function outsideRoots(runFolder: string, manifest: RunManifest): Promise<OutsideRoot[]> {
  const latest = latestAttempt(runFolder);
  const roots = watchedRoots(manifest).map((root, i) => ({ ...root, n: i + 1, fromLog: false }));
  const declared = roots.length;
  // The latest attempt's first: it is the one that the run itself is shown with.
  for (let attempt = latest; attempt > 0; attempt--) {
    const root = await new OutputFromLog(manifest).lookThrough(attemptFiles(runFolder, attempt).log);
    if (root) roots.push({ ...root, n: declared + attempt, fromLog: true });
  }
  const outs = Array.from({ length: latest }, (_, i) => attemptFiles(runFolder, i + 1).out);
  const placed: OutsideRoot[] = [];
  for (const { n, ...root } of roots) {
    const out = outs.find((each) => isInside(root.absolute, each));
    const [carrier = { ...root, n }] = roots
      .filter((other) => isInside(root.absolute, other.absolute))
      .sort((a, b) => a.absolute.length - b.absolute.length);
    const isFile = (await stat(root.absolute).catch(() => null))?.isFile() ?? false;
    const inside = relative(out === undefined ? carrier.absolute : runFolder, root.absolute).split(sep);
    const parts = out === undefined ? ["outside", String(carrier.n), ...inside] : inside;
    const isCopied = out === undefined && carrier.n === n;
    // A single file lies under its own name: a folder of that number may come with the next attempt.
    const folder = [...parts, ...(isFile && isCopied ? [basename(root.absolute)] : [])].filter(Boolean).join("/");
    placed.push({ ...root, folder, isCopied });
  }
  return placed;
}

/** Of a copy. Its record may be anybody's: no folder out of it is looked into. */
export function keptRoots(copy: string, { outside = [] }: KeptFrom): { watched: Root[]; named: Root[] } {
  const roots = (outside ?? [])
    .map((each) => ({ ...each, absolute: join(copy, each.folder) }))
    .filter(({ absolute }) => ["outside", "attempts"].some((name) => isInside(absolute, join(copy, name))));
  return { watched: roots.filter(({ fromLog }) => !fromLog), named: roots.filter(({ fromLog }) => fromLog) };
}
