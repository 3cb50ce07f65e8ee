// Dead, hung and slow told apart: trainers that stop stepping in different ways, seen through the built agent.
import { utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Health } from "../../core/model/run";
import { runs } from "../../core/protocol/runs";
import { groupOf, send, taggedWith } from "../../remote-agent/box/processes";
import { startAgent } from "../support/agentProcess";
import { runside } from "../support/builtAgent";
import { eventually } from "../support/eventually";
import { node, specOf, started, supervisorOf } from "../support/runsOfAgent";
import { tempFolder } from "../support/tempFolder";

/** Ten quick steps, then what `then` does. A deadlocked process waits for something that never comes. */
const trainer = (then: string, line = "{ step, reward: step / 10 }"): string =>
  `const fs = require("node:fs"); let step = 0;
  const write = () => { step++; fs.appendFileSync(process.env.RUNSIDE_OUT + "/metrics.jsonl", JSON.stringify(${line}) + "\\n"); };
  const quick = setInterval(() => { write(); if (step === 10) { clearInterval(quick); ${then} } }, 60);`;
const DEADLOCK = "setInterval(() => {}, 100000);";

async function watched(program: string) {
  const home = tempFolder("home");
  const agent = await startAgent(home, { RUNSIDE_HUNG_AFTER: "5,2" });
  const { id, pid } = await started(agent.peer, home, specOf(tempFolder("work"), [node(program)]));
  const seen: (Health["verdict"] | null)[] = [];
  const now = async (): Promise<Health | null> => {
    const [run] = (await agent.peer.request(runs.list, {})).runs;
    const health = run?.status.health ?? null;
    if (seen.at(-1) !== (health?.verdict ?? null)) seen.push(health?.verdict ?? null);
    return health;
  };
  const becomes = (verdict: Health["verdict"]): Promise<Health | null> =>
    eventually(async () => {
      const health = await now();
      expect(health?.verdict).toBe(verdict);
      return health;
    }, 20_000);
  return { home, id, pid, agent, seen, becomes };
}

describe("a run whose process lives", () => {
  it("is hung when it deadlocks, and says since when", async () => {
    const { home, id, agent, becomes } = await watched(trainer(DEADLOCK));
    await becomes("ok");
    const health = await becomes("hung");
    expect(health?.sentence).toMatch(/^No step since \d{4}-.* UTC, while steps came every .*: it lives, but hangs\.$/);
    const delta = await agent.peer.request(runs.watch, { target: id });
    await eventually(async () => {
      const answer = await agent.peer.request(runs.watch, { target: id });
      expect(answer.status?.health?.verdict ?? delta.status?.health?.verdict).toBe("hung");
    });
    // Nothing happens, so nothing is told: the sentence does not age.
    const cursor = (await agent.peer.request(runs.watch, { target: id })).to;
    expect(await agent.peer.request(runs.watch, { target: id, since: cursor })).toEqual({ from: cursor, to: cursor });
    expect((await runside(home, ["ls"])).out).toContain(id);
  });

  it("is slow, not hung, while it writes to its log", async () => {
    const { becomes, seen } = await watched(trainer("setInterval(() => console.log('evaluating'), 200);"));
    await becomes("slow");
    await eventually(() => expect(seen.at(-1)).toBe("slow"));
    const health = await becomes("slow");
    expect(seen).not.toContain("hung");
    expect(health?.sentence).toMatch(/it still writes|The last step came at/);
  });

  it("is ok again when it steps again", async () => {
    const { becomes } = await watched(trainer("setTimeout(() => setInterval(write, 60), 5000);"));
    await becomes("hung");
    await becomes("ok");
  });

  it("is dead when it is gone without a record, which is not hung", async () => {
    const { home, id, pid, becomes } = await watched(trainer(DEADLOCK));
    await becomes("ok");
    const reaper = groupOf(pid) ?? 0;
    send(supervisorOf(home, id) ?? 0, "SIGKILL");
    send(reaper, "SIGKILL");
    for (const one of taggedWith(id)) send(one, "SIGKILL");
    expect((await becomes("dead"))?.sentence).toContain("gone without a record");
  });
});

describe("a run whose trace has times", () => {
  it("is slow when its late steps take several times the median", async () => {
    const home = tempFolder("home");
    const agent = await startAgent(home);
    const { id } = await started(agent.peer, home, specOf(tempFolder("work"), [node(DEADLOCK)]));
    const out = join(home, "runs", id, "attempts", "1", "out", "metrics.jsonl");
    const gaps = [...Array.from({ length: 40 }, () => 2), ...Array.from({ length: 6 }, () => 20)];
    let at = Date.now() / 1000 - gaps.reduce((sum, gap) => sum + gap, 0) - 1;
    const lines = gaps.map((gap, i) => JSON.stringify({ step: i + 1, reward: i / 50, time: (at += gap) }));
    writeFileSync(out, `${lines.join("\n")}\n`);
    utimesSync(out, new Date(), new Date());
    await eventually(async () => {
      const [run] = (await agent.peer.request(runs.list, {})).runs;
      expect(run?.status.health).toEqual({
        verdict: "slow",
        sentence: "Steps come every 20 s lately, 2 s over the run.",
      });
    });
  });
});
