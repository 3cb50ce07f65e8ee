// What stands between a launch and the first line of the training: room on the disk, secrets that arrive, files that are private.
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isError } from "../../core/base/errors";
import { runs } from "../../core/protocol/runs";
import { startAgent } from "../support/agentProcess";
import { supervised } from "../support/builtAgent";
import { eventually } from "../support/eventually";
import { attemptFolder, inState, node, nextId, specOf, started, statusOf, supervisorOf } from "../support/runsOfAgent";
import { tempFolder } from "../support/tempFolder";

const WAITS = "setInterval(() => {}, 1000); console.log('waiting')";

/** A run as the agent writes it, for a supervisor that is started by hand. */
function written(home: string, work: string, secretNames: string[], commands = [["true"]]): string {
  const id = nextId();
  const { secrets: _secrets, place: _place, ...rest } = specOf(work, commands, { id });
  const out = join(attemptFolder(home, id), "out");
  mkdirSync(out, { recursive: true });
  const manifest = { ...rest, schema: 1, id, createdAt: "", cwd: work, secretNames, snapshot: null, out };
  writeFileSync(join(home, "runs", id, "run.json"), JSON.stringify(manifest));
  return id;
}

describe("secrets", () => {
  it("are in the training's environment, and in no environment or command line of its supervisor", async () => {
    const home = tempFolder("home");
    const agent = await startAgent(home);
    const secret = "hunter2-in-memory-alone";
    const program = `console.log(process.env.TOKEN.length); ${WAITS}`;
    const spec = specOf(tempFolder("work"), [node(program)], { secrets: { TOKEN: secret } });
    const { id } = await started(agent.peer, home, spec);
    const log = join(attemptFolder(home, id), "output.log");
    await eventually(() => expect(readFileSync(log, "utf8")).toBe(`${secret.length}\nwaiting\n`));
    const supervisor = supervisorOf(home, id) ?? 0;
    const shown = ["environ", "cmdline"].map((name) => readFileSync(`/proc/${supervisor}/${name}`, "latin1"));
    expect(shown[0]).toContain("RUNSIDE_HOME=");
    expect(shown.join("\0")).not.toContain(secret);
    await agent.peer.request(runs.stop, { id });
    await inState(home, id, "cancelled");
  });

  it("that did not arrive keep the training from starting", async () => {
    const home = tempFolder("home");
    for (const input of ["", "{", '{"OTHER": "x"}\n', '{"TOKEN": 5}\n']) {
      const id = written(home, tempFolder("work"), ["TOKEN"]);
      expect((await supervised(join(home, "runs", id), home, input)).code).toBe(0);
      expect(statusOf(home, id)).toMatchObject({ state: "failed", pid: null, exitCode: null });
      expect(statusOf(home, id).reason).toContain("TOKEN did not reach the run");
    }
    const id = written(home, tempFolder("work"), ["TOKEN"]);
    await supervised(join(home, "runs", id), home, '{"TOKEN": "x"}\n');
    expect(statusOf(home, id)).toMatchObject({ state: "succeeded", exitCode: 0 });
  });
});

describe("a disk with too little room", () => {
  it("refuses a launch by one sentence and leaves nothing; a repeated launch still gets its answer", async () => {
    const home = tempFolder("home");
    const full = await startAgent(home, { RUNSIDE_MIN_FREE: "1e18" });
    const spec = specOf(tempFolder("work"), [node(WAITS)]);
    const refused = full.peer.request(runs.launch, spec);
    await expect(refused).rejects.toSatisfy((e) => isError(e, "run/launch-failed") && /GB are free/.test(e.message));
    expect(readdirSync(join(home, "runs"))).toEqual([]);
    const roomy = await startAgent(home, { RUNSIDE_MIN_FREE: "0" });
    const first = await started(roomy.peer, home, spec);
    expect(await full.peer.request(runs.launch, spec)).toEqual(first);
    await full.peer.request(runs.stop, { id: first.id });
    await inState(home, first.id, "cancelled");
  });
});

describe("the store", () => {
  it("is private to its owner, whatever the umask says", async () => {
    const home = join(tempFolder("home"), "store");
    const before = process.umask(0);
    try {
      const agent = await startAgent(home);
      const spec = specOf(tempFolder("work"), [["sh", "-c", "echo done"]], {
        config: { path: "elsewhere.yaml", text: "a: 2\n" },
      });
      const { id } = await started(agent.peer, home, spec);
      await inState(home, id, "succeeded");
      await agent.peer.request(runs.watch, { target: id });
      expect(existsSync(join(attemptFolder(home, id), "rc"))).toBe(true);
    } finally {
      process.umask(before);
    }
    expect(open(home)).toEqual([]);
  });
});

/** What somebody else could read or enter. */
function open(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  const paths = [folder, ...entries.map((entry) => join(entry.parentPath, entry.name))];
  return paths.filter((path) => (statSync(path).mode & 0o077) !== 0);
}
