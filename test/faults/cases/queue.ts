// Faults of the queue: two windows, and two users, who want one GPU. Nobody starts twice, nobody is left out, never two at once.
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { LaunchSpec } from "../../../core/model/run";
import { runs } from "../../../core/protocol/runs";
import { send } from "../../../remote-agent/box/processes";
import { builtAgent } from "../../support/builtAgent";
import { eventually } from "../../support/eventually";
import { h100s, recordedTools } from "../../support/gpuTools";
import { endRuns, inState, specOf } from "../../support/runsOfAgent";
import { atEnd, tempFolder } from "../../support/tempFolder";
import { needsRoot, timed, type Fault, type Finding } from "../fault";
import { compare, hashOf, type Account } from "../ledger";
import { World } from "../world";

const job = (work: string): LaunchSpec =>
  specOf(work, [["sh", "-c", 'echo "begin $RUNSIDE_RUN_ID" >>log; sleep 0.01; echo "end $RUNSIDE_RUN_ID" >>log']], {
    gpus: { count: 1 },
  });

const linesOf = (work: string): string[][] =>
  readFileSync(join(work, "log"), "utf8")
    .trim()
    .split("\n")
    .map((line) => line.split(" "));

function mostAtOnce(lines: readonly string[][]): number {
  let now = 0;
  return Math.max(...lines.map(([what]) => (what === "begin" ? ++now : now--)));
}

/** Lost: what never began or never ended. Doubled: what did so twice, or without being asked for. */
function accountOf(expected: readonly string[], lines: readonly string[][]): Account {
  const written = lines.map((words) => words.join(" "));
  return { ...compare(expected, written), destroyed: [], hash: hashOf(written), lines: written.length };
}

const EACH = 50;
/** Of each window at once: enough that every turn is fought for, few enough for the memory of two cores. */
const UNDERWAY = 6;

/** Over ssh as two people's editors do, neither waiting for what the other launched, nor for its own last one. */
async function twoWindows(): Promise<Finding> {
  const { bin, locks } = recordedTools({ "nvidia-smi": h100s(1) });
  const world = await World.make({ login: [`export PATH='${bin}':"$PATH" RUNSIDE_LOCKS='${locks}'`] });
  const work = tempFolder("work");
  const windows = [await world.connected(), await world.connected()];
  const ids: string[] = [];
  let slowest = 0;
  let mostWaiting = 0;
  await Promise.all(
    windows.flatMap(({ session }) => {
      let left = EACH;
      const oneAfterTheOther = async (): Promise<void> => {
        while (left-- > 0) {
          const spec = job(work);
          ids.push(spec.id);
          const peer = await session.link.peer();
          const began = performance.now();
          const answer = await peer.request(runs.launch, spec);
          slowest = Math.max(slowest, (performance.now() - began) / 1000);
          if (answer.outcome === "failed") throw new Error(`${spec.id}: ${answer.reason}`);
          mostWaiting = Math.max(mostWaiting, readdirSync(locks).filter((name) => name.startsWith("ticket-")).length);
          await inState(world.store, spec.id, "succeeded", 120_000);
        }
      };
      return Array.from({ length: UNDERWAY }, oneAfterTheOther);
    }),
  );
  const lines = linesOf(work);
  expect(mostAtOnce(lines)).toBe(1);
  // Each window is shown what the other launched as well.
  for (const { session } of windows)
    await timed(
      () =>
        session.directory.list().filter(({ status }) => status.state === "succeeded").length === ids.length && "all",
    );
  const expected = ids.flatMap((id) => [`begin ${id}`, `end ${id}`]);
  return {
    shown: `each launch answered, one runs at a time, up to ${mostWaiting} in the queue`,
    seconds: slowest,
    account: accountOf(expected, lines),
  };
}

