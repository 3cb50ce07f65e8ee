// A supervisor killed anywhere between its ticket and its training: the run is over, and the GPU goes to the next.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, expect, it } from "vitest";
import type { LaunchSpec } from "../../../core/model/run";
import { runs } from "../../../core/protocol/runs";
import type { Peer } from "../../../core/rpc/peer";
import { send } from "../../../remote-agent/box/processes";
import { lockedBy } from "../../../remote-agent/queue/gpuLocks";
import { startAgent } from "../../support/agentProcess";
import { eventually } from "../../support/eventually";
import { h100, h100s, recordedTools, type RecordedTools } from "../../support/gpuTools";
import { endRuns, inState, specOf, statusOf, supervisorOf } from "../../support/runsOfAgent";
import { atEnd, tempFolder } from "../../support/tempFolder";

let tools: RecordedTools;
let home: string;
let work: string;
let peer: Peer;

beforeEach(async () => {
  tools = recordedTools({ "nvidia-smi": h100s(1) });
  home = tempFolder("home");
  work = tempFolder("work");
  const running = home;
  peer = (await startAgent(home)).peer;
  atEnd(() => endRuns(running));
});

const run = (): LaunchSpec =>
  specOf(work, [["sh", "-c", 'echo "begin $RUNSIDE_RUN_ID" >>log; sleep 0.2; echo "end $RUNSIDE_RUN_ID" >>log']], {
    gpus: { count: 1 },
  });
const log = (): string => (existsSync(join(work, "log")) ? readFileSync(join(work, "log"), "utf8") : "");
const tickets = (): string[] => readdirSync(tools.locks).filter((name) => name.startsWith("ticket-"));

it("with the lock in hand and nothing started yet, it is lost, and whoever waited behind it is next", async () => {
  // The tool is asked once more with the lock in hand: there it is held up, this once, for as long as the file lies there.
  const hold = join(work, "hold");
  const real = join(tools.bin, "nvidia-smi");
  const answers = readFileSync(real, "utf8").replace("#!/bin/sh\n", "");
  const held = `ls "$RUNSIDE_LOCKS" | grep -q "^gpu-" && mkdir "${hold}.once" 2>/dev/null && while [ -e "${hold}" ]; do sleep 0.02; done`;
  rmSync(real);
  writeFileSync(real, `#!/bin/sh\n${held}\n${answers}`, { mode: 0o755 });
  writeFileSync(hold, "");
  const [first, second] = [run(), run()];
  const answered = peer.request(runs.launch, first);
  await eventually(() => expect(lockedBy(tools.locks, h100(0))).not.toBeNull());
  const behind = peer.request(runs.launch, second);
  await eventually(() => expect(tickets()).toHaveLength(2));
  send(supervisorOf(home, first.id) ?? 0, "SIGKILL");
  rmSync(hold);
  expect(await answered).toMatchObject({ outcome: "failed", id: first.id });
  expect((await behind).outcome).not.toBe("failed");
  await inState(home, second.id, "succeeded");
  await inState(home, first.id, "lost");
  expect(log()).toBe(`begin ${second.id}\nend ${second.id}\n`);
  expect(tickets()).toEqual([]);
  expect(lockedBy(tools.locks, h100(0))).toBeNull();
});

it("at any moment of its start, none stays queued, none runs beside another, and the last one has its turn", async () => {
  const killed: string[] = [];
  for (let delay = 0; delay <= 240; delay += 30) {
    const spec = run();
    const answered = peer.request(runs.launch, spec);
    const supervisor = await eventually(() => {
      const pid = supervisorOf(home, spec.id);
      if (pid === null) throw new Error("it has not begun");
      return pid;
    });
    await sleep(delay);
    send(supervisor, "SIGKILL");
    await answered;
    killed.push(spec.id);
  }
  const last = run();
  expect((await peer.request(runs.launch, last)).outcome).not.toBe("failed");
  await inState(home, last.id, "succeeded", 20_000);
  for (const id of killed) {
    const { state } = await eventually(() => {
      const status = statusOf(home, id);
      if (status.endedAt === null && status.state !== "lost") throw new Error(`${id} is ${status.state}`);
      return status;
    });
    // Its training may have begun, and then ends as it would have.
    const began = log().includes(`begin ${id}\n`);
    expect([id, state]).toEqual([id, began ? "succeeded" : "lost"]);
  }
  const lines = log().trim().split("\n");
  for (let at = 0; at < lines.length; at += 2) expect(lines[at + 1]).toBe(lines[at]?.replace("begin", "end"));
  expect(tickets()).toEqual([]);
}, 60_000);
