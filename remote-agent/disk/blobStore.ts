// Contents by their hash, each written once, checked, and never changed: snapshots share them. No run is ever given one
// itself, only copies, because to root, the usual user of a rented box, a file's mode forbids nothing.
import { createHash } from "node:crypto";
import { constants, createReadStream } from "node:fs";
import { chmod, mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, RunsideError } from "../../core/base/errors";
import type { PackRecord } from "../../core/recipes/packs";
import { forEachOf, smallFiles } from "./manyAtOnce";
import type { Home } from "./home";
import { blobName, blobPartName } from "./ownNames";

/** Younger blobs are never swept: they may belong to an upload under way. */
export const YOUNG_MS = 60 * 60 * 1000;

/** What an upload or a working tree ends with: one sentence that says what to do. */
export function uploadFailed(why: string, cause?: unknown): RunsideError {
  return new RunsideError("agent/upload-failed", `The workspace was not sent: ${why}.`, { cause });
}

/** A failure of the disk in words; ours pass as they are. */
export function diskFailure(error: unknown, folder: string): RunsideError {
  if (error instanceof RunsideError) return error;
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code === "ENOSPC") return uploadFailed(`the disk of the box is full; free space for ${folder}`, error);
  if (code === "EDQUOT") return uploadFailed(`your quota on the box is used up; free space for ${folder}`, error);
  return uploadFailed(`${folder} could not be written (${messageOf(error)})`, error);
}

export class BlobStore {
  private readonly made = new Set<string>();
  private written = 0;

  constructor(private readonly home: Home) {}

  path(sha256: string): string {
    return join(this.home.blobs, sha256.slice(0, 1), sha256);
  }

  /** Names of all contents that are here: a few folders are read faster than thousands of files are asked for. */
  async names(): Promise<Set<string>> {
    const folders = Array.from("0123456789abcdef", (digit) => join(this.home.blobs, digit));
    return new Set((await Promise.all(folders.map((folder) => readdir(folder).catch(() => [])))).flat());
  }

  /** Bytes of each content that a cut upload left for us to go on with. */
  async parts(): Promise<Map<string, number>> {
    const held = new Map<string, number>();
    for (const name of await readdir(join(this.home.blobs, "parts")).catch(() => [])) {
      const [sha256 = "", pid] = name.split(".");
      const part = Number(pid) === process.pid ? await stat(this.part(sha256)).catch(() => null) : null;
      if (part) held.set(sha256, part.size);
    }
    return held;
  }

  /** A content that is not what it was: the next upload brings it again. */
  async forget(sha256: string): Promise<void> {
    await rm(this.path(sha256), { force: true });
  }

  /** An upload begins: takes over what others left that were cut, for their agents have ended with their links. */
  async begin(): Promise<void> {
    // Somebody may have cleared the folders since.
    this.made.clear();
    for (const name of await readdir(join(this.home.blobs, "parts")).catch(() => [])) {
      const [, sha256 = "", pid = ""] = /^([0-9a-f]{64})\.(\d+)$/.exec(name) ?? [];
      if (sha256 === "" || exists(Number(pid)) || (await stat(this.part(sha256)).catch(() => null))) continue;
      await rename(this.part(sha256, Number(pid)), this.part(sha256)).catch(() => undefined);
    }
  }

  /** One call after the other: parts of a content build on each other. */
  async receive(records: readonly PackRecord[]): Promise<void> {
    const whole = records.filter(({ bytes, total }) => bytes.length === total);
    const parts = records.filter(({ bytes, total }) => bytes.length < total);
    try {
      await forEachOf(whole, (record) => this.writeWhole(record));
      for (const part of parts) await this.writePart(part);
    } catch (error) {
      throw diskFailure(error, this.home.root);
    }
  }

  /**
   * Removes what nobody refers to, half-written files of the dead included. `kept` are hashes. Contents are first put aside, where no
   * upload counts on them; then `late` says which of them one has begun to count on before, and those go back.
   */
  async sweep(kept: ReadonlySet<string>, youngMs: number, late: () => Promise<ReadonlySet<string>>): Promise<number> {
    let removed = 0;
    const before = Date.now() - youngMs;
    const aside = new Map<string, string>();
    for (const folder of [..."0123456789abcdef", "parts"]) {
      for (const name of await readdir(join(this.home.blobs, folder)).catch(() => [])) {
        const path = join(this.home.blobs, folder, name);
        // Another's file may lie here too, where the store is set to a folder of other things.
        if (kept.has(name) || !(blobName.test(name) || blobPartName.test(name))) continue;
        const seen = await stat(path).catch(() => null);
        if (!seen || seen.mtimeMs > before) continue;
        const isContent = folder !== "parts" && name.length === 64;
        if (!isContent) {
          await rm(path, { force: true });
          removed++;
          continue;
        }
        // Of a kind that the next sweep removes, should this one be cut.
        const away = this.beside(path);
        if (await renamed(path, away)) aside.set(name, away);
      }
    }
    const needed = aside.size > 0 ? await late() : new Set();
    for (const [name, away] of aside) {
      if (needed.has(name) && (await renamed(away, this.path(name)))) continue;
      await rm(away, { force: true });
      removed++;
    }
    return removed;
  }

  private beside(path: string): string {
    return `${path}.tmp-${process.pid}-${++this.written}`;
  }

  /** Of this process alone: another's file may be changing under its hands, and only the end's hash would tell. */
  private part(sha256: string, pid = process.pid): string {
    return join(this.home.blobs, "parts", `${sha256}.${pid}`);
  }

  private async writeWhole({ sha256, bytes }: PackRecord): Promise<void> {
    if (createHash("sha256").update(bytes).digest("hex") !== sha256)
      throw uploadFailed("what arrived is not what was sent; run the config again");
    const path = this.path(sha256);
    await this.ensure(sha256.slice(0, 1));
    const beside = this.beside(path);
    try {
      await smallFiles.write(beside, bytes, 0o444);
      await smallFiles.rename(beside, path);
    } catch (error) {
      await rm(beside, { force: true }).catch(() => undefined);
      throw error;
    }
  }

  /** Two windows may send one content: whoever comes last finds it done. */
  private async writePart({ sha256, total, offset, bytes }: PackRecord): Promise<void> {
    const path = this.path(sha256);
    const part = this.part(sha256);
    if ((await stat(path).catch(() => null))?.size === total) return rm(part, { force: true });
    await this.ensure("parts");
    // Neither truncated nor appended to: every part goes to its own place.
    const file = await open(part, constants.O_RDWR | constants.O_CREAT, 0o600);
    try {
      if ((await file.stat()).size < offset) throw uploadFailed("its parts came out of order; run the config again");
      for (let done = 0; done < bytes.length;)
        done += (await file.write(bytes, done, bytes.length - done, offset + done)).bytesWritten;
    } finally {
      await file.close();
    }
    if (offset + bytes.length < total) return;
    const hash = createHash("sha256");
    for await (const piece of createReadStream(part)) hash.update(piece as Buffer);
    if (hash.digest("hex") !== sha256) {
      await rm(part, { force: true });
      throw uploadFailed("what arrived is not what was sent; run the config again");
    }
    await this.ensure(sha256.slice(0, 1));
    await chmod(part, 0o444);
    await rename(part, path);
  }

  private async ensure(folder: string): Promise<void> {
    if (this.made.has(folder)) return;
    await mkdir(join(this.home.blobs, folder), { recursive: true, mode: 0o700 });
    this.made.add(folder);
  }
}

const renamed = (from: string, to: string): Promise<boolean> =>
  rename(from, to).then(
    () => true,
    () => false,
  );

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