async function twoUsers(): Promise<Finding> {
  const users = ["runside-t1", "runside-t2"];
  for (const user of users) {
    execFileSync("useradd", ["--system", "--no-create-home", "--shell", "/bin/sh", user], { stdio: "ignore" });
    atEnd(() => void execFileSync("userdel", [user], { stdio: "ignore" }));
  }
  const tools = recordedTools({ "nvidia-smi": h100s(1) });
  const shared = tempFolder("shared");
  for (const open of [shared, join(tools.bin, ".."), join(tools.locks, "..")]) chmodSync(open, 0o1777);
  // The bundle lies in a private folder.
  const agent = join(shared, "agent.js");
  copyFileSync(await builtAgent(), agent);
  const homes = users.map((user) => {
    const id = (flag: string): number => Number(execFileSync("id", [flag, user], { encoding: "utf8" }));
    const home = join(shared, user);
    mkdirSync(home, { mode: 0o700 });
    chownSync(home, id("-u"), id("-g"));
    return home;
  });
  const as = (at: number, args: string[]): string =>
    execFileSync(
      "setpriv",
      [`--reuid=${users[at] ?? ""}`, `--regid=${users[at] ?? ""}`, "--clear-groups", process.execPath, agent, ...args],
      {
        encoding: "utf8",
        cwd: shared,
        env: { ...process.env, RUNSIDE_HOME: homes[at] },
      },
    );
  const project = (at: number): string => {
    const folder = join(shared, `project${at}`);
    mkdirSync(join(folder, ".runside"), { recursive: true });
    const program = `echo "begin ${at}" >>../log; until [ -e ../go ]; do sleep 0.05; done; echo "end ${at}" >>../log`;
    const recipe = { id: "turn", match: { files: ["*.yaml"] }, command: ["sh", "-c", program], gpus: 1 };
    writeFileSync(join(folder, ".runside", "recipes.yaml"), JSON.stringify({ recipes: [recipe] }));
    writeFileSync(join(folder, "a.yaml"), "a: 1\n");
    return join(folder, "a.yaml");
  };
  writeFileSync(join(shared, "log"), "");
  chmodSync(join(shared, "log"), 0o666);
  homes.forEach((home) => {
    atEnd(() => endRuns(home));
  });
  const first = as(0, ["run", project(0)]).trim();
  const asked = performance.now();
  const second = as(1, ["run", project(1)]).trim();
  const seen = JSON.parse(as(1, ["gpus", "--json"])) as { gpus: { holders: unknown[] }[] };
  expect(seen.gpus[0]?.holders).toEqual([{ kind: "user", user: users[0] }]);
  const shown = JSON.parse(as(1, ["show", second, "--json"])) as { status: { state: string; reason: string } };
  expect(shown.status).toMatchObject({
    state: "queued",
    reason: `First in the queue for 1 GPU: GPU 0 in use by ${users[0] ?? ""}.`,
  });
  const seconds = (performance.now() - asked) / 1000;
  expect(readdirSync(tools.locks).join()).not.toContain(first);
  // A third, whose supervisor dies: its ticket stays in a sticky folder and is passed over by the other user.
  const third = as(0, ["run", project(2)]).trim();
  const fourth = as(1, ["run", project(3)]).trim();
  const status = join(homes[0] ?? "", "runs", third, "attempts", "1", "status.json");
  send((JSON.parse(readFileSync(status, "utf8")) as { supervisor: { pid: number } }).supervisor.pid, "SIGKILL");
  writeFileSync(join(shared, "go"), "");
  await inState(homes[1] ?? "", second, "succeeded", 30_000);
  await inState(homes[1] ?? "", fourth, "succeeded", 30_000);
  await inState(homes[0] ?? "", third, "lost");
  expect(mostAtOnce(linesOf(shared))).toBe(1);
  await eventually(() => expect(existsSync(join(tools.locks, "queue.lock"))).toBe(true));
  expect(statSync(tools.locks).mode & 0o7777).toBe(0o1777);
  // The third waited when its supervisor died, so that it never begins.
  const expected = [0, 1, 3].flatMap((at) => [`begin ${at}`, `end ${at}`]);
  return {
    shown: `queued, ${shown.status.reason}`,
    seconds,
    account: accountOf(expected, linesOf(shared)),
  };
}

export const queueFaults: readonly Fault[] = [
  { name: "two windows launching for one GPU a hundred times", run: twoWindows },
  { name: "two users waiting for one GPU", run: twoUsers, missing: needsRoot },
];
