// A report of a window in which much went wrong: what helps is in it, and no name, address, path or secret of anybody.
import { mkdirSync, writeFileSync } from "node:fs";
import os from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Redactor } from "../../../core/secrets/redact";
import { problemReport } from "../../../src/report/problemReport";
import { RecentLog } from "../../../src/report/recentLog";
import { localBox } from "../../../src/runs/box";
import { localApp } from "../../support/localApp";
import { inState, node, specOf, started } from "../../support/runsOfAgent";
import { tempFolder } from "../../support/tempFolder";
import { nullLogger } from "../../../core/base/logger";

const token = `orchard-${"k3Y9".repeat(6)}`;

describe("a report of a problem", () => {
  it("holds versions, settings, boxes and the log's end, and nothing that names anybody", async () => {
    const ssh = tempFolder("ssh");
    const configFile = join(ssh, "config");
    writeFileSync(configFile, "Host pear-farm\n  HostName pears.example.org\n  User ada\n");
    const { app, home, platform } = await localApp({ settings: { "ssh.configFile": configFile, "runs.limit": 77 } });
    await app.boxes.reload();
    await app.secrets.set({ name: "ORCHARD_TOKEN", box: null }, token);
    const session = app.boxes.open(localBox);
    const peer = await session.link.peer();
    const { id } = await started(peer, home, specOf(tempFolder("place"), [node("process.exit(3)")]));
    await inState(home, id, "failed");
    await session.directory.refresh();
    const log = new RecentLog();
    const logger = log.over(nullLogger);
    const workspace = tempFolder("orchard-thesis");
    mkdirSync(join(workspace, "configs"));
    logger.log(
      "warn",
      "connect",
      `ada@pears.example.org:2222 refused; pear-farm is at 203.0.113.77 and 2001:db8::17:5`,
    );
    logger.log("error", "agent", `ENOENT ${join(os.homedir(), "secret-project/run.jsonl")} of ${id}`, { token });
    logger.log("info", "launch", `read ${workspace}/configs/pears-ppo.yaml and C:\\Users\\ada\\pears.yaml`);
    logger.log(
      "info",
      "launch",
      `as https://ada:pears4me@git.example.org/ada/pears.git by hf_${"aB3dE6gH9".repeat(4)}`,
    );
    const text = await problemReport(app, {
      versions: [["Runside", "0.1.0"]],
      settings: platform.settings(),
      isTrusted: true,
      extensionFolder: platform.extensionFolder,
      workspaces: [workspace],
      log,
    });
    const names = [
      ...[token, "hf_aB3", "pears4me", "ada@", "pears.example.org", "pear-farm", "203.0.113.77", "2001:db8"],
      ...["secret-project", id, workspace, "orchard-thesis", "Users", "pears.yaml", "pears-ppo", "git.example.org"],
      ...[os.hostname(), home, ssh, configFile, platform.extensionFolder],
    ];
    for (const name of names) expect(text).not.toContain(name);
    expect(text).toContain("Runside: 0.1.0");
    expect(text).toContain("runside.runs.limit: 77");
    expect(text).toMatch(/runside\.ssh\.configFile: <path-\d+>/);
    expect(text).toMatch(/This machine: connected since/);
    expect(text).toContain("runs: 1 failed");
    expect(text).toMatch(/node v\d+/);
    expect(text).toMatch(/error \[agent\] ENOENT <home-1>\/<path-\d+>\.jsonl of <run-1>/);
    expect(text).toContain("<box-1> is at <ip-1>");
  });

  it("names no host, jump host or user of the SSH config, as messages call them", async () => {
    const configFile = join(tempFolder("ssh"), "config");
    const config = `Host pear-farm
  HostName orchard7
  User adalove
  HostKeyAlias the-old-tree
  ProxyJump carla@bastion-max:2200
Host bastion-max
  HostName gate9
Host never-opened
  HostName cellar3
  User ubuntu
`;
    writeFileSync(configFile, config);
    const { app, platform } = await localApp({ settings: { "ssh.configFile": configFile } });
    await app.boxes.reload();
    app.boxes.open("pear-farm");
    const log = new RecentLog();
    const logger = log.over(nullLogger);
    for (const message of [
      "pear-farm (orchard7:22) cannot be reached: through bastion-max, which is gate9",
      "the host key of the-old-tree has changed; adalove and Carla were asked, and ORCHARD7",
      "never-opened (cellar3:22) and (shed-4:2222) did not answer; the ubuntu of it is unknown",
    ])
      logger.log("warn", "connect", message);
    const text = await problemReport(app, {
      ...{ versions: [], settings: platform.settings(), isTrusted: true, workspaces: [], log },
      extensionFolder: platform.extensionFolder,
    });
    for (const name of ["orchard7", "adalove", "the-old-tree", "carla", "bastion-max", "gate9", "cellar3", "shed-4"])
      expect(text.toLowerCase()).not.toContain(name);
    expect(text).toMatch(
      /<box-\d+> \(<host-\d+>:22\) cannot be reached: through <(?:box|host)-\d+>, which is <host-\d+>/,
    );
    expect(text).toContain("the ubuntu of it");
  });

  it("keeps the last lines of a long log only", () => {
    const log = new RecentLog();
    const logger = log.over(nullLogger);
    for (let i = 0; i < 1000; i++) logger.log("info", "view", `line ${i}`);
    logger.log("trace", "rpc", "not this");
    expect(log.last().at(-1)).toContain("line 999");
    expect(log.last().length).toBeLessThan(1000);
  });
});

describe("redacting", () => {
  it("gives the same thing the same word, across texts", () => {
    const redactor = new Redactor({ names: [["gpu1", "box"]] });
    expect(redactor.text("gpu1: /data/a.jsonl, /data/b")).toBe("<box-1>: <path-1>.jsonl, <path-2>");
    expect(redactor.text("/data/a.jsonl on GPU1")).toBe("<path-1>.jsonl on <box-1>");
  });

  it("leaves what helps: versions, times, our files, numbers, ordinary words", () => {
    const text =
      "agent.js 1.139.0 at 12:34:56 exited with code 3; step=12/100 reward 0.5 (run.json, src/run) (agent.js:12) (node:77) (12:30)";
    expect(new Redactor({ names: [["a", "box"]] }).text(text)).toBe(text);
  });
});
