// The workspace as one archive: a gzipped tar in pieces, unpacked under its hash. A known hash sends nothing.
import * as z from "zod/mini";
import { act, read } from "./define";

const sha = z.string().check(z.regex(/^[0-9a-f]{64}$/));

export const snapshots = {
  has: read("snapshots/has", z.object({ sha }), z.object({ has: z.boolean() })),
  /** Pieces in order, each base64; `upload` is the sender's own token, so two windows can send at once. */
  put: act(
    "snapshots/put",
    z.object({
      sha,
      upload: z.string().check(z.regex(/^[a-z0-9]{8,32}$/)),
      index: z.number(),
      data: z.string(),
      last: z.boolean(),
    }),
    z.object({ received: z.number() }),
  ),
};
