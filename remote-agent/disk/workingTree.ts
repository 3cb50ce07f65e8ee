// A run's own files: a snapshot laid out where the run may write. Copies (reflinks where the file system can), never links
// to the shared contents: a program that overwrites one of its files changes its own run and no other.
import { constants } from "node:fs";
import { chmod, copyFile, mkdir, stat, symlink } from "node:fs/promises";
import { bytesOfName, partsOfName, shownName } from "../../core/base/byteName";
import { messageOf, launchFailed } from "../../core/base/errors";
import type { SnapshotEntry } from "../../core/recipes/snapshotManifest";
import type { BlobStore } from "./blobStore";
import { forEachOf, smallFiles } from "./manyAtOnce";

/** Read and written whole: three calls less than a copy with its checks. */
const SMALL = 256 * 1024;

/** Bytes of the path, because a name need not be text. */
export function pathIn(folder: string, name: string): Buffer {
  const bytes = bytesOfName(name);
  if (!bytes) throw launchFailed("A file's name in the snapshot cannot be read; run the config again.");
  return Buffer.concat([Buffer.from(`${folder}/`), bytes]);
}

/** `folder` must not exist. Leaves what it has made behind where it fails: the caller removes it. */
export async function layOut(entries: readonly SnapshotEntry[], blobs: BlobStore, folder: string): Promise<void> {
  try {
    await makeFolders(entries, folder);
    await forEachOf(entries, async (entry) => {
      const path = pathIn(folder, entry.path);
      if (entry.target !== null) return symlink(Buffer.from(bytesOfName(entry.target) ?? []), path);
      const blob = blobs.path(entry.sha256);
      const mode = entry.mode === "executable" ? 0o755 : 0o644;
      let copied = entry.size;
      if (entry.size <= SMALL) {
        const content = await smallFiles.read(blob);
        copied = content.length;
        await smallFiles.write(path, content, mode);
      } else {
        await copyFile(blob, path, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
        copied = (await stat(path)).size;
        // The copy has the blob's mode, which is read-only.
        await chmod(path, mode);
      }
      if (copied === entry.size) return;
      // A content that lost its end to a crash must not be trained on.
      await blobs.forget(entry.sha256);
      throw gone(entry);
    });
  } catch (error) {
    throw inWords(error, folder);
  }
}

async function makeFolders(entries: readonly SnapshotEntry[], folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const made = new Set<string>();
  for (const { path } of entries) {
    const parts = partsOfName(path)?.slice(0, -1) ?? [];
    const parent = parts.join("/");
    if (parts.length === 0 || made.has(parent)) continue;
    made.add(parent);
    await mkdir(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(parent, "latin1")]), { recursive: true });
  }
}

const gone = (entry: SnapshotEntry): Error =>
  launchFailed(`The box no longer has the content of ${shownName(entry.path)}; run the config again to send it.`);

function inWords(error: unknown, folder: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOENT")
    return launchFailed("The box no longer has all of the workspace's files; run the config again to send them.");
  if (code === "ENOSPC" || code === "EDQUOT")
    return launchFailed(`The disk of the box is full: the run's files did not fit into ${folder}; free space there.`);
  return code === undefined ? error : launchFailed(`The run's files could not be written: ${messageOf(error)}.`);
}
