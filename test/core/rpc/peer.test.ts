// The typed face of JSON-RPC over a pair in memory: what a question can come back as.
// Installs what the common part needs of its platform, as the entry of each process does.
import "vscode-jsonrpc/node";
import { describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { asRunsideError, cancelled, runNotFound, type ErrorCode } from "../../../core/base/errors";
import { MemoryLogger } from "../../../core/base/logger";
import { act, event, read } from "../../../core/protocol/define";
import { memoryPair, type Link } from "../../../core/rpc/memory";
import { Peer } from "../../../core/rpc/peer";

const pears = {
  count: read("pears/count", z.object({ tree: z.string() }), z.object({ pears: z.number() })),
  pick: act("pears/pick", z.object({ tree: z.string() }), z.object({ picked: z.boolean() })),
  fell: event("pears/fell", z.object({ tree: z.string() })),
};

interface World {
  asking: Peer;
  answering: Peer;
  links: [Link, Link];
  logger: MemoryLogger;
}

function world(): World {
  const links = memoryPair();
  const logger = new MemoryLogger();
  const asking = new Peer(links[0].reader, links[0].writer, logger);
  const answering = new Peer(links[1].reader, links[1].writer, logger);
  return { asking, answering, links, logger };
}

function listen({ asking, answering }: World): void {
  asking.listen();
  answering.listen();
}

const codeOf = (promise: Promise<unknown>): Promise<ErrorCode | "resolved"> =>
  promise.then(
    () => "resolved" as const,
    (error: unknown) => asRunsideError(error).code,
  );

describe("Peer", () => {
  it("asks and answers", async () => {
    const w = world();
    w.answering.serve(pears, {
      count: ({ tree }) => ({ pears: tree.length }),
      pick: () => Promise.resolve({ picked: true }),
    });
    listen(w);
    expect(await w.asking.request(pears.count, { tree: "oak" })).toEqual({ pears: 3 });
    expect(await w.asking.request(pears.pick, { tree: "oak" })).toEqual({ picked: true });
    expect(await w.asking.relay("pears/count", { tree: "ash!" })).toEqual({ pears: 4 });
  });

  it("cancels: the handler's signal fires and the asker hears cancelled", async () => {
    const w = world();
    let aborted = false;
    w.answering.serve(pears, {
      count: (_params, { signal }) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener("abort", () => {
            aborted = true;
            reject(cancelled());
          }),
        ),
      pick: () => ({ picked: false }),
    });
    listen(w);
    const controller = new AbortController();
    const asked = codeOf(w.asking.request(pears.count, { tree: "oak" }, controller.signal));
    await new Promise((resolve) => setTimeout(resolve, 5));
    controller.abort();
    expect(await asked).toBe("cancelled");
    expect(aborted).toBe(true);
    expect(await codeOf(w.asking.request(pears.count, { tree: "oak" }, controller.signal))).toBe("cancelled");
  });

  it("rejects everything that waits when either side closes, and everything asked after", async () => {
    for (const closer of ["asking", "answering link"] as const) {
      const w = world();
      w.answering.serve(pears, { count: () => new Promise(() => undefined), pick: () => ({ picked: true }) });
      listen(w);
      let closed = 0;
      w.asking.onClose(() => closed++);
      const waiting = [
        codeOf(w.asking.request(pears.count, { tree: "a" })),
        codeOf(w.asking.request(pears.count, { tree: "b" })),
      ];
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (closer === "asking") w.asking.dispose();
      else w.links[0].reader.end();
      expect(await Promise.all(waiting)).toEqual(["rpc/closed", "rpc/closed"]);
      expect(await codeOf(w.asking.request(pears.pick, { tree: "a" }))).toBe("rpc/closed");
      await expect(w.asking.request(pears.pick, { tree: "a" })).rejects.toThrow(/closed before.*try again once/);
      w.asking.dispose();
      expect([closed, w.asking.closed]).toEqual([1, true]);
      w.asking.emit(pears.fell, { tree: "a" });
    }
  });

  it("names an unknown method", async () => {
    const w = world();
    listen(w);
    expect(await codeOf(w.asking.request(pears.count, { tree: "oak" }))).toBe("rpc/unknown-method");
  });

  it("refuses malformed questions and malformed answers, each at its own door", async () => {
    const w = world();
    let asked = 0;
    w.answering.serveRest((method) => {
      asked++;
      return Promise.resolve({ pears: `many of ${method}` });
    });
    w.answering.serve({ pick: pears.pick }, { pick: () => ({ picked: true }) });
    listen(w);
    expect(await codeOf(w.asking.relay("pears/pick", { tree: 7 }))).toBe("rpc/bad-params");
    expect(asked).toBe(0);
    expect(await codeOf(w.asking.request(pears.count, { tree: "oak" }))).toBe("rpc/bad-result");
    expect(asked).toBe(1);
  });

  it("carries our codes and their data, and calls everything else internal", async () => {
    const w = world();
    w.answering.serve(pears, {
      count: () => {
        throw runNotFound("oak");
      },
      pick: () => Promise.reject(new TypeError("no ladder")),
    });
    listen(w);
    await expect(w.asking.request(pears.count, { tree: "oak" })).rejects.toMatchObject({
      code: "run/not-found",
      data: { target: "oak" },
    });
    await expect(w.asking.request(pears.pick, { tree: "oak" })).rejects.toMatchObject({
      code: "internal",
      message: "no ladder",
    });
    expect(w.logger.records.filter((r) => r.level === "error").map((r) => r.message)).toEqual([
      "pears/pick failed: no ladder",
    ]);
  });

  it("delivers events that fit and drops others with a word", async () => {
    const w = world();
    const fell: string[] = [];
    const listening = w.answering.on(pears.fell, ({ tree }) => fell.push(tree));
    listen(w);
    w.asking.emit(pears.fell, { tree: "oak" });
    w.asking.emit(event("pears/fell", z.unknown()), { tree: 5 });
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(fell).toEqual(["oak"]);
    expect(w.logger.records.some((r) => r.level === "warn" && r.message.includes("pears/fell"))).toBe(true);
    listening.dispose();
    w.asking.emit(pears.fell, { tree: "ash" });
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(fell).toEqual(["oak"]);
  });
});

