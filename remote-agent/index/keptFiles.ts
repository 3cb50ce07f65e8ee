// What of a run is worth keeping: the regular files of its folder, and those that it wrote elsewhere. What is left out though
// somebody may look for it has a reason.
import type { Dirent, Stats } from "node:fs";
import { lstat, readdir, realpath, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, join, sep } from "node:path";
import { joinNames, nameOfBytes, shownName } from "../../core/base/byteName";
import type { RunManifest } from "../../core/model/run";
import type { KeptFile, LeftOut } from "../../core/protocol/keeping";
import { isInside, type Home } from "../disk/home";
import { manifestFile } from "../disk/runFolder";
import { discover, skipFolders, sourceName } from "./discover";
import type { OutsideRoot } from "./outsideRoots";
import { ReaderChoice } from "./readerChoice";
import { runCheckpoints } from "./runCheckpoints";

/** Rebuilt, somebody else's, or only of use while it runs. */
const left = new Set(["work", "cache", "control", "reaper.sh", "supervisor.js"]);
/** A folder that was named by mistake must not be walked for hours; the run's own is walked whole. */
const MOST_ENTRIES = 200_000;
/** By how much the clock of another file system may be behind. */
const CLOCK_MS = 60_000;

export interface KeptFiles {
  files: KeptFile[];
  skipped: LeftOut[];
}

interface Entry {
  /** As the copy will have it. */
  path: string;
  absolute: string;
}

interface File extends Entry {
  seen: Stats;
}

export async function keptFiles(
  runFolder: string,
  manifest: RunManifest,
  outside: readonly OutsideRoot[],
  home: Home,
): Promise<KeptFiles> {
  const found: KeptFiles = { files: [], skipped: [] };
  const copied = outside.filter(({ isCopied }) => isCopied);
  const real = (path: string): Promise<string> => realpath(path).catch(() => path);
  const places = await Promise.all([join(runFolder, "attempts"), ...copied.map((r) => r.absolute)].map(real));
  const walk = new Walk(found.skipped, places);
  const sealed = await runCheckpoints(runFolder);
  const isLeft = ({ path }: Entry): boolean => left.has(basename(path)) && !/^attempts\/\d+\/out\//.test(path);
  await walk.through({ path: "", absolute: runFolder }, isLeft, (files) => keep(files, sealed), -Infinity, Infinity);
  const choice = new ReaderChoice(manifest.cwd);
  choice.look();
  const record = await lstat(manifestFile(runFolder));
  for (const root of copied) {
    if (isInside(runFolder, root.absolute) && isInside(root.absolute, home.root)) {
      found.skipped.push({ path: root.absolute, why: "it holds the run's own folder" });
      continue;
    }
    if (isInside(homedir(), root.absolute)) {
      found.skipped.push({ path: root.absolute, why: "it holds the whole home folder" });
      continue;
    }
    const inRoot = await checkpointsOf(root);
    const isOthers = ({ absolute }: Entry): boolean =>
      absolute === home.root || (skipFolders.has(basename(absolute)) && absolute !== root.absolute);
    // A snapshot is laid out just before the record is written.
    const sameClock = (await stat(root.absolute).catch(() => record)).dev === record.dev;
    const since = record.mtimeMs - (sameClock ? 0 : CLOCK_MS);
    // The time of the inode, because what was moved or copied here by the run may carry an older one of its own.
    const take: Take = async (files) => {
      const fresh = files.filter(({ seen }) => seen.ctimeMs > since);
      keep(fresh, inRoot);
      // What was there before is code, data or another run, but for what is read beside it: earlier lives of the same curves. A folder
      // that the trainer itself names is its own.
      if (fresh.length === 0 && !root.fromLog) return;
      for (const file of files) if (!fresh.includes(file) && (await isRead(file, root))) keep([file], inRoot);
    };
    await walk.through({ path: root.folder, absolute: root.absolute }, isOthers, take, since, MOST_ENTRIES);
  }
  return found;

  function keep(files: readonly File[], checkpoints: ReadonlyMap<string, string>): void {
    for (const { path, absolute, seen } of files) {
      const checkpoint = checkpointAround(absolute, checkpoints);
      found.files.push({ path, bytes: seen.size, modifiedMs: seen.mtimeMs, checkpoint });
    }
  }

  async function isRead({ absolute }: File, root: OutsideRoot): Promise<boolean> {
    const path = root.prefix + absolute.slice(root.absolute.length + 1);
    if (!sourceName.test(basename(absolute)) && !choice.isMapped(path)) return false;
    const chosen = await choice.choose({ path, absolute }, undefined);
    return chosen !== null && chosen !== "same";
  }
}

