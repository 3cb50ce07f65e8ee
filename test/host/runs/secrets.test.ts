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
import { SecretNames } from "../../../src/runs/secretNames";
import type { SecretStore } from "../../../src/connect/credentials";
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

  describe("where the storage cannot be read", () => {
    const locked = (store: SecretStore, call: "keys" | "get"): SecretStore => ({
      ...store,
      [call]: () => Promise.reject(new Error("the keyring is locked")),
    });
    interface Window {
      secrets: RunSecrets;
      told: string[];
      logger: MemoryLogger;
    }
    const windowOver = (store: SecretStore, file: string): Window => {
      const logger = new MemoryLogger();
      const secrets = new RunSecrets(store, logger, new SecretNames(file, logger));
      const told: string[] = [];
      secrets.onUnreadable((sentence) => told.push(sentence));
      return { secrets, told, logger };
    };

    // A training of three days that starts without its token is found dead in the morning.
    it.each(["keys", "get"] as const)(
      "a launch that would lack a kept one fails, and works when it can be (%s)",
      async (call) => {
        const store = memorySecrets();
        const file = join(tempFolder("names"), "secret-names.json");
        await windowOver(store, file).secrets.set({ name: "A_TOKEN", box: "gpu1" }, value);
        expect(readFileSync(file, "utf8")).not.toContain(value);
        const door = { ...store };
        const { secrets, told, logger } = windowOver(door, file);
        Object.assign(door, locked(store, call));
        await secrets.ready();
        await secrets.ready();
        expect(told).toHaveLength(1);
        expect(told[0]).toMatch(/could not be read \(the keyring is locked\).*Unlock/);
        expect(JSON.stringify(logger.records)).toContain("the keyring is locked");
        await expect(secrets.forLaunch("gpu1")).rejects.toMatchObject({
          code: "run/launch-failed",
          message: expect.stringMatching(
            /^A_TOKEN would be missing: .*the keyring is locked.* launch again\.$/,
          ) as string,
        });
        await expect(secrets.knownForCopy()).rejects.toThrow(/^Nothing was copied: A_TOKEN would not be masked/);
        expect(await secrets.namesFor("gpu1")).toEqual(["A_TOKEN"]);
        expect(await secrets.forLaunch("gpu2")).toEqual({});
        expect(await secrets.forLaunch("gpu1", () => Promise.resolve("without"))).toEqual({});
        // Somebody unlocks it while the question stands.
        const unlocking = secrets.forLaunch("gpu1", () => {
          Object.assign(door, store);
          return Promise.resolve("again");
        });
        expect(await unlocking).toEqual({ A_TOKEN: value });
        expect(secrets.mask.text(`it is ${value}`)).toBe("it is ****");
        expect(await secrets.knownForCopy()).toEqual([value]);
        Object.assign(door, locked(store, call));
        await secrets.reload();
        expect(told).toHaveLength(2);
        expect(await secrets.forLaunch("gpu1")).toEqual({ A_TOKEN: value });
      },
    );

    it("runs of who keeps none start, and nobody is bothered", async () => {
      const store = memorySecrets();
      const file = join(tempFolder("names"), "secret-names.json");
      await windowOver(store, file).secrets.ready();
      const { secrets, told } = windowOver(locked(store, "keys"), file);
      expect(await secrets.forLaunch("local")).toEqual({});
      expect(told).toEqual([]);
    });

    it("a first window knows of none: its run starts, and a person is told what that means", async () => {
      const { secrets, told } = windowOver(locked(memorySecrets(), "keys"), join(tempFolder("names"), "names.json"));
      expect(await secrets.forLaunch("local")).toEqual({});
      expect(told).toEqual([expect.stringContaining("runs get none of")]);
    });
  });
});
