// A secret's whole way: secret storage, launch, the training's environment; and nowhere else, whatever the training prints of it.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { files } from "../../../core/protocol/files";
import { rollouts } from "../../../core/protocol/rollouts";
import { runs } from "../../../core/protocol/runs";
import { localBox } from "../../../src/runs/box";
import { RunMirror } from "../../../src/runs/runMirror";
import { RunSecrets } from "../../../src/runs/runSecrets";
import { eventually } from "../../support/eventually";
import { localApp, memorySecrets } from "../../support/localApp";
import { inState, node, specOf, started } from "../../support/runsOfAgent";
import { tempFolder } from "../../support/tempFolder";
import { MemoryLogger } from "../../../core/base/logger";

const value = `orchard-${"k3Y9".repeat(6)}`;
const sha = (text: string): string => createHash("sha256").update(text).digest("hex");

function allFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

const commandLines = (): string[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8");
      } catch {
        return "";
      }
    });

/** Leaks it in every way a training can, and proves by its hash that it had it. Waits to be looked at. */
const leaky = `
const { createHash } = require("node:crypto"), { writeFileSync } = require("node:fs");
const token = process.env.ORCHARD_TOKEN, out = process.env.RUNSIDE_OUT;
console.log("sha " + createHash("sha256").update(token).digest("hex"));
console.log("logged in with " + token);
console.log(JSON.stringify({ step: 1, loss: 0.5, token }));
const rows = [{ step: 1, prompt: "say " + token, completion: "it is " + token, reward: 1, group_id: "p" },
  { step: 1, prompt: "say " + token, completion: "no", reward: 0, group_id: "p" }];
writeFileSync(out + "/rollouts.jsonl", rows.map((row) => JSON.stringify(row)).join("\\n") + "\\n");
setInterval(() => undefined, 1000);
`;

describe("a secret", () => {
  it("reaches the training's environment, and no record, command line, log, view or document", async () => {
    const { app, home, logger } = await localApp();
    await app.secrets.set({ name: "ORCHARD_TOKEN", box: null }, value);
    const session = app.boxes.open(localBox);
    const peer = await session.link.peer();
    const spec = specOf(tempFolder("place"), [node(leaky)], {
      secrets: await app.secrets.forLaunch(localBox),
      // Somebody wrote it into the config too: then the record has it, and what is shown has not.
      config: { path: "leaky.yaml", text: `token: ${value}\n` },
    });
    const { id } = await started(peer, home, spec);
    const seen = await eventually(async () => {
      const log = await peer.request(files.log, { target: id, maxBytes: 10_000 });
      const page = await peer.request(rollouts.page, { target: id, offset: 0, limit: 5, sort: "newest" });
      if (page.total === 0) throw new Error("no rollouts yet");
      return { log: log.text, first: page.rows[0]?.id ?? "" };
    });
    expect(seen.log).toContain(`sha ${sha(value)}`);
    expect(seen.log).toContain("logged in with ****");
    const mirror = new RunMirror(id, session.link);
    const shown = [
      seen,
      await peer.request(rollouts.read, { target: id, id: seen.first }),
      await peer.request(runs.manifest, { target: id }),
      await mirror.loaded(),
      session.directory.list(),
      logger.records,
    ];
    mirror.dispose();
    for (const each of shown) expect(JSON.stringify(each)).not.toContain(value);
    expect(JSON.stringify(shown[1])).toContain("it is ****");

    const records = allFiles(home).filter((path) => !/output\.log$|[/\\]out[/\\]/.test(path));
    expect(records.length).toBeGreaterThan(2);
    const holding = records.filter((path) => readFileSync(path, "utf8").includes(value));
    // The saved index of its rollouts stands for their file; record and config have what was written into the config.
    const names = holding.filter((path) => !/[/\\]cache[/\\]/.test(path)).map((path) => basename(path));
    expect(names.sort()).toEqual(["launch.json", "leaky.yaml", "run.json"]);
    for (const path of holding.filter((each) => !/[/\\]cache[/\\]/.test(each)))
      expect(readFileSync(path, "utf8").split(value), path).toHaveLength(2);
    expect(records.filter((path) => (statSync(path).mode & 0o077) !== 0)).toEqual([]);
    expect(commandLines().filter((line) => line.includes(value))).toEqual([]);
    await peer.request(runs.stop, { id });
    await inState(home, id, "cancelled");
  });

  it("of one box is not given to another, and goes before the one for all", async () => {
    const secrets = new RunSecrets(memorySecrets(), new MemoryLogger());
    await secrets.set({ name: "A_TOKEN", box: null }, "value-for-all-boxes");
    await secrets.set({ name: "A_TOKEN", box: "gpu:1" }, "value-for-one-box");
    await secrets.set({ name: "B_TOKEN", box: "gpu:1" }, "another-for-one-box");
    expect(await secrets.forLaunch("gpu:1")).toEqual({ A_TOKEN: "value-for-one-box", B_TOKEN: "another-for-one-box" });
    expect(await secrets.forLaunch("local")).toEqual({ A_TOKEN: "value-for-all-boxes" });
  });

  it("is known to the next window, and masked on after it was replaced", async () => {
    const store = memorySecrets();
    await new RunSecrets(store, new MemoryLogger()).set({ name: "A_TOKEN", box: null }, value);
    const next = new RunSecrets(store, new MemoryLogger());
    expect(await next.list()).toEqual([{ name: "A_TOKEN", box: null }]);
    await next.set({ name: "A_TOKEN", box: null }, "something-newer");
    expect(next.mask.text(`${value} something-newer`)).toBe("**** ****");
    await next.delete({ name: "A_TOKEN", box: null });
    expect(await next.forLaunch("local")).toEqual({});
    expect(next.mask.text("something-newer")).toBe("****");
  });

  it.each([
    ["1TOKEN", "long-enough-value"],
    ["A B", "long-enough-value"],
    ["A=B", "long-enough-value"],
    ["RUNSIDE_RUN_ID", "long-enough-value"],
    ["A_TOKEN", "short"],
  ])("named %s with %s is refused, and nothing is kept", async (name, given) => {
    const store = memorySecrets();
    const failed = new RunSecrets(store, new MemoryLogger()).set({ name, box: null }, given);
    await expect(failed).rejects.toThrow(/not kept/);
    expect(store.held.size).toBe(0);
  });

  it("that the storage cannot give keeps no run from starting, and says so in the log", async () => {
    const logger = new MemoryLogger();
    const broken = { ...memorySecrets(), keys: () => Promise.reject(new Error("the keyring is locked")) };
    const secrets = new RunSecrets(broken, logger);
    expect(await secrets.forLaunch("local")).toEqual({});
    expect(JSON.stringify(logger.records)).toContain("the keyring is locked");
  });
});
