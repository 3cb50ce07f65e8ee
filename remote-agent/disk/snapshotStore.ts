// Snapshots: lists of files by the hash of the list, over contents that they share. The list is written last, so that what
// has one is complete; an upload that was cut leaves contents that the next one need not send again.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { messageOf } from "../../core/base/errors";
import { unpackRecords } from "../../core/recipes/packs";
import { applyEdits, type ListEdit } from "../../core/recipes/snapshotEdits";
import {
  manifestText,
  parseSnapshotManifest,
  type SnapshotEntry,
  type SnapshotList,
} from "../../core/recipes/snapshotManifest";
import { writeAtomic } from "./atomicFile";
import { BlobStore, diskFailure, uploadFailed, YOUNG_MS } from "./blobStore";
import type { Home } from "./home";
import { snapshotName } from "./ownNames";

/** A snapshot that no run refers to is kept this long: somebody may be about to launch it again. */
const KEPT_MS = 14 * 24 * 60 * 60 * 1000;
const SWEEP_EVERY_MS = 24 * 60 * 60 * 1000;
/** Unpacked. A list of 50,000 long names has 20 MB. */
const LARGEST_LIST = 128e6;
/** Files of a list that is kept in memory for the next launch: some 6 MB. */
const LONGEST_KEPT = 20_000;

const unzip = promisify(gunzip);

export interface Missing {
  at: number;
  from: number;
}

/** What the box says to a list: nothing is left to do, these contents are lacking, or the base is unknown here. */
export type Offered = { outcome: "held" | "offered" | "unknown-base"; missing: Missing[] };

interface Offer {
  list: SnapshotList;
}

export class SnapshotStore {
  readonly blobs: BlobStore;
  private writing: Promise<unknown> = Promise.resolve();
  private readonly offered = new Map<string, Offer>();
  /** The last one that was seen complete: what the next list is told from. */
  private last: { id: string; list: SnapshotList } | null = null;

  constructor(private readonly home: Home) {
    this.blobs = new BlobStore(home);
  }

  /** Null where there is no such snapshot, or its list is damaged. */
  entries(id: string, path = this.home.snapshot(id)): SnapshotEntry[] | null {
    return this.list(id, path)?.entries ?? null;
  }

  private list(id: string, path = this.home.snapshot(id)): SnapshotList | null {
    try {
      const text = readFileSync(path, "utf8");
      const list = sha256(text) === id ? parseSnapshotManifest(text) : "";
      return typeof list === "string" ? null : list;
    } catch {
      return null;
    }
  }

  /** Whether a run could start from it now; contents that somebody removed are seen here. */
  async has(id: string): Promise<boolean> {
    const list = this.list(id);
    if (!list || (await this.missingOf(list.entries)).length > 0) return false;
    await this.touch(id, list);
    return true;
  }

  /** Throws `agent/upload-failed` where the list is not what its name says, or leads outside its folder. */
  async offer(id: string, manifest: Buffer): Promise<Offered> {
    const text = await unzipped(manifest, LARGEST_LIST);
    const list = parseSnapshotManifest(text.toString("utf8"));
    if (typeof list === "string") throw uploadFailed(list);
    return this.take(id, list, text);
  }

  /** The same, told as what changed since a snapshot that may be here. */
  async offerChanged(id: string, base: string, edits: readonly ListEdit[]): Promise<Offered> {
    // Its file too: without it nothing keeps its contents from being swept.
    const known = existsSync(this.home.snapshot(base))
      ? this.last?.id === base
        ? this.last.list
        : this.list(base)
      : null;
    if (!known) return { outcome: "unknown-base", missing: [] };
    const list = applyEdits(known, edits);
    if (typeof list === "string") throw uploadFailed(list);
    return this.take(id, list, Buffer.from(manifestText(list)));
  }

