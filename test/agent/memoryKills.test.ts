// What a run's end says of the system's want of memory. The kernel's counts stand in files of ours, which the training itself raises
// at the moment that matters; that a real kernel really kills is tried among the faults.
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { expect, it } from "vitest";
import { startAgent } from "../support/agentProcess";
import { inState, node, specOf, started } from "../support/runsOfAgent";
import { tempFolder } from "../support/tempFolder";

const NO_MEMORY = /^The system had no memory left and killed a process of the training/;
const BEFORE = "Before that the system had no memory left and killed a process of the run.";

/** A process table that only a supervisor looks at: this boot, and what else is written into it. */
function processTable(): string {
  const proc = tempFolder("proc");
  mkdirSync(join(proc, "self"));
  mkdirSync(join(proc, "sys/kernel"), { recursive: true });
  symlinkSync("/proc/sys/kernel/random", join(proc, "sys/kernel/random"));
  writeFileSync(join(proc, "vmstat"), "pgfault 1\noom_kill 4\n");
  return proc;
}

/** The reason of a run whose training is `program`, in which `kill(path)` is the kernel that has killed one more. */
async function reasonOf(program: string, counted: "in its scope" | "on the box"): Promise<string> {
  const home = tempFolder("home");
  const tools = tempFolder("tools");
  const proc = processTable();
  const scope = join(tempFolder("groups"), "scope");
  if (counted === "in its scope") {
    mkdirSync(scope);
    writeFileSync(join(scope, "memory.events"), "low 0\noom 0\noom_kill 0\n");
    writeFileSync(join(proc, "self", "mountinfo"), `41 31 0:38 / ${join(scope, "..")} rw - cgroup2 cgroup2 rw\n`);
    writeFileSync(join(proc, "self", "cgroup"), "0::/scope\n");
  }
  const tool = (name: string, body: string): void =>
    writeFileSync(join(tools, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  tool("busctl", "printf 'b true\\nas 0\\nas 0\\n'");
  tool("loginctl", "echo yes");
  const enter = counted === "in its scope" ? `echo $$ >"${scope}/cgroup.procs"\n` : "";
  tool("systemd-run", `${enter}export RUNSIDE_PROC="${proc}"\nwhile [ "$1" != -- ]; do shift; done\nshift\nexec "$@"`);
  const { peer } = await startAgent(home, { PATH: [tools, process.env["PATH"]].join(delimiter) });
  const [file, count] = counted === "in its scope" ? [join(scope, "memory.events"), 1] : [join(proc, "vmstat"), 5];
  const kernel = `const { statSync, writeFileSync } = require("node:fs");
const kill = () => writeFileSync(${JSON.stringify(file)}, "oom_kill ${count}\\n");`;
  const { id } = await started(peer, home, specOf(tempFolder("work"), [node(`${kernel}\n${program}`)]));
  const { reason } = await inState(home, id, "failed", 20_000);
  expect(readFileSync(file, "utf8")).toBe(`oom_kill ${count}\n`);
  return reason ?? "";
}

const KILLED = 'process.kill(process.pid, "SIGKILL")';
/** After two more looks: each is at most twice as long after the start as the one before it, and `out` is older than the first. */
const later = (then: string): string =>
  `kill(); setTimeout(() => ${then}, 2000 + 6 * (Date.now() - statSync(process.env.RUNSIDE_OUT).mtimeMs));`;

it("is the reason where SIGKILL is the end and the count has just risen", async () => {
  expect(await reasonOf(`kill(); ${KILLED};`, "in its scope")).toMatch(NO_MEMORY);
  expect(await reasonOf(`kill(); ${KILLED};`, "on the box")).toMatch(NO_MEMORY);
});

it("follows the reason where a process of the run was killed and the run ended in another way, or long after", async () => {
  const exited = await reasonOf("kill(); process.exit(3);", "in its scope");
  expect(exited).toBe(`The training exited with code 3; the log's last lines say why. ${BEFORE}`);
  const killed = await reasonOf(later(KILLED), "in its scope");
  expect(killed).toMatch(/^The training was ended by SIGKILL, which Runside did not send: /);
  expect(killed.endsWith(BEFORE)).toBe(true);
});

it("is left unsaid where it was somebody on the box, and not as the run ended", async () => {
  expect(await reasonOf("kill(); process.exit(3);", "on the box")).toMatch(/say why\.$/);
  expect(await reasonOf(later(KILLED), "on the box")).toMatch(/when its memory ran out\.$/);
});
