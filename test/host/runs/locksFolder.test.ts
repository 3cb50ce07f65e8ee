// The setting for the folder of GPU locks: a launch, the command line of the box and an uninstall all take it from there.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { lockedBy } from "../../../remote-agent/queue/gpuLocks";
import { runs } from "../../../core/protocol/runs";
import { runside } from "../../support/builtAgent";
import { h100, h100s, recordedTools } from "../../support/gpuTools";
import { inState, node, specOf } from "../../support/runsOfAgent";
import { sshdWorld } from "../../support/sshdApp";
import { sshdAvailable } from "../../support/sshd";

describe.skipIf(!sshdAvailable())("runside.locksFolder", { timeout: 60_000 }, () => {
  it("holds the locks of launches and of the command line, and is cleared by an uninstall", async () => {
    const { bin } = recordedTools({ "nvidia-smi": h100s(1) });
    const world = await sshdWorld([`export PATH='${bin}':"$PATH"`, "unset RUNSIDE_LOCKS"]);
    Reflect.deleteProperty(process.env, "RUNSIDE_LOCKS");
    const chosen = join(world.dir, "it's ours $HOME");
    const window = world.window({ settings: { locksFolder: { "*": "/nowhere", "test-box": chosen } } });
    const peer = await window.session.link.peer();
    const waits = node("setInterval(() => undefined, 1000)");
    const spec = specOf(world.sshd.home, [waits], { gpus: { count: 1 } });
    const { id } = await peer.request(runs.launch, spec);
    await inState(world.store, id, "running");
    expect(lockedBy(chosen, h100(0))).not.toBe(null);
    expect(readFileSync(join(world.store, "locks-folder"), "utf8")).toBe(`${chosen}\n`);
    const { out } = await runside(world.store, ["gpus", "--json"]);
    expect(out).toContain(id);
    await peer.request(runs.stop, { id });
    await inState(world.store, id, "cancelled");
    await expect.poll(() => lockedBy(chosen, h100(0))).toBe(null);
    await window.app.boxes.uninstall("test-box", "delete");
    expect(readdirSync(chosen)).toEqual([]);
    expect(existsSync(world.store)).toBe(false);
  });

  it("is refused in the log where it is no full path, and where the box's own variable wins", async () => {
    const world = await sshdWorld();
    for (const [folder, words] of [
      ["locks", /must be a full path or per-user/],
      ["per-user", /RUNSIDE_LOCKS of this box is .*: runside.locksFolder is not used/],
    ] as const) {
      const window = world.window({ settings: { locksFolder: { "*": folder } } });
      await window.session.link.peer();
      await expect.poll(() => window.log.records.map(({ message }) => message).join("\n")).toMatch(words);
      await window.close();
    }
    expect(readFileSync(join(world.store, "locks-folder"), "utf8")).toBe("per-user\n");
  });
});