/** By their absolute paths; named as they are shown. */
async function checkpointsOf({ absolute, prefix }: OutsideRoot): Promise<Map<string, string>> {
  const { checkpoints } = await discover([{ absolute, prefix }]);
  return new Map(checkpoints.map(({ path }) => [join(absolute, path.slice(prefix.length)), path]));
}

function checkpointAround(path: string, checkpoints: ReadonlyMap<string, string>): string | null {
  if (checkpoints.size === 0) return null;
  let outermost: string | null = null;
  for (let at = dirname(path); at !== dirname(at); at = dirname(at)) outermost = checkpoints.get(at) ?? outermost;
  return outermost;
}

type Take = (files: File[]) => Promise<void> | void;

class Walk {
  private room = 0;
  private since = -Infinity;

  constructor(
    private readonly skipped: LeftOut[],
    /** Real folders whose contents are kept under their own names. */
    private readonly places: readonly string[],
  ) {}

  /** `since`: what cannot be kept and is older is nothing of the run. */
  async through(
    from: Entry,
    isLeft: (entry: Entry) => boolean,
    take: Take,
    since: number,
    most: number,
  ): Promise<void> {
    this.room = most;
    this.since = since;
    const seen = await stat(from.absolute).catch(() => null);
    if (seen?.isFile()) return take([{ ...from, seen }]);
    await this.folder(from, isLeft, take);
    if (this.room < 0)
      this.skipped.push({ path: from.path, why: `only the first ${String(most)} entries were looked at` });
  }

  private async folder(at: Entry, isLeft: (entry: Entry) => boolean, take: Take): Promise<void> {
    const options = { withFileTypes: true, encoding: "buffer" } as const;
    const entries = (await readdir(at.absolute, options).catch(() => [])).sort((a, b) => a.name.compare(b.name));
    const files: File[] = [];
    const folders: Entry[] = [];
    for (const entry of entries) {
      if (--this.room < 0) break;
      const name = nameOfBytes(entry.name);
      const inside: Entry = { path: joinNames(at.path, name), absolute: at.absolute + sep + name };
      if (isLeft(inside)) continue;
      const why = await this.reason(entry, inside, name);
      if (why !== null) {
        const seen = await lstat(Buffer.concat([Buffer.from(at.absolute + sep), entry.name])).catch(() => null);
        if (seen === null || seen.ctimeMs > this.since) this.skipped.push({ path: shownName(inside.path), why });
      }
      if (why === null && entry.isDirectory()) folders.push(inside);
      if (why === null && entry.isFile()) {
        const seen = await lstat(inside.absolute).catch(() => null);
        if (seen) files.push({ ...inside, seen });
      }
    }
    await take(files);
    for (const inside of folders) if (this.room >= 0) await this.folder(inside, isLeft, take);
  }

  /** Why it is not kept, where anybody would miss it. */
  private async reason(entry: Dirent<Buffer>, { absolute }: Entry, name: string): Promise<string | null> {
    if (name.includes("\0")) return "its name is no text (UTF-8)";
    if (entry.isFile() || entry.isDirectory()) return null;
    if (!entry.isSymbolicLink()) return "it is no file";
    const real = await realpath(absolute).catch(() => null);
    if (real === null) return "it is a link that leads nowhere";
    return this.places.some((place) => isInside(real, place))
      ? null
      : `it is a link that leads out of the run, to ${real}`;
  }
}
