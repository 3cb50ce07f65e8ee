// A box that ends its users' processes at logout, as recorded exchanges of its tools on PATH: no such box is at hand.
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { userInfo } from "node:os";
import { describe, expect, it } from "vitest";
import { runs } from "../../core/protocol/runs";
import { startAgent } from "../support/agentProcess";
import { eventually } from "../support/eventually";
import { inState, specOf, started } from "../support/runsOfAgent";
import { tempFolder } from "../support/tempFolder";

interface Box {
  /** busctl's three lines. */
  manager: string[];
  linger: "yes" | "no";
  /** Exit code of `loginctl enable-linger` and of systemd-run itself. */
  enable?: number;
  scope?: number;
}

async function launchedOn({ manager, linger, enable = 0, scope = 0 }: Box) {
  const tools = tempFolder("tools");
  const said = join(tools, "said");
  const tool = (name: string, body: string): void =>
    writeFileSync(join(tools, name), `#!/bin/sh\necho "${name} $*" >>"${said}"\n${body}\n`, { mode: 0o755 });
  tool("busctl", `printf '%s\\n' ${manager.map((line) => `'${line}'`).join(" ")}`);
  tool("loginctl", `case "$*" in *enable-linger*) exit ${enable};; *) echo ${linger};; esac`);
  // What a scope is: the command itself, elsewhere in the tree of control groups.
  tool("systemd-run", `[ ${scope} -eq 0 ] || exit ${scope}\nwhile [ "$1" != -- ]; do shift; done\nshift\nexec "$@"`);
  const home = tempFolder("home");
  const agent = await startAgent(home, { PATH: [tools, process.env["PATH"]].join(delimiter) });
  const { warnings } = await agent.peer.request(runs.warnings, {});
  const spec = specOf(tempFolder("work"), [["sh", "-c", 'test -n "$TOKEN"']], { secrets: { TOKEN: "t" } });
  const { id } = await started(agent.peer, home, spec);
  await inState(home, id, "succeeded");
  const calls = existsSync(said) ? readFileSync(said, "utf8").trimEnd().split("\n") : [];
  return {
    warnings,
    calls,
    scoped: calls.some((call) => call.startsWith("systemd-run") && call.includes(" supervise ")),
  };
}

const me = userInfo().username;

describe("a box that ends its users' processes at logout", () => {
  it("is given lingering, and the run a scope of its own, its secrets included", async () => {
    const { warnings, calls, scoped } = await launchedOn({ manager: ["b true", "as 0", "as 0"], linger: "no" });
    expect([warnings, scoped]).toEqual([[], true]);
    expect(calls.slice(1, 3)).toEqual([
      `loginctl show-user ${me} --property=Linger --value`,
      "loginctl --no-ask-password enable-linger",
    ]);
  });

  it.each([
    ["no lingering is to be had", { linger: "no", enable: 1 }, "lingering could not be turned on"],
    ["no scope is to be had", { linger: "yes", scope: 1 }, "a scope of its own could not be made"],
  ] as const)("is warned of where %s", async (_name, box, words) => {
    const { warnings, scoped } = await launchedOn({ manager: ["b true", "as 0", "as 0"], ...box });
    expect([warnings.length, scoped]).toEqual([1, false]);
    expect(warnings[0]).toContain(words);
    expect(warnings[0]).toContain(`loginctl enable-linger ${me}`);
  });
});

describe("a box that is slow to say", () => {
  it("leaves nothing half-done where the link is cut meanwhile: the launch that is repeated starts the run", async () => {
    const tools = tempFolder("tools");
    const [asked, go] = ["asked", "go"].map((name) => join(tools, name));
    const busctl = `#!/bin/sh\n: >"${asked}"\nuntil [ -e "${go}" ]; do sleep 0.05; done\n`;
    writeFileSync(join(tools, "busctl"), busctl, { mode: 0o755 });
    const env = { PATH: [tools, process.env["PATH"]].join(delimiter) };
    const home = tempFolder("home");
    const spec = specOf(tempFolder("work"), [["true"]]);
    const first = await startAgent(home, env);
    const cut = first.peer.request(runs.launch, spec).catch((error: Error) => error.message);
    await eventually(() => expect(existsSync(asked ?? "")).toBe(true));
    const ended = once(first.child, "close");
    first.child.stdin.end();
    await ended;
    expect(await cut).toContain("closed before");
    writeFileSync(go ?? "", "");
    const second = await startAgent(home, env);
    expect(await started(second.peer, home, spec)).toMatchObject({ outcome: "started", id: spec.id });
    await inState(home, spec.id, "succeeded");
  });
});

describe("a box that does not", () => {
  it.each([
    ["says no", ["b false", "as 0", "as 0"]],
    ["leaves this user out", ["b true", "as 0", `as 1 "${me}"`]],
    ["means others", ["b true", 'as 1 "somebody"', "as 0"]],
    ["has no systemd", ["Failed to connect to bus"]],
  ])("%s: runs start as ever", async (_name, manager) => {
    const { warnings, calls, scoped } = await launchedOn({ manager, linger: "no" });
    expect([warnings, scoped, calls.length]).toEqual([[], false, 1]);
  });
});
