// Snapshots: what the box lacks of one, its contents in packs, and what is in one that is there.
import type { Handlers } from "../../core/protocol/define";
import type { snapshots } from "../../core/protocol/snapshots";
import type { SnapshotStore } from "../disk/snapshotStore";

export function snapshotHandlers(store: SnapshotStore): Handlers<typeof snapshots> {
  return {
    has: async ({ id }) => ({ has: await store.has(id) }),
    offer: (list) =>
      "base" in list
        ? store.offerChanged(list.id, list.base, list.edits)
        : store.offer(list.id, Buffer.from(list.manifest, "base64")),
    put: async ({ pack }) => {
      await store.put(Buffer.from(pack, "base64"));
      return {};
    },
    commit: async ({ id }) => ({ missing: await store.commit(id) }),
    list: ({ id }) => ({ paths: store.entries(id)?.map(({ path }) => path) ?? null }),
    text: async ({ id, path }) => ({ text: await store.text(id, path) }),
  };
}
