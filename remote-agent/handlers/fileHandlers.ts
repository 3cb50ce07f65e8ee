// Bytes of a target's own files, its log, and the folders of the box for the picker. Never a path outside the target.
import { open, readdir, realpath, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { RunsideError } from "../../core/base/errors";
import type { Handlers } from "../../core/protocol/define";
import type { files } from "../../core/protocol/files";
import { absolute, isInside } from "../disk/home";
import type { Target } from "../index/target";
import type { Targets } from "../index/targets";

const PIECE = 192 * 1024;
const FOLDERS = 2000;
/** A line that has no end yet is sent again with what comes to it, up to this length. */
const LONGEST_OPEN = 16 * 1024;

const unreadable = (path: string, why: string, next: string): RunsideError =>
  new RunsideError("trace/unreadable", `${path} cannot be read: ${why}; ${next}.`, { data: { path } });

function refused(path: string, { code = "error" }: NodeJS.ErrnoException): RunsideError {
  if (code === "EACCES" || code === "EPERM")
    return unreadable(path, `your user on the box may not (${code})`, "change its permissions there, then try again");
  if (code === "ENOENT") return gone(path);
  return unreadable(path, `the box says ${code}`, "look at it in a terminal there, then try again");
}

const gone = (path: string): RunsideError =>
  unreadable(path, "there is no such file or folder", "look on the box whether it was moved or deleted");

const elsewhere = "open the folder that holds it";

export function fileHandlers(targets: Targets): Handlers<typeof files> {
  return {
    read: ({ target, path, offset, length }) =>
      targets.use(target, async (t) => {
        const { bytes, size } = await readPiece(await insideTarget(t, path), path, offset, Math.min(length, PIECE));
        return { data: bytes.toString("base64"), size };
      }),
    log: ({ target, before, after, maxBytes }) =>
      targets.glance(target, async (t) => {
        const log = t.files?.log;
        const size = t.logSize();
        if (!log || size === 0) return { text: "", start: 0, end: 0, openAt: 0, size };
        const limit = Math.min(maxBytes, PIECE);
        const end = after === undefined ? Math.min(before ?? size, size) : Math.min(after + limit, size);
        const start = after ?? Math.max(0, end - limit);
        // One byte more tells whether a line begins there.
        const lead = after === undefined || after === 0 ? 0 : 1;
        const { bytes } = await readPiece(log, "output.log", start - lead, end > start ? end - start + lead : 0);
        // Nor would a line that fills the whole piece ever end.
        const endless = (lead === 1 && !isLineEnd(bytes[0])) || (after !== undefined && end < size);
        return { ...wholeLines(bytes.subarray(lead), start, after === undefined, endless), size };
      }),
    list: async ({ path }) => listFolders(absolute(path === "" ? "~" : path)),
  };
}

/** A progress bar returns where others begin a new line. */
const isLineEnd = (byte: number | undefined): boolean => byte === 10 || byte === 13;

/**
 * A piece that begins inside a line begins at the next one; UTF-8 is never cut. `endless`: it begins inside one all the same. `openAt`:
 * where the line without an end begins, for who asks on.
 */
function wholeLines(
  bytes: Buffer,
  start: number,
  cutStart: boolean,
  endless: boolean,
): { text: string; start: number; end: number; openAt: number } {
  let from = 0;
  if (cutStart && start > 0) from = bytes.indexOf(10) + 1;
  // In the middle of an endless line: at least not in the middle of a character.
  for (let n = 0; start > 0 && n < 3 && ((bytes[from] ?? 0) & 0xc0) === 0x80; n++) from++;
  let to = bytes.length;
  // Continuation bytes at the end belong to a character that is not complete yet.
  for (let back = 1; back <= 3 && to - back >= from; back++) {
    const byte = bytes[to - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    if (needed > back) to -= back;
    break;
  }
  let open = to;
  while (open > from && !isLineEnd(bytes[open - 1])) open--;
  // What begins inside a line cannot be told from the part of it that was sent before.
  if (to - open > LONGEST_OPEN || (open === from && endless)) open = to;
  return { text: bytes.toString("utf8", from, to), start: start + from, end: start + to, openAt: start + open };
}

async function insideTarget(target: Target, path: string): Promise<string> {
  const place = target.index.locate(path);
  if (!place) throw unreadable(path, "it is not part of what is shown", elsewhere);
  const real = await realpath(place).catch(() => null);
  if (!real) throw gone(path);
  const roots = await Promise.all(target.index.rootsInUse().map((r) => realpath(r.absolute).catch(() => r.absolute)));
  if (!roots.some((root) => isInside(real, root))) throw unreadable(path, "it lies outside what is shown", elsewhere);
  return real;
}

async function readPiece(
  place: string,
  name: string,
  offset: number,
  length: number,
): Promise<{ bytes: Buffer; size: number }> {
  const failed = (error: NodeJS.ErrnoException): never => {
    throw refused(name, error);
  };
  // Opening a pipe would wait for its other end.
  const seen = await stat(place).catch(failed);
  if (!seen.isFile()) throw unreadable(name, "it is no file", "choose a file");
  const handle = await open(place, "r").catch(failed);
  try {
    const { size } = await handle.stat();
    const from = Math.max(0, Math.trunc(offset));
    const bytes = Buffer.alloc(Math.max(0, Math.min(Math.trunc(length), size - from)));
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, from);
    return { bytes: bytes.subarray(0, bytesRead), size };
  } finally {
    await handle.close();
  }
}

async function listFolders(
  path: string,
): Promise<{ path: string; parent: string | null; folders: { name: string; modifiedAt: string }[] }> {
  const entries = await readdir(path, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    throw refused(path, error);
  });
  const names = entries.filter((e) => !e.name.startsWith(".") && (e.isDirectory() || e.isSymbolicLink()));
  const folders = await Promise.all(
    names.slice(0, FOLDERS).map(async ({ name }) => {
      const seen = await stat(join(path, name)).catch(() => null);
      return seen?.isDirectory() ? { name, modifiedAt: new Date(seen.mtimeMs).toISOString() } : null;
    }),
  );
  return {
    path,
    parent: dirname(path) === path ? null : dirname(path),
    folders: folders.filter((f) => f !== null).sort((a, b) => (a.modifiedAt < b.modifiedAt ? 1 : -1)),
  };
}
