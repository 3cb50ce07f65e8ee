// Agents and Node.js programs that nobody has used for a month are removed. Use is a file's time, renewed at each start and daily while an
// agent or a supervisor lives (which may do so on another machine that shares the home folder), and the process table.
import { randomBytes } from "node:crypto";
import { lstatSync, readFileSync, renameSync, statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { realPath, storeUsers, type StoreUser } from "../box/storeUsers";
import { listed, nodesElsewhere } from "./footprint";
import { isInside, type Home } from "./home";
import { agentVersion, halfDone, nodeVersion } from "./ownNames";

const DAY_MS = 24 * 60 * 60 * 1000;
const UNUSED_MS = 30 * DAY_MS;

/** Answers the folders that were removed. */
export async function removeOldVersions(home: Home): Promise<string[]> {
  const agents = join(home.root, "agent");
  const nodes = [join(home.root, "node"), ...nodesElsewhere()];
  const programs = nodes.flatMap(folders).map((folder) => join(folder, "bin"));
  await removeHalfDone([home.root, agents, join(home.root, "bin"), ...nodes, ...folders(agents), ...programs]);
  const users = (): StoreUser[] => storeUsers([agents], nodes);
  const isUsed = (names: readonly string[]): boolean =>
    [
      process.argv[1] ?? "",
      process.execPath,
      ...users().flatMap((user) => [user.script ?? "", user.program ?? ""]),
    ].some((used) => names.some((name) => isInside(used, name)));
  const removed: string[] = [];
  const removeUnused = async (old: readonly string[]): Promise<void> => {
    for (const folder of old) {
      // The store may lie behind a link, and processes are known by either name.
      const names = [folder, realPath(folder)];
      if (await removeUnlessUsed(folder, () => isUsed(names))) removed.push(folder);
    }
  };
  await removeUnused(folders(agents).filter((folder) => isOld(folder, ["agent.js", "node"])));
  // Those that an agent which stays is started with are in use however old they are.
  const needed = folders(agents).map((folder) => textOf(join(folder, "node")));
  const unneeded = nodes.flatMap(folders).filter((folder) => !needed.some((path) => isInside(path, folder)));
  await removeUnused(unneeded.filter((folder) => isOld(folder, ["bin/node"])));
  return removed;
}

const folders = (parent: string): string[] =>
  listed(parent)
    .filter((name) => agentVersion.test(name) || nodeVersion.test(name))
    .map((name) => join(parent, name))
    .filter((path) => lstatSync(path, { throwIfNoEntry: false })?.isDirectory());

const isOld = (folder: string, files: readonly string[]): boolean =>
  [folder, ...files.map((file) => join(folder, file))].every((path) => Date.now() - changedAt(path) > UNUSED_MS);

/** Gone by its name first: who starts it now finds it absent, and who started it a moment ago gets it back. */
async function removeUnlessUsed(folder: string, isUsed: () => boolean): Promise<boolean> {
  if (isUsed()) return false;
  const aside = join(dirname(folder), `.removing-${randomBytes(6).toString("hex")}`);
  try {
    renameSync(folder, aside);
    if (isUsed()) {
      renameSync(aside, folder);
      return false;
    }
    await rm(aside, { recursive: true, force: true });
    return true;
  } catch {
    // Another window was faster, or the folder cannot be written: then it stays.
    return false;
  }
}

async function removeHalfDone(parents: readonly string[]): Promise<void> {
  for (const parent of parents) {
    for (const name of listed(parent)) {
      const path = join(parent, name);
      if (halfDone.test(name) && Date.now() - changedAt(path) > DAY_MS)
        await rm(path, { recursive: true, force: true }).catch(() => undefined);
    }
  }
}

/** 0 where it is not there: no reason to keep anything. */
const changedAt = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return "";
  }
}
