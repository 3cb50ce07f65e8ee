// What of Runside lies on this box: what it made in the store, the Node.js that was put elsewhere, the queue's locks. An uninstall
// deletes what is listed here and nothing else.
import { lstatSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { mayStop } from "../../core/model/run";
import type { Footprint, FootprintPart } from "../../core/model/footprint";
import { storeUsers } from "../box/storeUsers";
import { idsIn } from "./runIds";
import { queueFiles } from "../queue/locksFolder";
import { bytesUnder } from "./bytesUnder";
import { runsElsewhere } from "./elsewhere";
import type { Home } from "./home";
import { agentVersion, nodeVersion, ownNodes, sortedIn, sortedStore } from "./ownNames";
import { readStatus } from "./runFolder";

export interface Doomed {
  part: FootprintPart;
  path: string;
}

/** Every path of ours that is there: a folder where all in it is ours, else what is. */
export function doomed(home: Home): Doomed[] {
  const { others: _others, ...parts } = sortedStore(home.root);
  const inStore = Object.entries(parts).flatMap(([part, paths]) =>
    paths.map((path) => ({ part: part as FootprintPart, path })),
  );
  return [
    ...inStore,
    ...nodesElsewhere()
      .flatMap((folder) => foundIn(folder))
      .map((path) => ({ part: "node" as const, path })),
    ...queueFiles().files.map((path) => ({ part: "locks" as const, path })),
  ];
}

/** The folder itself where it holds nothing but ours. */
function foundIn(folder: string): string[] {
  const sorted = lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() ? sortedIn(folder, ownNodes) : null;
  if (!sorted) return [];
  return sorted.others.length === 0 ? [folder] : sorted.ours;
}

/** Where a home folder forbids programs, the Node.js that was brought lies in a folder of this user alone (see nodeInstall). */
export function nodesElsewhere(): string[] {
  const uid = process.getuid?.();
  if (uid === undefined) return [];
  const session = process.env["XDG_RUNTIME_DIR"];
  const folders = [`/var/tmp/runside-${uid}`, ...(session ? [join(session, "runside")] : [])];
  // Somebody else's folder of that name, or a link to anywhere, is none of ours.
  return folders
    .filter((folder) => {
      try {
        const seen = lstatSync(folder);
        return seen.isDirectory() && seen.uid === uid;
      } catch {
        return false;
      }
    })
    .map((folder) => join(folder, "node"));
}

export const liveRuns = (home: Home): Footprint["live"] =>
  [...idsIn(home.runs)].sort().flatMap((id) => {
    const status = readStatus(home.run(id));
    return mayStop(status) ? [{ id, state: status.state }] : [];
  });

export const usersOf = (home: Home): Footprint["users"] =>
  storeUsers([join(home.root, "agent"), home.runs], [join(home.root, "node"), ...nodesElsewhere()]).map(
    ({ pid, does }) => ({
      pid,
      does,
    }),
  );

const LEAVING_MS = 5000;

/** Of the store, but for a supervisor whose run has just ended: who asks right after a stop is not told to close it. */
export async function lastingUsers(home: Home): Promise<Footprint["users"]> {
  for (const end = performance.now() + LEAVING_MS; ; await sleep(50)) {
    const users = usersOf(home);
    const isLeaving = users.some(({ does }) => does === "supervisor") && liveRuns(home).length === 0;
    if (!isLeaving || performance.now() > end) return users;
  }
}

export async function footprint(home: Home): Promise<Footprint> {
  const found = doomed(home);
  const parts: Footprint["parts"] = [];
  for (const part of new Set(found.map((each) => each.part))) {
    const paths = found.filter((each) => each.part === part).map(({ path }) => path);
    let bytes = 0;
    for (const path of paths) bytes += await bytesUnder(path);
    parts.push({ part, paths, bytes, count: countOf(part, home, paths) });
  }
  const elsewhere = runsElsewhere(home);
  const users = await lastingUsers(home);
  return { root: home.root, parts, live: liveRuns(home), elsewhere, users, stays: stays(home) };
}

function countOf(part: FootprintPart, home: Home, paths: readonly string[]): number {
  switch (part) {
    case "agents":
      return listed(join(home.root, "agent")).filter((name) => agentVersion.test(name)).length;
    case "node":
      return paths.flatMap((path) => [basename(path), ...listed(path)]).filter((name) => nodeVersion.test(name)).length;
    case "code":
      return listed(home.snapshots).filter((name) => /^[0-9a-f]{64}$/.test(name)).length;
    case "runs":
      return idsIn(home.runs).size;
    case "caches":
    case "locks":
      return paths.length;
  }
}

const stays = (home: Home): string[] =>
  sortedStore(home.root).others.map((path) =>
    lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()
      ? `${path} is a link, and Runside makes none`
      : `${path} was not made by Runside`,
  );

export const listed = (folder: string): string[] => {
  try {
    return readdirSync(folder).filter((name) => basename(name) === name);
  } catch {
    return [];
  }
};

export function isThere(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
