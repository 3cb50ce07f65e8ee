// A run launched again from its record: by snapshot, with other values, and from commit and patch when the box lost its files.
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { boxStore } from "../../src/launch/boxStore";
import { buildLaunch } from "../../src/launch/buildSpec";
import { changedSpec, launchAgain, recordedLaunch, restoreSnapshot } from "../../src/launch/relaunch";
import { sendSnapshot } from "../../src/launch/sendSnapshot";
import { startAgent, type AgentProcess } from "../support/agentProcess";
import { endRuns, inState, nextId, started } from "../support/runsOfAgent";
import { atEnd, tempFolder } from "../support/tempFolder";

const recipes = `recipes:
  - id: own
    match: { files: ["*.yaml"] }
    command: ["sh", "train.sh", "{config}", "{out}"]
`;
const script = `printf '%s\\n' "$TOKEN" > token; cat "$1" data.txt new/* > "$2/result"\n`;

function git(folder: string, ...args: string[]): void {
  const identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
  execFileSync("git", [...identity, ...args], {
    cwd: folder,
    stdio: "pipe",
    env: { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null" },
  });
}

/** A repository with a commit, and changes on top that are in no commit. */
function workspace(): string {
  const folder = join(tempFolder("work"), "repo", "project");
  mkdirSync(join(folder, ".runside"), { recursive: true });
  const put = (path: string, text: string | Buffer): void => writeFileSync(join(folder, path), text);
  put(".runside/recipes.yaml", recipes);
  put("train.sh", "echo old\n");
  put("gone.txt", "to be deleted\n");
  put("data.txt", "data\n");
  put("a.yaml", "lr: 1.0e-3\n");
  const top = join(folder, "..");
  writeFileSync(join(top, "outside.txt"), "not ours");
  git(top, "init", "-q");
  git(top, "add", ".");
  git(top, "commit", "-qm", "x");
  mkdirSync(join(folder, "new"));
  put("train.sh", script);
  put("new/latin.txt", Buffer.from("caf\xe9\n", "latin1"));
  put("new/zero.bin", Buffer.from([0, 1, 2, 0, 255, 10]));
  put("new/tool.sh", "#!/bin/sh\n");
  chmodSync(join(folder, "new", "tool.sh"), 0o755);
  rmSync(join(folder, "gone.txt"));
  return folder;
}

interface World {
  home: string;
  folder: string;
  agent: AgentProcess;
  id: string;
}

async function firstRun(): Promise<World> {
  const [home, folder] = [tempFolder("home"), workspace()];
  const agent = await startAgent(home);
  const launch = await buildLaunch(folder, "a.yaml");
  const { id: snapshot } = await sendSnapshot(folder, boxStore(agent.peer));
  const spec = launch.spec({ id: nextId(), place: { snapshot }, secrets: { TOKEN: "hidden-value" } });
  const { id } = await started(agent.peer, home, spec);
  await inState(home, id, "succeeded");
  atEnd(() => endRuns(home));
  return { home, folder, agent, id };
}

const resultOf = ({ home }: World, id: string): Buffer =>
  readFileSync(join(home, "runs", id, "attempts", "1", "out", "result"));

describe("Run Again", () => {
  it("needs nothing of the workspace: the same files and config, or other values, under a new id", async () => {
    const world = await firstRun();
    const { home, folder, agent, id } = world;
    const first = resultOf(world, id);
    expect(first.toString("latin1")).toContain("caf\xe9");
    const record = join(home, "runs", id);
    expect(readFileSync(join(record, "launch.json"), "utf8")).not.toContain("hidden-value");
    for (const name of ["launch.json", "patch.diff"]) expect(statSync(join(record, name)).mode & 0o777).toBe(0o600);
    rmSync(folder, { recursive: true });

    const recorded = await recordedLaunch(agent.peer, id);
    expect(recorded).toMatchObject({ isThere: true, secretNames: ["TOKEN"] });
    const again = await launchAgain(agent.peer, await changedSpec(agent.peer, recorded, {}), { TOKEN: "other" });
    await inState(home, again.id, "succeeded");
    expect(again.id).not.toBe(id);
    expect(resultOf(world, again.id).equals(first)).toBe(true);
    expect(readFileSync(join(home, "runs", again.id, "work", "token"), "utf8")).toBe("other\n");

    const changed = await changedSpec(agent.peer, recorded, { set: [{ key: "lr", value: 0.5 }] });
    const third = await launchAgain(agent.peer, changed);
    await inState(home, third.id, "succeeded");
    expect(resultOf(world, third.id).toString("latin1")).toBe(first.toString("latin1").replace("1.0e-3", "0.5"));
    await expect(changedSpec(agent.peer, recorded, { text: "lr: [\n" })).rejects.toThrow(/is not a config/);
  });

  it("makes lost files again from commit and patch, to the byte, and leaves the repository as it was", async () => {
    const world = await firstRun();
    const { home, folder, agent, id } = world;
    rmSync(join(home, "blobs"), { recursive: true });
    rmSync(join(home, "snapshots"), { recursive: true });
    // Meanwhile the workspace went on.
    git(folder, "add", ".");
    git(folder, "commit", "-qm", "later");
    writeFileSync(join(folder, "train.sh"), "exit 3\n");
    const status = execFileSync("git", ["status", "--porcelain"], { cwd: folder, encoding: "utf8" });

    const recorded = await recordedLaunch(agent.peer, id);
    expect(recorded.isThere).toBe(false);
    const { snapshot, same } = await restoreSnapshot(agent.peer, folder, recorded);
    expect(same).toBe(true);
    expect(execFileSync("git", ["status", "--porcelain"], { cwd: folder, encoding: "utf8" })).toBe(status);
    const again = await launchAgain(agent.peer, { ...recorded.spec, place: { snapshot } });
    await inState(home, again.id, "succeeded");
    expect(resultOf(world, again.id).equals(resultOf(world, id))).toBe(true);
    const work = join(home, "runs", again.id, "work");
    expect(readdirSync(work).sort()).toEqual([".runside", "a.yaml", "data.txt", "new", "token", "train.sh"]);
    expect(statSync(join(work, "new", "tool.sh")).mode & 0o777).toBe(0o755);

    renameSync(join(folder, "..", ".git"), join(folder, "..", "not-git"));
    rmSync(join(home, "blobs"), { recursive: true });
    await expect(restoreSnapshot(agent.peer, folder, recorded)).rejects.toThrow(
      /Commit \w{10} is not in the repository/,
    );
  });
});
