// A list told by its changes is the list itself, and no change leads where a whole list could not.
import { expect, it } from "vitest";
import { applyEdits, editsBetween, type ListEdit } from "../../../core/recipes/snapshotEdits";
import { listOf, manifestText, type SnapshotEntry } from "../../../core/recipes/snapshotManifest";
import { seeded } from "../random";

const file = (path: string, size: number): SnapshotEntry => ({
  path,
  mode: "file",
  sha256: size.toString(16).padStart(64, "0"),
  size,
  target: null,
});
const link = (path: string, target: string): SnapshotEntry => ({ path, mode: "link", sha256: "", size: 0, target });

it("gives the same text whatever was added, removed, changed or moved, at both ends too", () => {
  const random = seeded(7);
  const below = (limit: number): number => Math.floor(random() * limit);
  let told = 0;
  for (let round = 0; round < 300; round++) {
    const before = Array.from({ length: below(60) }, (_, at) => file(`f${String(at)}`, below(9)));
    const after = before
      .filter(() => random() > 0.04)
      .map((entry) => (random() > 0.05 ? entry : { ...entry, mode: "executable" as const, size: entry.size + 1 }));
    for (let more = below(3); more > 0; more--)
      after.push(file(`${["a", "f1x", "z"][below(3)] ?? ""}${String(more)}`, 1));
    const [base, next] = [listOf(before), listOf(after)];
    const edits = editsBetween(base, next);
    if (!edits) continue;
    told++;
    const made = applyEdits(base, edits);
    expect(typeof made === "string" ? made : manifestText(made)).toBe(manifestText(next));
    expect(typeof made === "string" ? made : made.entries).toEqual(next.entries);
  }
  expect(told).toBeGreaterThan(200);
});

it("is told whole where most of it changed", () => {
  const files = Array.from({ length: 20 }, (_, at) => file(`f${String(at)}`, at));
  expect(editsBetween(listOf(files), listOf(files.map((each) => file(each.path, each.size + 1))))).toBeNull();
});

it("refuses changes that do not fit, name a path twice, or lead outside", () => {
  const base = listOf([file("a", 1), link("b", "a"), file("sub/c", 2)]);
  const line = (entry: SnapshotEntry): string => listOf([entry]).lines[0] ?? "";
  const refused = (...edits: ListEdit[]): string => {
    const made = applyEdits(base, edits);
    return typeof made === "string" ? made : "taken";
  };
  expect(refused([2, 2, []])).toContain("do not fit");
  expect(refused([1, 1, []], [0, 1, []])).toContain("do not fit");
  expect(refused([0, 1, ["{"]])).toContain("cannot be read");
  expect(refused([0, 0, [line(file("a", 5))]])).toContain("twice");
  expect(refused([0, 1, [line(file("../a", 5))]])).toContain("outside itself");
  expect(refused([0, 1, [line(link("a", "../../etc"))]])).toContain("leads outside");
  // What a link led to inside leads elsewhere once its goal is a link.
  expect(refused([0, 1, [line(link("a", "/etc"))]])).toContain("leads outside");
  expect(refused([2, 1, [line(file("b/c", 5))]])).toContain("through a link");
  expect(refused([0, 1, [line(file("a", 5))]])).toBe("taken");
});
