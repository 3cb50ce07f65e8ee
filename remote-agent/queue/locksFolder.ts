// The one folder that the users of a box share: GPU locks and tickets of the queue, nothing of any run. On a local disk alone, because
// locks of a network file system are not the kernel's.
import {
  accessSync,
  chmodSync,
  constants,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import { launchFailed, messageOf } from "../../core/base/errors";
import { readTextOrNull, writeAtomic } from "../disk/atomicFile";
import { Home, isInside } from "../disk/home";
import { is } from "./flock";

/** The same for every user, whatever their TMPDIR says: two folders would be two queues for the same GPUs. */
const DEFAULT = "/tmp/runside-locks";
/** In the store. */
const CHOICE = "locks-folder";
const QUEUE_FILE = /^(?:gpu-[\w-]{1,120}\.lock|queue\.lock|(?:new-)?ticket-\d{10}-[0-9a-f]{12})$/;

/**
 * Where it lies, whether it is there or not: a folder, or `per-user` for a queue of one's own, from RUNSIDE_LOCKS or the file
 * `locks-folder` of the store (which the setting writes), which every agent, supervisor and command line of this user reads alike.
 */
export function locksPlace(): { folder: string; own: boolean } {
  const said = process.env["RUNSIDE_LOCKS"]?.trim() || readTextOrNull(join(new Home().root, CHOICE))?.trim() || DEFAULT;
  if (said === "per-user") return { folder: join(tmpdir(), `runside-locks-${process.getuid?.() ?? 0}`), own: true };
  if (!isAbsolute(said))
    throw launchFailed(`The folder of GPU locks must be a full path or per-user, and it is set to "${said}".`);
  return { folder: said, own: false };
}

/**
 * Takes a person's choice over into the store, where every supervisor and command line finds it: two folders would be two queues
 * for the same GPUs. Answers what speaks against it, in words.
 */
export function chooseLocks(home: Home, chosen: string): string[] {
  if (chosen !== "per-user" && !isAbsolute(chosen))
    return [`runside.locksFolder is "${chosen}", and it must be a full path or per-user: it is not used.`];
  const file = join(home.root, CHOICE);
  try {
    if (readTextOrNull(file)?.trim() !== chosen) writeAtomic(file, `${chosen}\n`);
  } catch (error) {
    return [`runside.locksFolder could not be written to ${file} (${messageOf(error)}): it is not used.`];
  }
  const wins = process.env["RUNSIDE_LOCKS"]?.trim();
  return wins && wins !== chosen ? [`RUNSIDE_LOCKS of this box is ${wins}: runside.locksFolder is not used.`] : [];
}

/** Made on first use. Throws `run/launch-failed` where it cannot keep a lock, with what to do. */
export function locksFolder(): string {
  const { folder, own } = locksPlace();
  const mode = own ? 0o700 : 0o1777;
  // Made with its mode in one step: another user may come a moment later.
  const before = process.umask(0);
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    if (!is(error, "EEXIST"))
      throw launchFailed(
        `The folder of GPU locks ${folder} cannot be made (${(error as NodeJS.ErrnoException).code ?? "error"}): set RUNSIDE_LOCKS, or in the editor the setting runside.locksFolder, to a local folder that every user of this box can write.`,
      );
  } finally {
    process.umask(before);
  }
  const wrong = unfit(folder, mode);
  if (wrong) throw launchFailed(`The folder of GPU locks ${folder} ${wrong}.`);
  return folder;
}

/** Locks and tickets of this user, and the folder itself where it is one that Runside makes. */
export function queueFiles(): { files: string[]; folder: string | null } {
  const nothing = { files: [], folder: null };
  const uid = process.getuid?.();
  try {
    const { folder, own } = locksPlace();
    const mine = (path: string): boolean => lstatSync(path).uid === uid;
    if (!lstatSync(folder).isDirectory()) return nothing;
    const files = readdirSync(folder)
      .filter((name) => QUEUE_FILE.test(name))
      .map((name) => join(folder, name))
      .filter(mine);
    return { files, folder: (own || folder === DEFAULT) && mine(folder) ? folder : null };
  } catch {
    return nothing;
  }
}

function unfit(folder: string, mode: number): string | null {
  const found = lstatSync(folder);
  if (!found.isDirectory()) return "is no folder: remove it, or set RUNSIDE_LOCKS to another place";
  const mine = found.uid === process.getuid?.();
  if (mine && (found.mode & 0o7777) !== mode) chmodSync(folder, mode);
  else if (!mine && (found.mode & 0o1002) === 0o002)
    return "lets everybody delete everybody's locks: its owner must chmod it to 1777";
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch {
    return "cannot be written by you: ask its owner to chmod it to 1777, or set RUNSIDE_LOCKS to per-user for a queue of your own";
  }
  const remote = networkTypeOf(realpathSync(folder), mounts());
  return remote === null
    ? null
    : `lies on a network file system (${remote}), whose locks are not reliable: set RUNSIDE_LOCKS to a folder on a local disk`;
}

function mounts(): string {
  try {
    return readFileSync("/proc/self/mountinfo", "utf8");
  } catch {
    return "";
  }
}

const NETWORK =
  /^(?:nfs\d?|cifs|smb\d?|smbfs|afs|lustre|gpfs|beegfs|ceph|glusterfs|ocfs2|gfs2|pvfs2|orangefs|panfs|wekafs|ncpfs|fuse\.(?!fuse-overlayfs$).+)$/;

/** The type of the mount that holds an absolute path, where it is a network's; `mountinfo` as proc(5) describes it. */
export function networkTypeOf(path: string, mountinfo: string): string | null {
  let holding = { at: "", type: "" };
  for (const line of mountinfo.split("\n")) {
    const [front = "", back = ""] = line.split(" - ");
    const at = (front.split(" ")[4] ?? "").replace(/\\([0-7]{3})/g, (_all, octal: string) =>
      String.fromCharCode(parseInt(octal, 8)),
    );
    // A later mount on the same place covers the earlier one.
    if (at !== "" && isInside(path, at) && at.length >= holding.at.length)
      holding = { at, type: back.split(" ")[0] ?? "" };
  }
  return NETWORK.test(holding.type) ? holding.type : null;
}
