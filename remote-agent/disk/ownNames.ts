// Which names in a store Runside gives, down to the entries that it makes. A store may be set to a folder of other things, where `bin`,
// `cache` and `runs` are names like any other: only what is listed here is ever deleted.
import { readdirSync, type Dirent } from "node:fs";
import { join } from "node:path";
import type { FootprintPart } from "../../core/model/footprint";
import { runIdPattern } from "../../core/model/run";

interface OwnName {
  name: RegExp;
  /** `parent`: a folder that holds other things too, of which those in `inside` are ours. */
  kind: "file" | "folder" | "parent";
  inside?: readonly OwnName[];
}

const file = (name: RegExp): OwnName => ({ name, kind: "file" });
const folder = (name: RegExp): OwnName => ({ name, kind: "folder" });
const parent = (name: RegExp, ...inside: OwnName[]): OwnName => ({ name, kind: "parent", inside });

/** Of an installation or a removal that was cut. */
export const halfDone = /^\.(?:tmp|removing)-[0-9a-f]{12}$/;
const cut = [file(halfDone), folder(halfDone)];

export const agentVersion = /^[0-9a-f]{64}$/;
export const nodeVersion = /^node-linux-[\w.-]+$/;
const runIdInside = runIdPattern.source.slice(1, -1);

/** A list, or one that is offered. */
export const snapshotName = /^(?:[0-9a-f]{64}|\.[0-9a-f]{64}\.\d+)$/;
/** A content, or one that is being written. */
export const blobName = /^[0-9a-f]{64}(?:\.tmp-[\d-]+)?$/;
export const blobPartName = /^[0-9a-f]{64}\.\d+$/;

export const ownNodes: readonly OwnName[] = [folder(nodeVersion), ...cut];

const inStore: Record<Exclude<FootprintPart, "locks">, readonly OwnName[]> = {
  agents: [parent(/^agent$/, folder(agentVersion), ...cut), parent(/^bin$/, file(/^runside$/), ...cut)],
  node: [parent(/^node$/, ...ownNodes)],
  caches: [parent(/^cache$/, folder(/^[0-9a-f]{24}$/)), ...cut],
  code: [
    parent(/^snapshots$/, file(snapshotName)),
    parent(
      /^blobs$/,
      parent(/^[0-9a-f]$/, file(blobName)),
      parent(/^parts$/, file(blobPartName)),
      file(/^swept(?:\.tmp-[0-9a-f]{12})?$/),
    ),
  ],
  runs: [
    parent(/^runs$/, folder(runIdPattern), folder(new RegExp(`^\\.${runIdInside}\\.[0-9a-f]{12}$`)), ...cut),
    file(/^restarts$/),
    // A choice of the user's, which goes with the runs.
    file(/^locks-folder(?:\.tmp-[0-9a-f]{12})?$/),
  ],
};

export interface Sorted {
  /** As few as possible: a folder that holds nothing else stands for all that is in it. */
  ours: string[];
  others: string[];
}

/** What lies in a folder, by whose it is. A link is nobody's: Runside makes none. Null where it cannot be listed. */
export function sortedIn(path: string, known: readonly OwnName[]): Sorted | null {
  const entries = entriesOf(path);
  if (!entries) return null;
  const sorted: Sorted = { ours: [], others: [] };
  for (const entry of entries) {
    const at = join(path, entry.name);
    const own = known.find(({ name, kind }) => name.test(entry.name) && (kind === "file") === !entry.isDirectory());
    if (!own || entry.isSymbolicLink()) sorted.others.push(at);
    else if (!own.inside) sorted.ours.push(at);
    else {
      const within = sortedIn(at, own.inside);
      if (!within || (within.ours.length === 0 && within.others.length > 0)) sorted.others.push(at);
      else if (within.others.length === 0) sorted.ours.push(at);
      else {
        sorted.ours.push(...within.ours);
        sorted.others.push(...within.others);
      }
    }
  }
  return sorted;
}

export type SortedStore = Record<Exclude<FootprintPart, "locks">, string[]> & { others: string[] };

/** The whole store; nothing where there is none. */
export function sortedStore(root: string): SortedStore {
  const all = Object.values(inStore).flat();
  const { ours, others } = sortedIn(root, all) ?? { ours: [], others: [] };
  const of = (part: keyof typeof inStore): string[] =>
    ours.filter((path) => {
      const first = path.slice(join(root, "/").length).split("/")[0] ?? "";
      return inStore[part].some(({ name }) => name.test(first));
    });
  return { agents: of("agents"), node: of("node"), caches: of("caches"), code: of("code"), runs: of("runs"), others };
}

function entriesOf(path: string): Dirent[] | null {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    return null;
  }
}
