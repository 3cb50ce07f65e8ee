// What a snapshot is: paths, modes and hashes of contents as one text, whose hash is the snapshot's name. Pure text.
import { partsOfName, shownName } from "../base/byteName";

export interface SnapshotEntry {
  /** Relative to the workspace, with `/`; bytes that are no UTF-8 as `core/base/byteName` writes them. */
  path: string;
  mode: "file" | "executable" | "link";
  /** Of the content, hex; "" for a link. */
  sha256: string;
  /** Bytes of the content; 0 for a link. */
  size: number;
  /** What a link points to, relative to itself; null for a file. */
  target: string | null;
}

/** Sorted by path; `lines` are the entries' own, in the same order. */
export interface SnapshotList {
  entries: SnapshotEntry[];
  lines: string[];
}

const header = "runside-snapshot 1\n";

export function listOf(entries: readonly SnapshotEntry[]): SnapshotList {
  const sorted = [...entries].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  return { entries: sorted, lines: sorted.map(lineOf) };
}

const lineOf = ({ path, mode, sha256, size, target }: SnapshotEntry): string =>
  JSON.stringify(target === null ? [path, mode, sha256, size] : [path, "link", target]);

/** Hashed as UTF-8, this gives the snapshot's name. Equal files give equal text, whatever their order, times and owner. */
export const manifestText = ({ lines }: SnapshotList): string =>
  lines.length === 0 ? header : `${header}${lines.join("\n")}\n`;

/** The list of a manifest that stays inside its folder, or a sentence's end that says what is wrong with it. */
export function parseSnapshotManifest(text: string): SnapshotList | string {
  if (!text.startsWith(header)) return "it is no list of files";
  const list: SnapshotList = { entries: [], lines: [] };
  for (const line of text.slice(header.length).split("\n")) {
    if (line === "") continue;
    const entry = parseSnapshotLine(line);
    if (!entry) return "a line of its list of files cannot be read";
    list.entries.push(entry);
    list.lines.push(line);
  }
  return misplaced(list.entries) ?? list;
}

export function parseSnapshotLine(line: string): SnapshotEntry | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  // By hand, because there are thousands: a schema takes longer than all the rest of an upload that changes little.
  if (!Array.isArray(value)) return null;
  const [path, mode, what, size] = value as unknown[];
  if (typeof path !== "string" || typeof what !== "string") return null;
  if (mode === "link" && value.length === 3) return { path, mode, sha256: "", size: 0, target: what };
  const isFile = (mode === "file" || mode === "executable") && value.length === 4 && /^[0-9a-f]{64}$/.test(what);
  if (!isFile || typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) return null;
  return { path, mode, sha256: what, size, target: null };
}

/** What would be written, or lead, outside the folder or through something else of the list; null where all is well. */
export function misplaced(entries: readonly SnapshotEntry[]): string | null {
  const places = new Map<string, string[] | null>();
  for (const { path, target } of entries) {
    const parts = partsOfName(path);
    if (!parts || parts.some((part) => part === "" || part === "." || part === ".."))
      return `it names a path outside itself (${shownName(path)})`;
    const key = parts.join("/");
    if (places.has(key)) return `it names ${shownName(path)} twice`;
    const to = target === null ? null : partsOfName(target);
    if (target !== null && !to) return `the link ${shownName(path)} cannot be read`;
    places.set(key, to);
  }
  for (const { path, target } of entries) {
    const parts = partsOfName(path) ?? [];
    for (let depth = 1; depth < parts.length; depth++)
      if (places.has(parts.slice(0, depth).join("/")))
        return `${shownName(path)} would be written through a link or file`;
    if (target !== null && !staysInside(parts, places)) return `the link ${shownName(path)} leads outside`;
  }
  return null;
}

/** Follows a link as a kernel would, links behind it included. One that turns in circles leads nowhere, which is inside. */
function staysInside(link: readonly string[], places: ReadonlyMap<string, string[] | null>): boolean {
  const ahead = [...link];
  const at: string[] = [];
  for (let steps = 0, part = ahead.shift(); part !== undefined; part = ahead.shift()) {
    // An empty first part is an absolute target; elsewhere it says nothing.
    if (part === "" || part === ".") continue;
    if (part === "..") {
      if (at.pop() === undefined) return false;
      continue;
    }
    at.push(part);
    const to = places.get(at.join("/"));
    if (!to) continue;
    if (++steps > 40) return true;
    if (to[0] === "" && to.length > 1) return false;
    at.pop();
    ahead.unshift(...to);
  }
  return true;
}
