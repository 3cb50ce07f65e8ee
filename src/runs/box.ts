// A box as the host's services see it: a name, and a connection that comes and goes.
import type { Disposable } from "../../core/base/disposable";
import type { Event } from "../../core/base/emitter";
import type { Peer } from "../../core/rpc/peer";

/** `local` for this machine, else the SSH alias. */
export type BoxId = string;
export const localBox: BoxId = "local";

export type LinkState = "idle" | "connecting" | "connected" | "lost" | "failed";

export interface LinkStatus {
  state: LinkState;
  /** Since when, in ms of Date.now(). */
  since: number;
  /** When the box answered last, also in an earlier window; null while it is connected, and where it never was. */
  seenAt: number | null;
  message: string | null;
}

/** What the services need of a connection. */
export interface BoxLink extends Disposable {
  readonly status: LinkStatus;
  readonly onStatus: Event<LinkStatus>;
  /** A fresh peer after every connect and reconnect. */
  readonly onPeer: Event<Peer>;
  readonly current: Peer | null;
  /** Connects if need be. Rejects with the reason; `signal` gives up waiting, not the connection. */
  peer(signal?: AbortSignal): Promise<Peer>;
  /** After a failure: try again now. */
  retry(): void;
  /** After sleep or a change of networks: a dead link is noticed now instead of at the next keep-alive. */
  check(): void;
  /** Puts the connection down and says why; the next `peer()` makes another. */
  disconnect(why: string): Promise<void>;
  close(): Promise<void>;
}
