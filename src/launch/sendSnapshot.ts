// The workspace onto a box: list, name, ask what the box lacks, send only that, and have it made final.
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { cancelled, launchFailed, messageOf } from "../../core/base/errors";
import { snapshotManifestText, type SnapshotEntry } from "../../core/recipes/snapshotManifest";
import { describeFiles, hashOf } from "./describe";
import { FileChanged, neverRests, packsOf, type Wanted } from "./packs";
import { throwIfAborted } from "./takeTurns";
import { listWorkspaceFiles, type WorkspaceFiles, type WorkspaceOptions } from "./workspaceFiles";

/** The box's side, shaped as the messages of `core/protocol/snapshots` are. */
export interface SnapshotStore {
  has(params: { id: string }): Promise<{ has: boolean }>;
  offer(params: { id: string; manifest: string }): Promise<Lacking>;
  put(params: { pack: string }): Promise<unknown>;
  commit(params: { id: string }): Promise<Lacking>;
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
    let text = snapshotManifestText(entries);
    try {
      for (let again = 1; again <= ROUNDS; again++) {
        // Equal files give equal ids, whatever their order, times and owner.
        const id = hashOf(text);
        if ((await store.has({ id })).has) return { id, entries, listing, sent };
        const wanted = await offer(store, id, text, entries);
        const size = sizeOf(wanted, total);
        if (!allowed && size.bytes > 0 && !(await options.mayUpload?.(size))) throw cancelled();
        allowed = true;
        const report = (bytes: number): void => onProgress?.({ doing: "sending", bytes, total: size.bytes });
        sent += await sendPacks(folder, store, wanted, report, signal);
        // Small files that changed meanwhile were sent as they are now: their list has another name.
        const sentText = wanted.length === 0 ? text : snapshotManifestText(entries);
        if (sentText !== text) text = sentText;
        else if ((await store.commit({ id })).missing.length === 0) return { id, entries, listing, sent };
      }
      throw launchFailed("The workspace's files changed again and again while they were sent; launch when they rest.");
    } catch (error) {
      if (!(error instanceof FileChanged)) throw error;
      if (round === ROUNDS) throw neverRests(error);
    }
  }
}

async function offer(store: SnapshotStore, id: string, text: string, entries: SnapshotEntry[]): Promise<Wanted[]> {
  const manifest = (await zip(text, { level: 1 })).toString("base64");
  const inOrder = [...entries].sort((a, b) => (a.path < b.path ? -1 : 1));
  return (await store.offer({ id, manifest })).missing.flatMap(({ at, from }) => {
    const entry = inOrder[at];
    return entry ? [{ entry, from }] : [];
  });
}

function sizeOf(wanted: readonly Wanted[], total: number): UploadSize {
  const largest = wanted
    .map(({ entry: { path, size } }) => ({ path, size }))
    .sort((a, b) => b.size - a.size)
    .slice(0, 5);
  const bytes = wanted.reduce((sum, { entry, from }) => sum + entry.size - from, 0);
  return { bytes, files: wanted.length, largest, total };
}

/** Answers the bytes that went over the channel. Ends after every pack that was sent has been answered. */
async function sendPacks(
  folder: string,
  store: SnapshotStore,
  wanted: readonly Wanted[],
  report: (bytes: number) => void,
  signal: AbortSignal | undefined,
): Promise<number> {
  const underway = new Set<Promise<void>>();
  let failure: unknown = null;
  let sent = 0;
  let done = 0;
  try {
    for await (const { bytes, content } of packsOf(folder, wanted, signal)) {
      const pack = (await zip(bytes, { level: 1 })).toString("base64");
      const put = store.put({ pack }).then(
        () => report((done += content)),
        (error: unknown) => {
          failure ??= error;
        },
      );
      const ended = put.finally(() => underway.delete(ended));
      underway.add(ended);
      sent += pack.length;
      if (underway.size >= UNDERWAY) await Promise.race(underway);
      if (failure !== null) break;
      throwIfAborted(signal);
    }
  } finally {
    await Promise.all(underway);
  }
  if (failure !== null) throw failure instanceof Error ? failure : new Error(messageOf(failure));
  return sent;
}
