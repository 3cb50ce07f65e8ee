// Takes Runside off a box. Everything goes into one folder by renames first, so that a launch that comes meanwhile finds no agent
// to supervise it; what lived until then is looked for once more, and only then files are deleted, links not followed.
import { randomBytes } from "node:crypto";
import { lstatSync, mkdirSync, realpathSync, renameSync, rmdirSync, rmSync, unlinkSync } from "node:fs";
import { rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { messageOf, RunsideError } from "../../core/base/errors";
import type { Footprint, Uninstalled } from "../../core/model/footprint";
import { close, openShared, tryLock } from "../queue/flock";
import { queueFiles } from "../queue/locksFolder";
import { doomed, isThere, listed, liveRuns, usersOf, type Doomed } from "./footprint";
import { bytesUnder } from "./bytesUnder";
import { isInside, type Home } from "./home";

const SHOWN = 5;

const inUse = (message: string, data: Record<string, unknown>): RunsideError =>
  new RunsideError("agent/in-use", `Runside was not uninstalled: ${message}; nothing was deleted.`, { data });

/** Throws `agent/in-use`, by name, where a run lives or another process was started from the store. */
export function refuseWhereUsed({ live, users }: Pick<Footprint, "live" | "users">): void {
  const some = (words: readonly string[]): string =>
    words.slice(0, SHOWN).join(", ") + (words.length > SHOWN ? ` and ${words.length - SHOWN} more` : "");
  if (live.length > 0) {
    const runs = some(live.map(({ id, state }) => `${id} (${state})`));
    throw inUse(`${runs} must be stopped first`, { runs: live.map(({ id }) => id) });
  }
  if (users.length > 0) {
    const pids = some(users.map(({ pid, does }) => `${does} ${pid}`));
    throw inUse(`other windows, terminals or programs use it (${pids}), close them first`, { users });
  }
}

/** `quiet` ends what in this process might write into the store; it is called once, when nothing speaks against going on. */
export async function uninstall(
  home: Home,
  runs: "keep" | "delete",
  quiet = (): void => undefined,
): Promise<Uninstalled> {
  const check = (): void => refuseWhereUsed({ live: liveRuns(home), users: usersOf(home) });
  check();
  quiet();
  const all = doomed(home);
  const going = all.filter(({ part }) => part !== "runs" || runs === "delete");
  const bytes = await total(going);
  // Where it lies is written in the store.
  const queue = queueFiles();
  const left: string[] = [];
  await removeFromStore(home, going, check, left);
  for (const { path } of going.filter((each) => each.part === "node" && !isInside(each.path, home.root))) {
    await remove(path, left);
    // The folder of this user alone, where nothing else is in it.
    removeEmpty(dirname(path));
  }
  removeLocks(queue);
  const kept = new Set(all.filter((each) => !going.includes(each)).map(({ path }) => path));
  left.push(...leaveStore(home).filter((path) => !kept.has(path)));
  return { bytes, left };
}

async function total(going: readonly Doomed[]): Promise<number> {
  let bytes = 0;
  for (const { path } of going) bytes += await bytesUnder(path);
  return bytes;
}

async function removeFromStore(home: Home, going: readonly Doomed[], check: () => void, left: string[]): Promise<void> {
  const inStore = going.filter(({ path }) => dirname(path) === home.root).map(({ path }) => path);
  if (inStore.length === 0) return;
  const aside = join(home.root, `.removing-${randomBytes(6).toString("hex")}`);
  mkdirSync(aside, { mode: 0o700 });
  const move = (path: string): boolean => {
    try {
      renameSync(path, join(aside, basename(path)));
      return true;
    } catch (error) {
      // A mount of its own cannot be moved: its owner takes it away.
      left.push(`${path} (${messageOf(error)})`);
      return false;
    }
  };
  const agents = join(home.root, "agent");
  const moved = inStore.includes(agents) && move(agents);
  try {
    check();
  } catch (error) {
    if (moved) renameSync(join(aside, "agent"), agents);
    rmdirSync(aside);
    throw error;
  }
  inStore.filter((path) => path !== agents).forEach(move);
  await remove(aside, left);
}

async function remove(path: string, left: string[]): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 3 }).catch((error: unknown) => {
    left.push(`${path} (${messageOf(error)})`);
  });
}

/** Only what nobody holds: a lock file that goes under its holder's hands is made again by whoever looks next (see gpuLocks). */
function removeLocks({ files, folder }: ReturnType<typeof queueFiles>): void {
  for (const path of files) {
    let fd: number | null = null;
    try {
      fd = openShared(path);
      if (tryLock(fd, "exclusive")) rmSync(path, { force: true });
    } catch {
      // Without flock nothing of the queue is in use, and nothing can say so.
    } finally {
      if (fd !== null) close(fd);
    }
  }
  if (folder !== null) removeEmpty(folder);
}

/** The store's own folder, where nothing of anybody's is in it; else what there is. */
function leaveStore(home: Home): string[] {
  if (!isThere(home.root)) return [];
  const names = listed(home.root);
  if (names.length > 0) return names.map((name) => join(home.root, name));
  try {
    const real = realpathSync(home.root);
    rmdirSync(real);
    if (lstatSync(home.root, { throwIfNoEntry: false })?.isSymbolicLink()) unlinkSync(home.root);
    return [];
  } catch (error) {
    return [`${home.root} (${messageOf(error)})`];
  }
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Something of somebody's is in it.
  }
}
