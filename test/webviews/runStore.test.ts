// The store over a wire: snapshot, continuation, gap, a host that lost its place, one paint for many deltas.
import "vscode-jsonrpc/node";
import { afterEach, describe, expect, it } from "vitest";
import { snapshotOf, type RunDelta } from "../../core/model/runState";
import { memoryPair } from "../../core/rpc/memory";
import { Peer } from "../../core/rpc/peer";
import { view } from "../../core/protocol/view";
import { RunStore } from "../../webviews/shared/runStore";
import { makeState } from "./harness/data";
import { makeScript, serveScript, type Script } from "./harness/scriptedHost";

const ends: (() => void)[] = [];
afterEach(() => ends.splice(0).forEach((end) => end()));

function begin(patch: Partial<Script> = {}) {
  const [near, far] = memoryPair();
  const script = makeScript({ rollouts: [], ...patch });
  const host = new Peer(far.reader, far.writer);
  const { emit } = serveScript(host, script);
  host.listen();
  const peer = new Peer(near.reader, near.writer);
  const frames: (() => void)[] = [];
  const store = new RunStore(peer, (paint) => {
    frames.push(paint);
    return () => undefined;
  });
  peer.listen();
  ends.push(() => [store, peer, host].forEach((d) => d.dispose()));
  let paints = 0;
  store.onChange(() => paints++);
  const frame = (): void => frames.splice(0).forEach((paint) => paint());
  return { store, script, emit, host, frame, paints: () => paints };
}

const settle = (): Promise<void> => new Promise((done) => setTimeout(done, 60));
const point = (from: string, to: string, step: number, value: number): RunDelta => {
  const series = [...makeState(1).series.values()][0]!;
  return { from, to, series: [{ ...series, mode: "append", total: step, steps: [step], values: [value] }] };
};
const watches = (script: Script): unknown[] =>
  script.asked.filter((a) => a.method === "runs/watch").map((a) => a.params);

describe("RunStore", () => {
  it("asks where it is, then for everything, then only listens", async () => {
    const { store, script, emit } = begin({ state: makeState(3) });
    await store.start();
    expect(store.place?.box).toBe("gpu-box-1");
    expect(store.filled).toBe(true);
    expect(store.state.series.size).toBe(20);
    emit(point("c1", "c2", 4, 0.9));
    await settle();
    expect(store.state.series.get("out/trace.jsonl#reward_all")?.steps).toEqual([1, 2, 3, 4]);
    expect(watches(script)).toHaveLength(1);
  });

  it("asks again with its own cursor after a gap, and ends with what the host has", async () => {
    const { store, script, emit } = begin({ state: makeState(3) });
    await store.start();
    script.state = { ...makeState(5), cursor: "c9" };
    emit(point("c8", "c9", 5, 0.9));
    await settle();
    expect(watches(script)[1]).toMatchObject({ since: "c1" });
    expect(store.state.cursor).toBe("c9");
    expect(store.state.series.get("out/trace.jsonl#reward_all")?.steps).toEqual([1, 2, 3, 4, 5]);
  });

  it("asks for the whole when continuations keep failing to fit", async () => {
    const { store, script, emit } = begin({ state: makeState(3) });
    await store.start();
    script.watched = (since) => (since ? { from: "unknown", to: "c7" } : snapshotOf({ ...makeState(6), cursor: "c7" }));
    emit(point("c6", "c7", 5, 0.9));
    await settle();
    expect(store.state.cursor).toBe("c7");
    expect(watches(script).at(-1)).not.toHaveProperty("since", expect.any(String));
    expect(watches(script).length).toBeLessThan(8);
  });

  it("paints once for many deltas", async () => {
    const { store, emit, frame, paints } = begin({ state: makeState(3) });
    await store.start();
    frame();
    const before = paints();
    for (let i = 1; i <= 50; i++) emit(point(`c${i}`, `c${i + 1}`, i + 3, 0.5));
    await expect.poll(() => store.state.cursor).toBe("c51");
    frame();
    expect(paints()).toBe(before + 1);
  });

  it("catches up by itself when the link comes back", async () => {
    const { store, script, host } = begin({ state: makeState(3) });
    await store.start();
    host.emit(view.link, { state: "lost", since: 1, message: null });
    await expect.poll(() => store.link.state).toBe("lost");
    script.state = { ...makeState(8), cursor: "c8" };
    host.emit(view.link, { state: "connected", since: 2, message: null });
    await expect.poll(() => store.state.cursor).toBe("c8");
  });

  it("keeps the error of a failed start, and a later watch begins again", async () => {
    const failing = new Map([["runs/watch", "The folder went away."]]);
    const { store } = begin({ state: makeState(3), failing });
    await store.start();
    expect(store.error?.message).toBe("The folder went away.");
    failing.clear();
    await store.watch();
    expect(store.error).toBeNull();
    expect(store.filled).toBe(true);
  });
});
