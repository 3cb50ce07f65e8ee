// A run that was lost goes on: another attempt of the same run, from the same code, config and recorded environment, and curves
// that continue where the new attempt begins.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { applyRunDelta, emptyRunState, type RunState } from "../../core/model/runState";
import { runs } from "../../core/protocol/runs";
import { send, taggedWith } from "../../remote-agent/box/processes";
import { attemptFiles } from "../../remote-agent/disk/runFolder";
import { startAgent, type AgentProcess } from "../support/agentProcess";
import { runside } from "../support/builtAgent";
import { eventually } from "../support/eventually";
import { inState, node, specOf, started, statusOf, supervisorOf } from "../support/runsOfAgent";
import { tempFolder } from "../support/tempFolder";

/** Writes three steps more than the attempt before it wrote, then waits for `done`. */
const TRAINER = `const fs = require("node:fs"), path = require("node:path");
const [, out, lr] = process.argv;
const before = process.env.RUNSIDE_PREVIOUS_OUT;
const first = before ? fs.readFileSync(path.join(before, "metrics.jsonl"), "utf8").trimEnd().split("\\n").length : 0;
for (let step = first + 1; step <= first + 3; step++)
  fs.appendFileSync(path.join(out, "metrics.jsonl"), JSON.stringify({ step, reward: step / 10, loss: 1 / step }) + "\\n");
console.log([lr, process.env.KIND, process.env.TOKEN, out === process.env.RUNSIDE_OUT, process.env.AT === out].join(" "));
setInterval(() => fs.existsSync("done") && process.exit(0), 20);`;

async function begun(): Promise<{ home: string; work: string; id: string; agent: AgentProcess }> {
  const home = tempFolder("home");
  const work = tempFolder("work");
  const agent = await startAgent(home);
  const spec = specOf(work, [node(TRAINER, "{out}", "0.1")], {
    env: { KIND: "grpo", AT: "{out}" },
    secrets: { TOKEN: "first" },
  });
  const { id } = await started(agent.peer, home, spec);
  await eventually(() => expect(logOf(home, id, 1)).toBe("0.1 grpo first true true\n"));
  return { home, work, id, agent };
}

const logOf = (home: string, id: string, attempt: number): string =>
  readFileSync(attemptFiles(join(home, "runs", id), attempt).log, "utf8");

function killAll(home: string, id: string): void {
  send(supervisorOf(home, id) ?? 0, "SIGKILL");
  for (const pid of taggedWith(id)) send(pid, "SIGKILL");
}

/** As the record of a box that has restarted since. */
function fromAnotherBoot(home: string, id: string): void {
  const { status } = attemptFiles(join(home, "runs", id), 1);
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  const text = readFileSync(status, "utf8");
  expect(text).toContain(boot);
  writeFileSync(status, text.replace(boot, "00000000-0000-4000-8000-000000000000"));
}

const rewards = (state: RunState): [number[], unknown[]] => {
  const curves = [...state.series.values()].filter(({ name }) => name === "reward");
  expect(curves).toHaveLength(1);
  return [curves[0]?.steps as number[], curves[0]?.values as unknown[]];
};

describe("a restart", () => {
  it("is a second attempt of the same run; its curves continue with a mark, for whoever watches and whoever comes", async () => {
    const { home, work, id, agent } = await begun();
    let state = emptyRunState;
    agent.peer.on(runs.changed, ({ delta }) => {
      const next = applyRunDelta(state, delta);
      if (next !== "gap") state = next;
    });
    const filled = applyRunDelta(state, await agent.peer.request(runs.watch, { target: id }));
    if (filled !== "gap") state = filled;
    const listed: string[] = [];
    agent.peer.on(runs.listed, ({ runs: changed }) => listed.push(...changed.map((r) => r.status.state)));
    await agent.peer.request(runs.list, {});
    await eventually(() => expect(rewards(state)[0]).toEqual([1, 2, 3]));
    killAll(home, id);
    fromAnotherBoot(home, id);
    expect((await inState(home, id, "lost")).reason).toBe("Lost: the box restarted.");
    await eventually(() => expect([state.status?.state, listed.at(-1)]).toEqual(["lost", "lost"]));

    const wish = { id, after: 1, secrets: { TOKEN: "second" } };
    const outcome = await agent.peer.request(runs.restart, wish);
    expect(outcome).toMatchObject({ outcome: "started", id });
    // The answer was lost: asked again, here and elsewhere.
    const other = await startAgent(home);
    expect(await agent.peer.request(runs.restart, wish)).toEqual(outcome);
    expect(await other.peer.request(runs.restart, wish)).toEqual(outcome);
    await eventually(() => expect(logOf(home, id, 2)).toBe("0.1 grpo second true true\n"));
    await eventually(() => {
      expect(state.status).toMatchObject({ state: "running", attempt: 2 });
      expect(rewards(state)).toEqual([
        [1, 2, 3, 4, 5, 6],
        [0.1, 0.2, 0.3, 0.4, 0.5, 0.6],
      ]);
      expect(state.marks).toEqual([{ attempt: 2, step: 4 }]);
      expect(listed.at(-1)).toBe("running");
    });
    const [curve] = JSON.parse((await runside(home, ["series", id, "reward", "--json"])).out) as { steps: number[] }[];
    expect(curve?.steps).toEqual([1, 2, 3, 4, 5, 6]);
    expect(logOf(home, id, 1)).toBe("0.1 grpo first true true\n");
    await expect(agent.peer.request(runs.restart, { ...wish, after: 2 })).rejects.toThrow(/still running/);
    writeFileSync(join(work, "done"), "");
    await inState(home, id, "succeeded");
    await expect(agent.peer.request(runs.restart, { ...wish, after: 2 })).rejects.toThrow(/has succeeded/);
    await eventually(() => expect(listed.at(-1)).toBe("succeeded"));
  });

  it("asks for the secrets again, and writes none", async () => {
    const { home, id, agent } = await begun();
    killAll(home, id);
    await inState(home, id, "lost");
    const without = agent.peer.request(runs.restart, { id, after: 1, secrets: {} });
    await expect(without).rejects.toThrow(/needs TOKEN again/);
    expect(statusOf(home, id)).toMatchObject({ state: "lost", attempt: 1 });
    // On the command line they come from its own environment.
    expect(await runside(home, ["restart", id])).toMatchObject({ code: 1, out: "" });
    process.env["TOKEN"] = "from-here";
    try {
      expect(await runside(home, ["restart", id])).toMatchObject({ code: 0, out: `${id}\n` });
    } finally {
      delete process.env["TOKEN"];
    }
    await eventually(() => expect(logOf(home, id, 2)).toContain("grpo from-here true"));
    await agent.peer.request(runs.stop, { id });
    expect(await inState(home, id, "cancelled")).toMatchObject({ attempt: 2, sent: ["SIGINT"] });
  });
});
