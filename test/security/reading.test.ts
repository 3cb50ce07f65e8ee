// What an agent may be asked to read, the port it does not open, and what an untrusted workspace may not do.
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isError, type RunsideError } from "../../core/base/errors";
import { agentAreas } from "../../core/protocol/catalogue";
import type { Area } from "../../core/protocol/define";
import { files } from "../../core/protocol/files";
import { rollouts } from "../../core/protocol/rollouts";
import { runs } from "../../core/protocol/runs";
import { localBox } from "../../src/runs/box";
import { startAgent } from "../support/agentProcess";
import { localApp } from "../support/localApp";
import { inState, node, specOf, started, supervisorOf } from "../support/runsOfAgent";
import { sshdWorld } from "../support/sshdApp";
import { sshdAvailable } from "../support/sshd";
import { tempFolder } from "../support/tempFolder";
import { escapes } from "./names";

const secret = "this stands outside of the run";

describe("the agent", () => {
  it("gives nothing that lies outside of what is shown, by whatever way there", async () => {
    const outside = tempFolder("outside");
    const place = join(outside, "secret.txt");
    writeFileSync(place, secret);
    const home = tempFolder("home");
    const agent = await startAgent(home);
    const { id } = await started(agent.peer, home, specOf(tempFolder("place"), [node('console.log("hello")')]));
    await inState(home, id, "succeeded");
    const out = join(home, "runs", id, "attempts", "1", "out");
    symlinkSync(outside, join(out, "out-link"));
    symlinkSync(place, join(out, "picture.png"));
    for (const path of [...escapes(place), "picture.png", "out-link/secret.txt"]) {
      const asked = agent.peer.request(files.read, { target: id, path, offset: 0, length: 1000 });
      const failed: unknown = await asked.then(
        ({ data }) => Buffer.from(data, "base64").toString(),
        (error: unknown) => error,
      );
      expect(isError(failed, "trace/unreadable"), `${JSON.stringify(path)}: ${String(failed)}`).toBe(true);
    }
  });

  it("and a run's supervisor listen on no port", async () => {
    const home = tempFolder("home");
    const agent = await startAgent(home);
    const spec = specOf(tempFolder("place"), [node("setInterval(() => undefined, 1000)")]);
    const { id } = await started(agent.peer, home, spec);
    await agent.peer.request(runs.watch, { target: id });
    const supervisor = supervisorOf(home, id);
    const pids = [agent.child.pid, supervisor];
    expect(pids.every((pid) => typeof pid === "number")).toBe(true);
    expect(pids.flatMap((pid) => listening(pid ?? 0))).toEqual([]);
    // The way of looking is right: this one is seen.
    const { createServer } = await import("node:net");
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    expect(listening(process.pid).length).toBeGreaterThan(0);
    await new Promise((resolve) => server.close(resolve));
    await agent.peer.request(runs.stop, { id });
    await inState(home, id, "cancelled");
  });

  it("answers nothing that is not in its protocol", async () => {
    const agent = await startAgent(tempFolder("home"));
    for (const method of ["exec", "eval", "files/write", "runs/../launch", "__proto__", "constructor", ""]) {
      await expect(agent.peer.relay(method, { command: "id" })).rejects.toThrow();
    }
  });
});

/** Sockets that a process listens on, TCP of both kinds. */
function listening(pid: number): string[] {
  const sockets = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
    } catch {
      return [];
    }
  });
  const lines = ["tcp", "tcp6"].flatMap((kind) => readFileSync(`/proc/net/${kind}`, "utf8").split("\n").slice(1));
  const open = lines.map((line) => line.trim().split(/\s+/)).filter(([, , , state]) => state === "0A");
  return open.flatMap(([, address = "", , , , , , , , inode = ""]) => (sockets.includes(inode) ? [address] : []));
}

describe("an untrusted workspace", () => {
  it("connects to no box over SSH, however often it is asked", async () => {
    const { app } = await localApp({ trusted: false });
    const { link } = app.boxes.open("some-host");
    for (let i = 0; i < 3; i++) {
      link.retry();
      expect(isError(await link.peer().catch((error: unknown) => error), "connect/untrusted")).toBe(true);
    }
    expect(link.status.state).toBe("idle");
  });

  it.skipIf(!sshdAvailable())(
    "installs nothing on a box and does not even call it, with one sentence that says why",
    async () => {
      const world = await sshdWorld();
      const calls = (): number => world.sshd.log().split("Connection from ").length - 1;
      const before = calls();
      const { app, session } = world.window({ trusted: false });
      for (const asked of [session.link.peer(), app.boxes.uninstall(session.id, "delete")]) {
        const error = (await asked.catch((failed: unknown) => failed)) as RunsideError;
        expect([error.code, error.message]).toEqual([
          "connect/untrusted",
          expect.stringMatching(/^[^.]+trust it first\.$/),
        ]);
      }
      session.link.retry();
      session.link.check();
      expect(session.link.status.state).toBe("idle");
      expect(calls()).toBe(before);
      expect(existsSync(world.store)).toBe(false);
      // It does say so where somebody comes.
      await world.window().session.link.peer();
      expect(calls()).toBe(before + 1);
    },
  );

  it("changes nothing on this machine either, whichever act is asked for, and its runs can be looked at", async () => {
    const { app, home } = await localApp({ trusted: false });
    const peer = await app.boxes.open(localBox).link.peer();
    const before = readdirSync(home, { recursive: true }).sort();
    const acts = Object.values(agentAreas)
      .flatMap((area: Area) => Object.values(area))
      .flatMap((message) => (message.kind === "act" ? [message] : []));
    expect(acts.map(({ method }) => method)).toEqual(
      expect.arrayContaining(["runs/launch", "runs/restart", "store/uninstall"]),
    );
    for (const act of acts) {
      const error = (await peer.request(act, {}).catch((failed: unknown) => failed)) as RunsideError;
      expect([act.method, error.code, error.message]).toEqual([
        act.method,
        "connect/untrusted",
        expect.stringMatching(/^[^.]+trust it first\.$/),
      ]);
    }
    expect(readdirSync(home, { recursive: true }).sort()).toEqual(before);
    expect((await peer.request(runs.list, {})).runs).toEqual([]);
  });

  it("is looked at without its own patterns, which a trusted one has", async () => {
    const folder = tempFolder("experiment");
    mkdirSync(join(folder, ".runside"));
    const dialect = "dialects:\n  - id: orchard\n    patterns: [{ kind: done, pattern: 'PICKED' }]\n";
    writeFileSync(join(folder, ".runside", "dialects.yaml"), dialect);
    const row = { step: 1, prompt: "go", completion: "PICKED", reward: 1, group_id: "g" };
    writeFileSync(join(folder, "rollouts.jsonl"), `${JSON.stringify(row)}\n${JSON.stringify({ ...row, step: 2 })}\n`);
    const dialectFor = async (trusted: boolean): Promise<string | null> => {
      const { app } = await localApp({ trusted });
      const peer = await app.boxes.open(localBox).link.peer();
      const page = await peer.request(rollouts.page, { target: folder, offset: 0, limit: 1, sort: "newest" });
      const read = await peer.request(rollouts.read, { target: folder, id: page.rows[0]?.id ?? "" });
      return read.samples[0]?.parsed?.dialect ?? null;
    };
    expect(await dialectFor(true)).toBe("orchard");
    expect(await dialectFor(false)).not.toBe("orchard");
  });
});