  private async take(id: string, list: SnapshotList, text: Buffer): Promise<Offered> {
    if (sha256(text) !== id) throw uploadFailed("what arrived is not what was sent; run the config again");
    this.home.ensure();
    await mkdir(this.home.blobs, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
      throw diskFailure(error, this.home.root);
    });
    // Those that were given up: a list of 50,000 files has megabytes.
    for (const old of [...this.offered.keys()].slice(0, -3)) {
      this.offered.delete(old);
      await rm(this.beside(old), { force: true });
    }
    const offer: Offer = { list };
    this.offered.set(id, offer);
    try {
      await writeFile(this.beside(id), text, { mode: 0o600 });
    } catch (error) {
      throw diskFailure(error, this.home.root);
    }
    await this.blobs.begin();
    const missing = await this.missingOf(list.entries);
    if (missing.length > 0) return { outcome: "offered", missing };
    await this.finish(id, offer);
    return { outcome: "held", missing: [] };
  }

  /** Packs are unpacked side by side and written in the order they came in: parts of a content build on each other. */
  async put(pack: Buffer): Promise<void> {
    const arrived = unzipped(pack, 64e6);
    const written = this.writing.then(async () => {
      const records = unpackRecords(await arrived);
      if (!records) throw uploadFailed("what arrived is not what was sent; run the config again");
      await this.blobs.receive(records);
    });
    this.writing = written.catch(() => undefined);
    await written;
  }

  /** May be asked before the last packs have been answered: it waits for all that came before it. */
  async commit(id: string): Promise<Missing[]> {
    await this.writing;
    const offer = this.offered.get(id);
    // Sent twice at once over one channel: the other was first.
    if (!offer && (await this.has(id))) return [];
    if (!offer) throw uploadFailed("its list of files did not come first; run the config again");
    // All of them: what was here when it was offered may have gone since, by whoever's hand.
    const missing = await this.missingOf(offer.list.entries);
    if (missing.length > 0) return missing;
    await this.finish(id, offer);
    return [];
  }

  private async finish(id: string, { list }: Offer): Promise<void> {
    try {
      await rename(this.beside(id), this.home.snapshot(id));
    } catch (error) {
      // Offered twice at once over one channel: the other was first.
      if (!existsSync(this.home.snapshot(id))) throw diskFailure(error, this.home.root);
    }
    this.offered.delete(id);
    this.remember(id, list);
  }

  private async touch(id: string, list: SnapshotList): Promise<void> {
    const now = new Date();
    await utimes(this.home.snapshot(id), now, now).catch(() => undefined);
    this.remember(id, list);
  }

  private remember(id: string, list: SnapshotList): void {
    this.last = list.lines.length <= LONGEST_KEPT ? { id, list } : null;
  }

  async text(id: string, path: string): Promise<string | null> {
    const entry = this.entries(id)?.find((each) => each.path === path && each.target === null && each.size <= 1e6);
    return entry ? readFile(this.blobs.path(entry.sha256), "utf8").catch(() => null) : null;
  }

  /** At most once a day, whoever comes first: snapshots that nothing needs, then contents of no snapshot. */
  async sweepDaily(): Promise<void> {
    const stamp = join(this.home.blobs, "swept");
    const last = await stat(stamp).catch(() => null);
    if (last && Date.now() - last.mtimeMs < SWEEP_EVERY_MS) return;
    const there = await stat(this.home.blobs).catch(() => null);
    if (!there) return;
    writeAtomic(stamp, `${new Date().toISOString()}\n`);
    await this.sweep();
  }

  /** Leaves the code that runs were started from, and is needed to run them again, and nothing else. False where there is none. */
  async keepForRuns(): Promise<boolean> {
    const needed = await this.snapshotsOfRuns();
    if (![...needed].some((id) => existsSync(this.home.snapshot(id)))) return false;
    // Whatever its age, also where the file system is ahead of our clock.
    await this.sweep(-Infinity, -Infinity);
    return true;
  }

  /** Ages in ms from which a snapshot of no run, and anything unfinished or of no snapshot, goes. */
  async sweep(keptMs = KEPT_MS, youngMs = YOUNG_MS): Promise<void> {
    const needed = await this.snapshotsOfRuns();
    const isOld = (name: string, id: string, age: number): boolean =>
      // One of another name is offered now, or was when its upload was given up.
      name === id ? age >= keptMs && !needed.has(name) : age >= youngMs;
    const seen = new Set<string>();
    const kept = await this.contentsOfLists(seen, isOld);
    // A list that was offered meanwhile relies on what its box was seen to hold.
    await this.blobs.sweep(kept, youngMs, () => this.contentsOfLists(seen, () => false));
  }

  /** Of the lists that were not seen yet; those that are old are deleted. */
  private async contentsOfLists(
    seen: Set<string>,
    isOld: (name: string, id: string, age: number) => boolean,
  ): Promise<Set<string>> {
    const kept = new Set<string>();
    for (const name of await readdir(this.home.snapshots).catch(() => [])) {
      // The store may be set to a folder where somebody else keeps snapshots.
      const id = snapshotName.test(name) ? /[0-9a-f]{64}/.exec(name)?.[0] : undefined;
      if (id === undefined || seen.has(name)) continue;
      seen.add(name);
      const path = join(this.home.snapshots, name);
      const there = await stat(path).catch(() => null);
      if (!there?.isFile()) continue;
      if (isOld(name, id, Date.now() - there.mtimeMs)) await rm(path, { force: true });
      else this.entries(id, path)?.forEach(({ sha256: each }) => kept.add(each));
    }
    return kept;
  }

  dispose(): void {
    for (const id of this.offered.keys()) rmSync(this.beside(id), { force: true });
    this.offered.clear();
  }

  private async snapshotsOfRuns(): Promise<Set<string>> {
    const needed = new Set<string>();
    for (const run of await readdir(this.home.runs).catch(() => [])) {
      const text = await readFile(join(this.home.runs, run, "run.json"), "utf8").catch(() => "");
      // Read as text: one run's odd record must not cost another its code.
      for (const [, id = ""] of text.matchAll(/"snapshot":\s*"([0-9a-f]{64})"/g)) needed.add(id);
    }
    return needed;
  }

  private async missingOf(entries: readonly SnapshotEntry[]): Promise<Missing[]> {
    const [held, parts] = await Promise.all([this.blobs.names(), this.blobs.parts()]);
    const missing: Missing[] = [];
    entries.forEach(({ sha256: each, target, size }, at) => {
      if (target !== null || held.has(each)) return;
      held.add(each);
      const from = parts.get(each) ?? 0;
      missing.push({ at, from: from < size ? from : 0 });
    });
    return missing;
  }

  /** The list while it is offered: keeps what the upload relies on from being swept. */
  private beside(id: string): string {
    return join(this.home.snapshots, `.${id}.${process.pid}`);
  }
}

const sha256 = (content: string | Uint8Array): string => createHash("sha256").update(content).digest("hex");

async function unzipped(data: Buffer, maxOutputLength: number): Promise<Buffer> {
  try {
    return await unzip(data, { maxOutputLength });
  } catch (error) {
    throw uploadFailed(`what arrived cannot be unpacked (${messageOf(error)}); run the config again`);
  }
}
