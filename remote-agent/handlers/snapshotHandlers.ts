// Snapshots: whether a hash is here, and its archive in pieces.
import type { Handlers } from "../../core/protocol/define";
import type { snapshots } from "../../core/protocol/snapshots";
import type { SnapshotStore } from "../disk/snapshotStore";

export function snapshotHandlers(store: SnapshotStore): Handlers<typeof snapshots> {
  return {
    has: ({ sha }) => ({ has: store.has(sha) }),
    put: async ({ sha, upload, index, data, last }) => ({
      received: await store.put(sha, upload, index, Buffer.from(data, "base64"), last),
    }),
  };
}
