// What of Runside lies on this box: the store's own names, the Node.js that was put elsewhere, the queue's locks. Everything that is
// deleted by an uninstall is listed here by name, so that a store set to a folder of other things costs nobody anything.
import { lstatSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { isLive } from "../../core/model/run";
import type { Footprint, FootprintPart } from "../../core/model/footprint";
import { storeUsers } from "../box/storeUsers";
import { idsIn } from "./runIds";
import { queueFiles } from "../queue/locksFolder";
import { bytesUnder } from "./bytesUnder";
import type { Home } from "./home";
import { readStatus } from "./runFolder";

/** Names in the store, by what they are good for. */
const names: Record<Exclude<FootprintPart, "locks">, readonly string[]> = {
  agents: ["agent", "bin"],
  node: ["node"],
  caches: ["cache"],
  code: ["snapshots", "blobs"],
  runs: ["runs", "restarts"],
};
/** A choice of the user's, which goes with the runs. */
const choices = ["locks-folder"];
/** An uninstall that was killed half-way. */
export const removing = /^\.removing-[0-9a-f]{12}$/;

export interface Doomed {
  part: FootprintPart;
  path: string;
}

/** Every path of ours that is there. */
export function doomed(home: Home): Doomed[] {
  const inStore = Object.entries(names).flatMap(([part, list]) =>
    list.map((name) => ({ part: part as FootprintPart, path: join(home.root, name) })),
  );
  return [
    ...inStore,
    ...choices.map((name) => ({ part: "runs" as const, path: join(home.root, name) })),
    ...listed(home.root)
      .filter((name) => removing.test(name))
      .map((name) => ({ part: "caches" as const, path: join(home.root, name) })),
    ...nodesElsewhere().map((path) => ({ part: "node" as const, path })),
    ...queueFiles().files.map((path) => ({ part: "locks" as const, path })),
  ].filter(({ path }) => isThere(path));
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
    const { state } = readStatus(home.run(id));
    return isLive(state) ? [{ id, state }] : [];
  });

export const usersOf = (home: Home): Footprint["users"] =>
  storeUsers([join(home.root, "agent"), home.runs], [join(home.root, "node"), ...nodesElsewhere()]).map(
    ({ pid, does }) => ({
      pid,
      does,
    }),
  );

export async function footprint(home: Home): Promise<Footprint> {
  const found = doomed(home);
  const parts: Footprint["parts"] = [];
  for (const part of new Set(found.map((each) => each.part))) {
    const paths = found.filter((each) => each.part === part).map(({ path }) => path);
    let bytes = 0;
    for (const path of paths) bytes += await bytesUnder(path);
    parts.push({ part, paths, bytes, count: countOf(part, home, paths) });
  }
  return { root: home.root, parts, live: liveRuns(home), users: usersOf(home), stays: stays(home, found) };
}

function countOf(part: FootprintPart, home: Home, paths: readonly string[]): number {
  switch (part) {
    case "agents":
      return listed(join(home.root, "agent")).filter((name) => /^[0-9a-f]{64}$/.test(name)).length;
    case "node":
      return paths.flatMap(listed).length;
    case "code":
      return listed(home.snapshots).filter((name) => /^[0-9a-f]{64}$/.test(name)).length;
    case "runs":
      return idsIn(home.runs).size;
    case "caches":
    case "locks":
      return paths.length;
  }
}

function stays(home: Home, found: readonly Doomed[]): string[] {
  const ours = new Set(found.map(({ path }) => path));
  const others = listed(home.root).filter((name) => !ours.has(join(home.root, name)));
  const links = found.filter(({ path }) => lstatSync(path).isSymbolicLink());
  return [
    ...others.map((name) => `${join(home.root, name)} was not made by Runside`),
    ...links.map(({ path }) => `what ${path} points at (the link itself goes)`),
  ];
}

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
