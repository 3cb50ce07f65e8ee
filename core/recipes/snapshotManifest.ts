// What a snapshot's name is the hash of: paths, modes and contents, never the archive that carried them. Pure text.
export interface SnapshotEntry {
  /** Relative to the workspace, with `/`. */
  path: string;
  mode: "file" | "executable" | "link";
  /** Of the content, hex; of a link's target text. */
  sha256: string;
}

/** Hashed as UTF-8, this gives the snapshot's name. Equal files give equal text, whatever their order, times and owner. */
export function snapshotManifestText(entries: readonly SnapshotEntry[]): string {
  return [...entries]
    .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
    .map(({ path, mode, sha256 }) => `${JSON.stringify([path, mode, sha256])}\n`)
    .join("");
}
