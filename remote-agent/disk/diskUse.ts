// Measures a run's folder without following a link: blocks on the disk, each file once however many names it has.
import { existsSync } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { runNotFound } from "../../core/base/errors";
import { diskParts, type DiskPart, type DiskUse } from "../../core/model/diskUse";
import { Target } from "../index/target";
import { runCheckpoints } from "../index/runCheckpoints";
import { isInside, type Home } from "./home";
import { readManifest } from "./runFolder";
import { idsIn } from "./runIds";
import { SnapshotStore } from "./snapshotStore";

const BLOCK = 512;

interface Tally {
  parts: Record<DiskPart, number>;
  files: number;
  checkpoints: Map<string, number>;
  /** Inodes with several names that were counted. */
  counted: Set<string>;
}

/** Throws `run/not-found`. */
export async function diskUse(id: string, home: Home): Promise<DiskUse> {
  const folder = home.run(id);
  if (!existsSync(folder)) throw runNotFound(id);
  const sealed = await runCheckpoints(folder);
  const parts = Object.fromEntries(diskParts.map((part) => [part, 0])) as Record<DiskPart, number>;
  const tally: Tally = { parts, files: 0, checkpoints: new Map(), counted: new Set() };
  await measure(folder, folder, null, sealed, tally);
  return {
    total: diskParts.reduce((sum, part) => sum + parts[part], 0),
    parts,
    files: tally.files,
    checkpoints: [...tally.checkpoints].map(([path, bytes]) => ({ path, bytes })).sort((a, b) => b.bytes - a.bytes),
    snapshot: snapshotUse(id, home),
    outside: outsideOf(id, home, folder),
  };
}

async function measure(
  at: string,
  root: string,
  checkpoint: string | null,
  sealed: ReadonlyMap<string, string>,
  tally: Tally,
): Promise<void> {
  const seen = await lstat(at).catch(() => null);
  // It went while we looked.
  if (!seen) return;
  const key = `${seen.dev}:${seen.ino}`;
  if (!seen.isDirectory()) {
    if (seen.nlink > 1 && tally.counted.has(key)) return;
    if (seen.nlink > 1) tally.counted.add(key);
    tally.files++;
  }
  const size = seen.blocks * BLOCK;
  const inside = checkpoint ?? sealed.get(at) ?? null;
  tally.parts[inside === null ? partOf(relative(root, at).split(sep)) : "checkpoints"] += size;
  if (inside !== null) tally.checkpoints.set(inside, (tally.checkpoints.get(inside) ?? 0) + size);
  if (!seen.isDirectory()) return;
  for (const name of await readdir(at).catch(() => [])) await measure(join(at, name), root, inside, sealed, tally);
}

function partOf([first = "", , third = ""]: readonly string[]): DiskPart {
  if (first === "work") return "code";
  if (first === "cache") return "cache";
  if (first !== "attempts") return "record";
  if (third === "out") return "output";
  return third === "output.log" ? "log" : "record";
}

function snapshotUse(id: string, home: Home): DiskUse["snapshot"] {
  const snapshot = readManifest(home.run(id))?.snapshot ?? null;
  if (snapshot === null) return null;
  const entries = new SnapshotStore(home).entries(snapshot) ?? [];
  const contents = new Map(entries.map(({ sha256, size }) => [sha256, size]));
  const bytes = [...contents.values()].reduce((sum, size) => sum + size, 0);
  const others = [...idsIn(home.runs)].filter((other) => other !== id);
  const otherRuns = others.filter((other) => readManifest(home.run(other))?.snapshot === snapshot).length;
  return { id: snapshot, bytes, otherRuns };
}

function outsideOf(id: string, home: Home, folder: string): string[] {
  const target = Target.open(id, home);
  try {
    target.adoptOutputFromLog();
    const roots = target.index.rootsInUse().map(({ absolute }) => absolute);
    return roots.filter((root) => !isInside(root, folder) && existsSync(root));
  } finally {
    target.dispose();
  }
}
