// The workspace onto a box: list, name, ask what the box lacks, send only that, and have it made final.
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { cancelled, launchFailed, messageOf } from "../../core/base/errors";
import { editsBetween, type ListEdit } from "../../core/recipes/snapshotEdits";
import { listOf, manifestText, type SnapshotEntry, type SnapshotList } from "../../core/recipes/snapshotManifest";
import { describeFiles, hashOf } from "./describe";
import { FileChanged, neverRests, packsOf, type Wanted } from "./packs";
import { throwIfAborted } from "./takeTurns";
import { listWorkspaceFiles, type WorkspaceFiles, type WorkspaceOptions } from "./workspaceFiles";

/** The box's side, shaped as the messages of `core/protocol/snapshots` are. */
export interface SnapshotStore {
  /** By folder, what this store was last seen to hold of it: the next list is told from there. */
  readonly sent: Map<string, SentList>;
  has(params: { id: string }): Promise<{ has: boolean }>;
  offer(
    params: { id: string; manifest: string } | { id: string; base: string; edits: ListEdit[] },
  ): Promise<Lacking & { outcome: "held" | "offered" | "unknown-base" }>;
  put(params: { pack: string }): Promise<unknown>;
  commit(params: { id: string }): Promise<Lacking>;
}

export interface SentList {
  id: string;
  list: SnapshotList;
}

interface Lacking {
  missing: { at: number; from: number }[];
}

export interface UploadSize {
  /** Of files that the box lacks, unpacked, and how many those are. */
  bytes: number;
  files: number;
  /** The largest of them, largest first. */
  largest: { path: string; size: number }[];
  /** The whole workspace. */
  total: number;
}

export interface SendOptions extends WorkspaceOptions {
  onProgress?: (step: { doing: "reading" | "sending"; bytes: number; total: number }) => void;
  /** Asked once, before the first byte of a file is sent; false ends the upload as cancelled. */
  mayUpload?: (size: UploadSize) => Promise<boolean>;
}

export interface SentSnapshot {
  id: string;
  entries: SnapshotEntry[];
  listing: WorkspaceFiles;
  /** Compressed bytes that went over the channel; 0 where the box had the snapshot. */
  sent: number;
}

/** Packs on their way at once: enough to fill a link of 50 ms, few enough to stop soon. */
const UNDERWAY = 6;
const ROUNDS = 4;
const zip = promisify(gzip);

/** Throws `cancelled`, `run/launch-failed` (this side) or `agent/upload-failed` (the box's). */
export async function sendSnapshot(
  folder: string,
  store: SnapshotStore,
  options: SendOptions = {},
): Promise<SentSnapshot> {
  const { signal, onProgress } = options;
  let sent = 0;
  let allowed = options.mayUpload === undefined;
  for (let round = 1; ; round++) {
    const listing = await listWorkspaceFiles(folder, options);
    const total = listing.bytes;
    const entries = await describeFiles(folder, listing.files, {
      signal,
      onProgress: (bytes) => onProgress?.({ doing: "reading", bytes, total }),
    });
    let list = listOf(entries);
    try {
      for (let again = 1; again <= ROUNDS; again++) {
        // Equal files give equal ids, whatever their order, times and owner.
        const text = manifestText(list);
        const id = hashOf(text);
        const offered = await offer(folder, store, { id, list }, text);
        if (offered.outcome === "held") return hasAll(id);
        const wanted = offered.missing.flatMap(({ at, from }) => {
          const entry = list.entries[at];
          return entry ? [{ entry, from }] : [];
        });
        const size = sizeOf(wanted, total);
        if (!allowed && size.bytes > 0 && !(await options.mayUpload?.(size))) throw cancelled();
        allowed = true;
        const before = wanted.map(({ entry }) => entry.sha256);
        const report = (bytes: number): void => onProgress?.({ doing: "sending", bytes, total: size.bytes });
        const packs = await sendPacks(folder, store, wanted, report, signal);
        sent += packs.sent;
        // Small files that changed meanwhile were sent as they are now: their list has another name.
        const isAsListed = wanted.every(({ entry }, nth) => entry.sha256 === before[nth]);
        const [, committed] = await allOf(packs.answered, isAsListed ? store.commit({ id }) : null);
        if (committed?.missing.length === 0) return hasAll(id);
        list = listOf(entries);
      }
      throw launchFailed("The workspace's files changed again and again while they were sent; launch when they rest.");
    } catch (error) {
      if (!(error instanceof FileChanged)) throw error;
      if (round === ROUNDS) throw neverRests(error);
    }

    function hasAll(id: string): SentSnapshot {
      store.sent.set(folder, { id, list });
      return { id, entries, listing, sent };
    }
  }
}

/** By what changed where the box has the folder's last list; else whole, unless it has just that one. */
async function offer(
  folder: string,
  store: SnapshotStore,
  { id, list }: SentList,
  text: string,
): ReturnType<SnapshotStore["offer"]> {
  const base = store.sent.get(folder);
  const edits = base ? editsBetween(base.list, list) : null;
  const answer = base && edits ? await store.offer({ id, base: base.id, edits }) : null;
  if (answer && answer.outcome !== "unknown-base") return answer;
  store.sent.delete(folder);
  if ((await store.has({ id })).has) return { outcome: "held", missing: [] };
  return store.offer({ id, manifest: (await zip(text, { level: 1 })).toString("base64") });
}

/** Ends when both have, and throws what the first of them threw. */
async function allOf<A, B>(first: Promise<A>, second: Promise<B> | null): Promise<[A, B | null]> {
  const [one, other] = await Promise.allSettled([first, second]);
  if (one.status === "rejected") throw one.reason;
  if (other.status === "rejected") throw other.reason;
  return [one.value, other.value];
}

function sizeOf(wanted: readonly Wanted[], total: number): UploadSize {
  const largest = wanted
    .map(({ entry: { path, size } }) => ({ path, size }))
    .sort((a, b) => b.size - a.size)
    .slice(0, 5);
  const bytes = wanted.reduce((sum, { entry, from }) => sum + entry.size - from, 0);
  return { bytes, files: wanted.length, largest, total };
}

/** Ends when every pack is on its way, after its answer where it failed; `answered` when the box has taken them all. */
async function sendPacks(
  folder: string,
  store: SnapshotStore,
  wanted: readonly Wanted[],
  report: (bytes: number) => void,
  signal: AbortSignal | undefined,
): Promise<{ sent: number; answered: Promise<void> }> {
  const underway = new Set<Promise<void>>();
  let failure: Error | null = null;
  let sent = 0;
  let done = 0;
  const answered = async (): Promise<void> => {
    await Promise.all(underway);
    if (failure) throw failure;
  };
  try {
    for await (const { bytes, content } of packsOf(folder, wanted, signal)) {
      const pack = (await zip(bytes, { level: 1 })).toString("base64");
      const put = store.put({ pack }).then(
        () => report((done += content)),
        (error: unknown) => {
          failure ??= error instanceof Error ? error : new Error(messageOf(error));
        },
      );
      const ended = put.finally(() => underway.delete(ended));
      underway.add(ended);
      sent += pack.length;
      if (underway.size >= UNDERWAY) await Promise.race(underway);
      if (failure) break;
      throwIfAborted(signal);
    }
  } catch (error) {
    await Promise.all(underway);
    throw failure ?? error;
  }
  return { sent, answered: answered() };
}
