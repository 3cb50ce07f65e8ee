// The network between the client and sshd, in our hands: a userland proxy that forwards, stops forwarding, or hangs up.
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

export interface Cable {
  port: number;
  /** Hangs up now, and refuses until `mend`. */
  cut(): void;
  /** Hangs up now; whoever comes back at once is let through. */
  blink(): void;
  /** Hangs up, and refuses until `mend`, when so many more bytes have gone up (to the box) or down. */
  cutAfter(bytes: number, way: "up" | "down"): Promise<void>;
  /** Keeps every connection open and carries nothing more, as a laptop's network after sleep does. */
  stall(): void;
  /** Forwards again, also what was held back. */
  mend(): void;
  /** Bytes carried so far. */
  carried(way: "up" | "down"): number;
  close(): Promise<void>;
}

export async function layCable(to: number): Promise<Cable> {
  const pairs = new Set<readonly [Socket, Socket]>();
  const carried = { up: 0, down: 0 };
  let down = false;
  let stalled = false;
  let limit: { way: "up" | "down"; at: number; reached: () => void } | null = null;
  const hangUp = (): void => {
    for (const pair of pairs) pair.forEach((socket) => socket.destroy());
    pairs.clear();
  };
  const cut = (): void => {
    down = true;
    hangUp();
  };
  const forward = (from: Socket, into: Socket, way: "up" | "down"): void => {
    from.on("data", (bytes: Buffer) => {
      carried[way] += bytes.length;
      if (limit?.way === way && carried[way] >= limit.at) {
        const { reached } = limit;
        limit = null;
        cut();
        return reached();
      }
      if (!into.write(bytes)) from.pause();
      if (stalled) from.pause();
    });
    into.on("drain", () => (stalled ? undefined : from.resume()));
    // Half of what was held back would be worse than a cut: both ends go together.
    from.on("close", () => into.destroy());
    from.on("error", () => undefined);
  };
  const server: Server = createServer((near) => {
    if (down) return void near.destroy();
    const far = connect(to, "127.0.0.1");
    // The proxy adds no waiting of its own.
    [near, far].forEach((socket) => socket.setNoDelay(true));
    const pair = [near, far] as const;
    pairs.add(pair);
    near.on("close", () => pairs.delete(pair));
    forward(near, far, "up");
    forward(far, near, "down");
    if (stalled) pair.forEach((socket) => socket.pause());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    blink: hangUp,
    cutAfter: (bytes, way) => new Promise((reached) => (limit = { way, at: carried[way] + bytes, reached })),
    stall: () => {
      stalled = true;
      for (const pair of pairs) pair.forEach((socket) => socket.pause());
    },
    mend: () => {
      down = false;
      stalled = false;
      limit = null;
      for (const pair of pairs) pair.forEach((socket) => socket.resume());
    },
    carried: (way) => carried[way],
    close: async () => {
      hangUp();
      const closed = once(server, "close");
      server.close();
      await closed;
    },
  };
}
