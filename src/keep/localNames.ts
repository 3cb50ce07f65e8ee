// Paths of a box as paths of this machine: not every name of the one can be held by the other, and two may be one here.
import path from "node:path";
import { keptFile } from "../../core/model/kept";
import { lockFile } from "./keepLock";

/** Of programs, whatever stands behind a dot. */
const devices = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$) *(?:\..*)?$/i;
const unheld = /[\u0000-\u001f\\:*?"<>|]|[. ]$/;

export class LocalNames {
  /** From a name as this machine takes it to the one that has it. */
  private readonly taken = new Map<string, string>();

  constructor(
    private readonly folder: string,
    private readonly platform: NodeJS.Platform = process.platform,
  ) {}

  /** Where it lies here, or why it cannot; the first of two that this machine takes for one has the place. */
  placeOf(remote: string): { place: string } | { why: string } {
    const place = placeIn(this.folder, remote, this.platform);
    if (place === null) return { why: "this machine cannot hold a file of that name" };
    if (this.platform !== "darwin" && this.platform !== "win32") return { place };
    const parts = remote.split("/");
    const names = parts.map((_, i) => parts.slice(0, i + 1).join("/"));
    const other = names.map((name) => [name, this.taken.get(folded(name))]).find(([name, by]) => (by ?? name) !== name);
    if (other) return { why: `this machine takes its name for that of ${String(other[1])}` };
    for (const name of names) this.taken.set(folded(name), name);
    return { place };
  }
}

/** Upper and lower case, and the two ways of writing an accent. */
const folded = (name: string): string => name.normalize("NFD").toLowerCase();

/** As on the box, so that the copy is a run's folder; null for a path that leads out or that this system cannot hold. */
export function placeIn(folder: string, remote: string, platform: NodeJS.Platform = process.platform): string | null {
  const parts = remote.split("/");
  const bad = (part: string): boolean =>
    part === "" ||
    part === "." ||
    part === ".." ||
    part.includes("\0") ||
    (platform === "win32" && (unheld.test(part) || devices.test(part)));
  if (parts.some(bad) || [keptFile, lockFile].includes(folded(remote))) return null;
  return (platform === "win32" ? path.win32 : path.posix).join(folder, ...parts);
}
