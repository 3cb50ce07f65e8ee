// The workspace onto a box: the list of its files, which contents the box lacks, those in packs, and the list made final.
import * as z from "zod/mini";
import { act, nothing, read } from "./define";

export const snapshotId = z.string().check(z.regex(/^[0-9a-f]{64}$/));

/** Contents to send: places in the manifest, each with how much of it the box holds already. */
const lacking = z.object({
  missing: z.array(z.object({ at: z.number(), from: z.number() })),
});

export const snapshots = {
  has: read("snapshots/has", z.object({ id: snapshotId }), z.object({ has: z.boolean() })),
  /** `manifest` is the gzipped text in base64. Equal contents are listed once. Nothing is kept yet but the list. */
  offer: act("snapshots/offer", z.object({ id: snapshotId, manifest: z.string() }), lacking),
  /** One pack (`core/recipes/packs`), gzipped, in base64. Every content is checked against its hash before it counts. */
  put: act("snapshots/put", z.object({ pack: z.string() }), nothing),
  /** Makes an offered snapshot final where the box has all of it; else says again what is missing. */
  commit: act("snapshots/commit", z.object({ id: snapshotId }), lacking),
  /** Paths of a snapshot and its small texts: what a relaunch plans from when the workspace is gone. */
  list: read("snapshots/list", z.object({ id: snapshotId }), z.object({ paths: z.nullable(z.array(z.string())) })),
  /** A text of at most 1 MB; null where the snapshot has no such file. */
  text: read(
    "snapshots/text",
    z.object({ id: snapshotId, path: z.string() }),
    z.object({ text: z.nullable(z.string()) }),
  ),
};