/** A far side that is not ours: it answers with whatever the test makes of each message. */
function badPeer(answer: (message: { id?: number; method?: string }, link: Link) => void): Peer {
  const [near, far] = memoryPair();
  const peer = new Peer(near.reader, near.writer);
  peer.listen();
  far.reader.listen((message) => answer(message as { id?: number; method?: string }, far));
  return peer;
}

const reply = (link: Link, fields: object): void => void link.writer.write({ jsonrpc: "2.0", ...fields });

describe("a Peer beside a bad one", () => {
  it("does not wait for ever on one that never answers: closing settles what was asked", async () => {
    const peer = badPeer(() => undefined);
    const controller = new AbortController();
    const asked = codeOf(peer.request(pears.count, { tree: "oak" }, controller.signal));
    controller.abort();
    peer.dispose();
    expect(["cancelled", "rpc/closed"]).toContain(await asked);
  });

  it("takes the first of two answers", async () => {
    const peer = badPeer((message, link) => {
      reply(link, { id: message.id, result: { pears: 1 } });
      setTimeout(() => reply(link, { id: message.id, result: { pears: 2 } }), 1);
    });
    expect(await peer.request(pears.count, { tree: "oak" })).toEqual({ pears: 1 });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await peer.request(pears.count, { tree: "oak" })).toEqual({ pears: 1 });
  });

  it("survives answers to nothing, errors without data, and codes that are not ours", async () => {
    const peer = badPeer((message, link) => {
      reply(link, { id: 999, result: {} });
      const data = message.method === "pears/pick" ? { code: "rm -rf" } : undefined;
      reply(link, { id: message.id, error: { code: 1, message: "odd", data } });
    });
    expect(await codeOf(peer.request(pears.count, { tree: "oak" }))).toBe("internal");
    expect(await codeOf(peer.request(pears.pick, { tree: "oak" }))).toBe("internal");
  });
});
