// Copies a run's files from its box into a folder of this machine. A copy that was cut, or of a run that went on, is continued; two
// windows that keep the same run do it one after the other.
import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, rm, rmdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { cancelled, RunsideError } from "../../core/base/errors";
import { keptFile, keptSchema, type KeptRecord } from "../../core/model/kept";
import { keeping, type LeftOut } from "../../core/protocol/keeping";
import type { Peer } from "../../core/rpc/peer";
import { BytesMask } from "./bytesMask";
import { FileCopy } from "./fileCopy";
import { withKeepLock } from "./keepLock";
import { LocalNames } from "./localNames";

export interface KeepRequest {
  peer: Peer;
  id: string;
  /** Its name, for the record. */
  box: string;
  /** Absolute; made where it is not there. */
  folder: string;
  /** As `keeping/list` names them; others stay on the box. */
  checkpoints: readonly string[];
  /** Values that the copy must not hold. */
  secrets: Iterable<string>;
  report?: (done: number, total: number) => void;
  /** Another window copies it just now. */
  onWait?: () => void;
  /** Whose file names are to be held; this machine's unless given. */
  platform?: NodeJS.Platform;
  signal?: AbortSignal;
}

export interface Kept {
  files: number;
  /** Bytes that came over the link this time. */
  copied: number;
  masked: number;
  /** What somebody may miss: left out by the box, not to be held by this machine, or gone while it was copied. */
  skipped: LeftOut[];
}

/** What of it this machine cannot hold, whatever it is called there. */
const unheld = new Set(["ENAMETOOLONG", "EILSEQ", "EINVAL"]);

/** Throws `cancelled`; what was copied by then is continued the next time. */
export async function keepRun(request: KeepRequest): Promise<Kept> {
  const { folder, signal, onWait } = request;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    return await withKeepLock(folder, { signal, onWait }, () => keepAlone(request));
  } finally {
    // Of a run that is not there, nothing is.
    await rmdir(folder).catch(() => undefined);
  }
}

async function keepAlone(request: KeepRequest): Promise<Kept> {
  const { peer, id, box, folder, checkpoints, report, signal } = request;
  const { but, files, outside, skipped } = await peer.request(keeping.list, { id }, signal);
  const record: KeptRecord = (await readRecord(folder, id)) ?? { id, box, keptAt: "", files: {} };
  record.but = but;
  record.outside = outside;
  const names = new LocalNames(folder, request.platform);
  // What was copied before keeps its place.
  for (const held of Object.keys(record.files)) names.placeOf(held);
  const wanted = files.filter(({ checkpoint }) => checkpoint === null || checkpoints.includes(checkpoint));
  const values = [...request.secrets];
  const total = wanted.reduce((sum, file) => sum + file.bytes, 0);
  const kept: Kept = { files: 0, copied: 0, masked: 0, skipped: [...skipped] };
  let done = 0;
  try {
    for (const file of wanted) {
      if (signal?.aborted) throw cancelled();
      const local = names.placeOf(file.path);
      if ("why" in local) {
        kept.skipped.push({ path: file.path, why: local.why });
        continue;
      }
      const progress = (bytes: number): void => report?.(done + bytes, total);
      const copy = new FileCopy({ peer, id, signal, file, place: local.place, mask: new BytesMask(values), progress });
      const held = record.files[file.path];
      const outcome = await copy.run(held ?? null).catch(whyNot);
      if (typeof outcome === "string") kept.skipped.push({ path: file.path, why: outcome });
      else {
        record.files[file.path] = outcome;
        kept.files++;
      }
      kept.copied += copy.copied;
      kept.masked += copy.masked;
      done += file.bytes;
    }
  } finally {
    record.keptAt = new Date().toISOString();
    await writeWhole(path.join(folder, keptFile), `${JSON.stringify(record, null, 1)}\n`);
  }
  return kept;
}

/** Of a file that can be passed over; any other failure ends the copy. */
function whyNot(error: unknown): string {
  if (error instanceof RunsideError && error.code === "trace/unreadable")
    return "it went or changed while it was copied";
  if (unheld.has((error as NodeJS.ErrnoException).code ?? "")) return "this machine cannot hold a file of that name";
  throw error;
}

async function readRecord(folder: string, id: string): Promise<KeptRecord | null> {
  const text = await readFile(path.join(folder, keptFile), "utf8").catch(() => null);
  if (text === null) return null;
  try {
    const parsed = keptSchema.safeParse(JSON.parse(text));
    return parsed.success && parsed.data.id === id ? parsed.data : null;
  } catch {
    return null;
  }
}

async function writeWhole(place: string, text: string): Promise<void> {
  const part = `${place}.part-${randomBytes(6).toString("hex")}`;
  try {
    await writeFile(part, text, { mode: 0o600 });
    await rename(part, place);
  } finally {
    await rm(part, { force: true });
  }
}
