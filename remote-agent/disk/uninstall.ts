// Takes Runside off a box. Everything goes into one folder by renames first, so that a launch that comes meanwhile finds no agent
// to supervise it; what lived until then is looked for once more, and only then files are deleted, links not followed.
import { randomBytes } from "node:crypto";
import { lstatSync, mkdirSync, realpathSync, renameSync, rmdirSync, rmSync, unlinkSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { messageOf, RunsideError } from "../../core/base/errors";
import type { Footprint, FootprintPart, Uninstalled } from "../../core/model/footprint";
import { close, openShared, tryLock } from "../queue/flock";
import { queueFiles } from "../queue/locksFolder";
import { doomed, isThere, lastingUsers, listed, liveRuns, usersOf, type Doomed } from "./footprint";
import { bytesUnder } from "./bytesUnder";
import { runsElsewhere, stopElsewhere } from "./elsewhere";
import { isInside, type Home } from "./home";
import { sortedStore } from "./ownNames";
import { SnapshotStore } from "./snapshotStore";

const SHOWN = 5;

const inUse = (message: string, data: Record<string, unknown>): RunsideError =>
  new RunsideError("agent/in-use", `Runside was not uninstalled: ${message}; nothing was deleted.`, { data });

/**
 * Throws `agent/in-use`, by name, where a run lives or another process was started from the store, and where runs are to be deleted
 * that may live on another machine.
 */
export function refuseWhereUsed(
  { live, users, elsewhere }: Pick<Footprint, "live" | "users" | "elsewhere">,
  runs: "keep" | "delete",
): void {
  const some = (words: readonly string[]): string =>
    words.slice(0, SHOWN).join(", ") + (words.length > SHOWN ? ` and ${words.length - SHOWN} more` : "");
  if (live.length > 0) {
    const runs = some(live.map(({ id, state }) => `${id} (${state})`));
    throw inUse(`${runs} must be stopped first`, { runs: live.map(({ id }) => id) });
  }
  if (elsewhere.length > 0 && runs === "delete")
    throw inUse(`${some(elsewhere)} ${stopElsewhere}, or keep the runs`, { runs: elsewhere });
  if (users.length > 0) {
    const pids = some(users.map(({ pid, does }) => `${does} ${pid}`));
    throw inUse(`other windows, terminals or programs use it (${pids}), close them first`, { users });
  }
}

/**
 * `quiet` ends what in this process might write into the store; it is called once, when nothing speaks against going on any more:
 * a refusal leaves an agent that tells its window all that it did before. From there on nothing throws.
 */
export async function uninstall(
  home: Home,
  runs: "keep" | "delete",
  quiet = (): void => undefined,
): Promise<Uninstalled> {
  const refuse = (users: Footprint["users"]): void =>
    refuseWhereUsed({ live: liveRuns(home), elsewhere: runsElsewhere(home), users }, runs);
  const check = (): void => refuse(usersOf(home));
  refuse(await lastingUsers(home));
  // Code that kept runs were started from stays with them; what else is code goes by itself.
  const spared: readonly FootprintPart[] = runs === "delete" ? [] : ["runs", "code"];
  const chosen = (): Doomed[] => doomed(home).filter(({ part }) => !spared.includes(part));
  let bytes = await total(chosen());
  // Once more: measuring takes long enough for somebody to put a thing of theirs among ours.
  const going = chosen();
  // Where it lies is written in the store.
  const queue = queueFiles();
  const left: string[] = [];
  await removeFromStore(home, going, { check, quiet }, left);
  for (const { path } of going.filter((each) => each.part === "node" && !isInside(each.path, home.root))) {
    await remove(path, left);
    // The folder of this user alone, where nothing else is in it.
    removeEmpty(dirname(path));
  }
  removeLocks(queue, left);
  if (runs === "keep") bytes += await removeSpareCode(home, left);
  left.push(...whatIsLeft(home, runs, left));
  return { bytes, left };
}

/** Answers what it took. */
async function removeSpareCode(home: Home, left: string[]): Promise<number> {
  const code = (): Doomed[] => doomed(home).filter(({ part }) => part === "code");
  const before = await total(code());
  try {
    if (!(await new SnapshotStore(home).keepForRuns())) for (const { path } of code()) await remove(path, left);
  } catch (error) {
    left.push(`${home.snapshots} (${messageOf(error)})`);
  }
  return before - (await total(code()));
}

async function total(going: readonly Doomed[]): Promise<number> {
  let bytes = 0;
  for (const { path } of going) bytes += await bytesUnder(path);
  return bytes;
}

interface Moved {
  path: string;
  to: string;
}

async function removeFromStore(
  home: Home,
  going: readonly Doomed[],
  { check, quiet }: Record<"check" | "quiet", () => void>,
  left: string[],
): Promise<void> {
  const inStore = going.filter(({ path }) => isInside(path, home.root));
  if (inStore.length === 0) return quiet();
  const aside = join(home.root, `.removing-${randomBytes(6).toString("hex")}`);
  mkdirSync(aside, { mode: 0o700 });
  const moved: Moved[] = [];
  const move = ({ path }: Doomed): void => {
    const to = join(aside, String(moved.length));
    try {
      renameSync(path, to);
      moved.push({ path, to });
    } catch (error) {
      // A mount of its own cannot be moved: its owner takes it away.
      left.push(`${path} (${messageOf(error)})`);
    }
  };
  inStore.filter(({ part }) => part === "agents").forEach(move);
  try {
    check();
  } catch (error) {
    for (const { path, to } of moved) moveBack(to, path);
    removeEmpty(aside);
    throw error;
  }
  quiet();
  inStore.filter(({ part }) => part !== "agents").forEach(move);
  await remove(aside, left);
}

/** Another window may have made the folder anew: then each thing in it goes back by itself, and what cannot is swept in a day. */
function moveBack(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch {
    for (const name of listed(from)) moveBack(join(from, name), join(to, name));
    removeEmpty(from);
  }
}

async function remove(path: string, left: string[]): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 3 }).catch((error: unknown) => {
    left.push(`${path} (${messageOf(error)})`);
  });
}

/** Only what nobody holds: a lock file that goes under its holder's hands is made again by whoever looks next (see gpuLocks). */
function removeLocks({ files, folder }: ReturnType<typeof queueFiles>, left: string[]): void {
  for (const path of files) {
    let fd: number | null = null;
    try {
      fd = openShared(path);
      if (tryLock(fd, "exclusive")) rmSync(path, { force: true });
      else left.push(`${path} (somebody holds it)`);
    } catch (error) {
      // Without flock nothing can say whether it is held.
      left.push(`${path} (${messageOf(error)})`);
    } finally {
      if (fd !== null) close(fd);
    }
  }
  if (folder !== null) removeEmpty(folder);
}

/** The store's own folder goes where nothing of anybody's is in it; else answers what there is besides what was to be kept. */
function whatIsLeft(home: Home, runs: "keep" | "delete", said: readonly string[]): string[] {
  if (!isThere(home.root)) return [];
  if (listed(home.root).length > 0) {
    const { others, runs: ofRuns, code, ...rest } = sortedStore(home.root);
    const found = [...others, ...Object.values(rest).flat(), ...(runs === "keep" ? [] : [...ofRuns, ...code])];
    return found.filter((path) => !said.some((words) => words.startsWith(`${path} (`)));
  }
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
