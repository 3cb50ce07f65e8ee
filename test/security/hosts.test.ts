// Hostile names of hosts and folders where they come nearest to a shell: ssh's arguments, and the far side's login shell.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isError } from "../../core/base/errors";
import { terminalCommand } from "../../src/connect/terminalCommand";
import { localBox } from "../../src/runs/box";
import { boxTerminal } from "../../src/runs/boxTerminal";
import { defaultSettings } from "../../src/settings";
import { localApp } from "../support/localApp";
import { tempFolder } from "../support/tempFolder";
import { hostileNames } from "./names";

const shells = ["/bin/sh", "/bin/bash", "/usr/bin/dash"].filter((shell) => existsSync(shell));

describe("a terminal on a box", () => {
  it.each(shells)("opens in the run's folder whatever it is called, through %s", (shell) => {
    const canary = join(tempFolder("canary"), "canary");
    const parent = tempFolder("parent");
    for (const name of hostileNames(canary)) {
      const folder = join(parent, name.replaceAll("/", "∕"));
      mkdirSync(folder, { recursive: true });
      const { args } = terminalCommand("box", null, folder);
      // As sshd does: the login shell gets the last argument as its script. The shell it would become prints where it is.
      const pwd = join(tempFolder("shell"), "pwd.sh");
      writeFileSync(pwd, "#!/bin/sh\npwd -P\n", { mode: 0o700 });
      const { stdout, stderr } = spawnSync(shell, ["-c", args.at(-1) ?? ""], {
        env: { PATH: "/usr/bin:/bin", SHELL: pwd, HOME: parent },
      });
      expect(stderr.toString()).toBe("");
      expect(stdout.toString()).toBe(`${folder}\n`);
    }
    expect(existsSync(canary)).toBe(false);
  });

  it("takes no host's name for an option", () => {
    const canary = join(tempFolder("canary"), "canary");
    for (const alias of hostileNames(canary)) {
      for (const folder of [null, "/home/ada"]) {
        const { program, args } = terminalCommand(alias, "/tmp/config", folder);
        expect(program).toBe("ssh");
        expect(args[args.indexOf("--") + 1]).toBe(alias);
        expect(args.slice(0, args.indexOf("--"))).toEqual(["-F", "/tmp/config", ...(folder ? ["-t"] : [])]);
      }
    }
  });
});

describe("a terminal on a box in a workspace that is not trusted", () => {
  it("is refused before anything starts; one on this machine is the editor's own matter", () => {
    const settings = () => ({ ...defaultSettings, "ssh.configFile": "/tmp/config" });
    const folders = [null, "/home/ada/.runside/runs/x"];
    for (const folder of folders) {
      const open = (trusted: boolean, box: string) => boxTerminal({ isTrusted: () => trusted, settings }, box, folder);
      const refused = (() => {
        try {
          return open(false, "box");
        } catch (error) {
          return error;
        }
      })();
      expect(isError(refused, "connect/untrusted")).toBe(true);
      expect(open(false, localBox)).toBeNull();
      expect(open(true, "box")).toEqual(terminalCommand("box", "/tmp/config", folder));
    }
  });
});

describe("a host's hostile name", () => {
  it.each(["ssh2", "openssh"] as const)(
    "is refused or not found, and run by nobody, with %s",
    async (transport) => {
      const canary = join(tempFolder("canary"), "canary");
      const folder = tempFolder("ssh");
      const configFile = join(folder, "config");
      // A user's own command with %h is where a name could reach a shell; nothing listens on this port.
      writeFileSync(configFile, "Host *\n  Port 1\n  ConnectTimeout 2\n  BatchMode yes\n");
      const { app } = await localApp({ settings: { "ssh.configFile": configFile, transport } });
      const names = hostileNames(canary).filter((name) => name.includes("touch"));
      const outcomes = await Promise.all(
        names.map(async (name) => {
          const stop = AbortSignal.timeout(20_000);
          return app.boxes
            .open(name)
            .link.peer(stop)
            .then(
              () => `${name} connected`,
              (error: unknown) => (error instanceof Error && error.message.length > 0 ? null : `${name}: no reason`),
            );
        }),
      );
      expect(outcomes.filter((outcome) => outcome !== null)).toEqual([]);
      expect(existsSync(canary)).toBe(false);
    },
    60_000,
  );
});
