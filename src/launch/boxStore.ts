// A box's snapshots over its agent's channel, as the sender sees them.
import { snapshots } from "../../core/protocol/snapshots";
import type { Peer } from "../../core/rpc/peer";
import type { SentList, SnapshotStore } from "./sendSnapshot";

/** By folder; as long as the connection, because another agent begins without them. */
const sentOver = new WeakMap<Peer, Map<string, SentList>>();

export const boxStore = (peer: Peer, signal?: AbortSignal): SnapshotStore => ({
  sent: sentOver.get(peer) ?? kept(peer),
  has: (params) => peer.request(snapshots.has, params, signal),
  offer: (params) => peer.request(snapshots.offer, params, signal),
  put: (params) => peer.request(snapshots.put, params, signal),
  commit: (params) => peer.request(snapshots.commit, params, signal),
});

function kept(peer: Peer): Map<string, SentList> {
  const lists = new Map<string, SentList>();
  sentOver.set(peer, lists);
  return lists;
}
