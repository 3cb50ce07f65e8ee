// The workspace onto a box: list, name, ask whether the box has it, and only if not, pack and send.
import { randomBytes } from "node:crypto";
import { launchFailed } from "../../core/base/errors";
import { describeSnapshot, packSnapshot, SnapshotChanged, type ArchivePiece, type Snapshot } from "./archive";
import { listWorkspaceFiles, type WorkspaceFiles, type WorkspaceOptions } from "./workspaceFiles";

/** The box's side, shaped as `snapshots/has` and `snapshots/put` are. */
export interface SnapshotStore {
  has(params: { sha: string }): Promise<{ has: boolean }>;
  put(params: { sha: string; upload: string } & ArchivePiece): Promise<unknown>;
}

export interface SendOptions extends WorkspaceOptions {
  onProgress?: (step: { doing: "reading" | "sending"; bytes: number; total: number }) => void;
}

export interface SentSnapshot {
  snapshot: Snapshot;
  listing: WorkspaceFiles;
  /** Compressed bytes that went over the channel; 0 where the box had the snapshot. */
  sent: number;
}

export async function sendSnapshot(
  folder: string,
  store: SnapshotStore,
  options: SendOptions = {},
): Promise<SentSnapshot> {
  const { signal, onProgress } = options;
  for (let tries = 0; ; tries++) {
    const listing = await listWorkspaceFiles(folder, options);
    const total = listing.bytes;
    const report = (doing: "reading" | "sending") => (bytes: number) => onProgress?.({ doing, bytes, total });
    const snapshot = await describeSnapshot(folder, listing.files, { signal, onProgress: report("reading") });
    const sha = snapshot.sha256;
    if ((await store.has({ sha })).has) return { snapshot, listing, sent: 0 };
    const upload = randomBytes(8).toString("hex");
    try {
      const take = async (piece: ArchivePiece): Promise<void> => void (await store.put({ sha, upload, ...piece }));
      const { bytes } = await packSnapshot(folder, snapshot, take, { signal, onProgress: report("sending") });
      return { snapshot, listing, sent: bytes };
    } catch (error) {
      if (!(error instanceof SnapshotChanged)) throw error;
      // Somebody saved a file meanwhile: the snapshot is taken again, under its new name.
      if (tries < 2) continue;
      throw launchFailed(`${error.message} again and again; launch when nothing writes it, or add it to .gitignore.`, {
        path: error.path,
      });
    }
  }
}
