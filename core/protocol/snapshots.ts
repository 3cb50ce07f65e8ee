// The workspace onto a box: the list of its files, which contents the box lacks, those in packs, and the list made final.
import * as z from "zod/mini";
import { act, nothing, read } from "./define";

export const snapshotId = z.string().check(z.regex(/^[0-9a-f]{64}$/));

/** Contents to send: places in the manifest, each with how much of it the box holds already. */
const missing = z.array(z.object({ at: z.number(), from: z.number() }));

/** `held`: the snapshot is final, nothing is to be sent. `unknown-base`: offer the whole list. */
const offered = z.object({ outcome: z.enum(["held", "offered", "unknown-base"]), missing });

/** `manifest` is the gzipped text in base64. Equal contents are listed once. */
const wholeList = z.object({ id: snapshotId, manifest: z.string() });

const count = z.int().check(z.nonnegative());
/** Each edit: a line of the base's list, how many go there, which come instead (`core/recipes/snapshotEdits`). */
const changedList = z.object({
  id: snapshotId,
  base: snapshotId,
  edits: z.array(z.tuple([count, count, z.array(z.string())])),
});

export const snapshots = {
  has: read("snapshots/has", z.object({ id: snapshotId }), z.object({ has: z.boolean() })),
  /** Either whole, or by what differs from a snapshot that the box had a moment ago. Nothing is kept yet but the list. */
  offer: act("snapshots/offer", z.union([wholeList, changedList]), offered),
  /** One pack (`core/recipes/packs`), gzipped, in base64. Every content is checked against its hash before it counts. */
  put: act("snapshots/put", z.object({ pack: z.string() }), nothing),
  /** Makes an offered snapshot final where the box has all of it, with the packs under way; else says again what is missing. */
  commit: act("snapshots/commit", z.object({ id: snapshotId }), z.object({ missing })),
  /** Paths of a snapshot and its small texts: what a relaunch plans from when the workspace is gone. */
  list: read("snapshots/list", z.object({ id: snapshotId }), z.object({ paths: z.nullable(z.array(z.string())) })),
  /** A text of at most 1 MB; null where the snapshot has no such file. */
  text: read(
    "snapshots/text",
    z.object({ id: snapshotId, path: z.string() }),
    z.object({ text: z.nullable(z.string()) }),
  ),
};
