// One list of files from another that both sides have: which lines go and which come instead. A list of 5,000 files is
// 600 KB, what an hour's work changes of it is a few lines.
import { misplaced, parseSnapshotLine, type SnapshotEntry, type SnapshotList } from "./snapshotManifest";

/** At a line of the base, how many lines go, and those that come there; places ascend and never overlap. */
export type ListEdit = [at: number, removed: number, added: string[]];

/** Null where it would be no shorter than the list itself. */
export function editsBetween(base: SnapshotList, next: SnapshotList): ListEdit[] | null {
  const edits: ListEdit[] = [];
  let added = 0;
  let last: ListEdit | null = null;
  const edit = (at: number, removed: number, line: string | null): void => {
    if (last === null || last[0] + last[1] !== at) edits.push((last = [at, 0, []]));
    last[1] += removed;
    if (line === null) return;
    last[2].push(line);
    added++;
  };
  for (let i = 0, j = 0; i < base.lines.length || j < next.lines.length;) {
    const [was, is] = [base.entries[i], next.entries[j]];
    const line = next.lines[j] ?? "";
    if (was && is?.path === was.path) {
      if (base.lines[i] !== line) edit(i, 1, line);
      i++;
      j++;
    } else if (is && (!was || is.path < was.path)) {
      edit(i, 0, line);
      j++;
    } else edit(i++, 1, null);
  }
  return added + edits.length > next.lines.length / 2 ? null : edits;
}

/** The list that the edits make, or a sentence's end that says what is wrong with them. */
export function applyEdits(base: SnapshotList, edits: readonly ListEdit[]): SnapshotList | string {
  const lines: string[] = [];
  const entries: SnapshotEntry[] = [];
  let from = 0;
  let isInPlace = true;
  for (const [at, removed, added] of edits) {
    if (at < from || at + removed > base.lines.length) return "the changes to its list of files do not fit";
    for (; from < at; from++) keep(from);
    for (const [nth, line] of added.entries()) {
      const entry = parseSnapshotLine(line);
      if (!entry) return "a line of its list of files cannot be read";
      // A file in a file's place leads nowhere that the base did not.
      const was = nth < removed ? base.entries[at + nth] : undefined;
      isInPlace &&= was?.path === entry.path && was.target === null && entry.target === null;
      lines.push(line);
      entries.push(entry);
    }
    isInPlace &&= added.length === removed;
    from = at + removed;
  }
  for (; from < base.lines.length; from++) keep(from);
  return (isInPlace ? null : misplaced(entries)) ?? { entries, lines };

  function keep(nth: number): void {
    lines.push(base.lines[nth] ?? "");
    const entry = base.entries[nth];
    if (entry) entries.push(entry);
  }
}
