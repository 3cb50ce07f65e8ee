// The `ssh` process that holds a connection which all commands share (ControlMaster), and what it says meanwhile.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Disposable } from "../../core/base/disposable";
import { plainLines } from "./openSshFailure";

export interface OpenSshMaster extends Disposable {
  hasEnded(): boolean;
  ended: Promise<void>;
  /** Its log, then its stderr, which holds what jump hosts and a ProxyCommand wrote. */
  said(): string;
  /** What it printed for people since the last call. */
  takeWords(): string;
}

// Ends ssh and whatever it started together with the window: its input is a pipe from us, and ends with us.
const keeper = [
  "exec 3<&0",
  '"$@" 3<&- </dev/null &',
  "ssh=$!",
  '{ read -r _ <&3; trap "" TERM; kill 0; } &',
  "exec 3<&-",
  'wait "$ssh"',
  'trap "" TERM',
  "kill 0",
].join("\n");

/** `log` is the file that the command line tells ssh to write its log to. */
export function startMaster(command: readonly string[], log: string, env: NodeJS.ProcessEnv): OpenSshMaster {
  // A session of its own: ssh finds no terminal to ask at, and everything that belongs to it can be ended as one group.
  const child = spawn("/bin/sh", ["-c", keeper, "sh", ...command], {
    stdio: ["pipe", "ignore", "pipe"],
    env,
    detached: true,
  });
  let stderr = "";
  let gone = false;
  let taken = 0;
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr = (stderr + text).slice(-64_000)));
  child.stdin.on("error", () => undefined);
  const ended = new Promise<void>((resolve) => {
    const finish = (): void => {
      gone = true;
      resolve();
    };
    child.once("exit", finish);
    child.once("error", (error) => {
      stderr += `\n${error.message}\n`;
      finish();
    });
  });
  const logged = (): string => {
    try {
      return readFileSync(log, "utf8");
    } catch {
      return "";
    }
  };
  return {
    ended,
    hasEnded: () => gone,
    said: () => `${logged()}\n${stderr}`,
    takeWords: () => {
      const text = logged();
      const words = plainLines(text.slice(taken)).join("\n");
      taken = text.length;
      return words;
    },
    dispose: () => {
      child.stdin.destroy();
      if (gone || child.pid === undefined) return;
      try {
        process.kill(-child.pid, "SIGTERM");
      } catch {
        // It ended at this moment.
      }
    },
  };
}
