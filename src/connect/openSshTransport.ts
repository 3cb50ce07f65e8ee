// Commands over the user's own `ssh`: each is a child process, which joins the open connection where ssh can share one, and
// logs in by itself where it cannot (Windows).
import { spawn, type ChildProcess } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Emitter } from "../../core/base/emitter";
import { cancelled, messageOf, type RunsideError } from "../../core/base/errors";
import { outputOf, type ChildOutput } from "./childOutput";
import { connectionLost, execFailed } from "./failures";
import { plainLines } from "./openSshFailure";
import { SessionRoom } from "./sessionRoom";
import {
  argumentLine,
  loginShellCommand,
  type ExecChannel,
  type ExecExit,
  type ShellLine,
  type Transport,
} from "./transport";

export interface OpenSshLink {
  label: string;
  program: string;
  /** Up to the command: options, "--", the alias. */
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  /** For the logs of the single commands. */
  folder: string;
  /** Whether one connection carries all commands; it then ends with `ended`. */
  shared: boolean;
  ended: Promise<string>;
  /** What a command that logs in by itself failed with. */
  failure(said: string): Promise<RunsideError>;
  release(): void;
}

/** Printed once the command is about to start: joined the shared connection, or logged in. */
const opened = { shared: /master session id/, own: /^Authenticated to |Authentication succeeded/m };
const lostWords =
  /Timeout, server|Connection (?:to \S+ )?(?:closed|reset)|Broken pipe|Control socket .* does not exist/;

export class OpenSshTransport implements Transport {
  readonly kind = "openssh";
  readonly label: string;
  private readonly closeEmitter = new Emitter<string>();
  readonly onClose = this.closeEmitter.event;
  private readonly children = new Map<ChildProcess, ChildOutput>();
  private readonly room = new SessionRoom();
  private isClosed = false;
  private reason = "ssh ended";
  private commands = 0;

  constructor(private readonly link: OpenSshLink) {
    this.label = link.label;
    void link.ended.then((reason) => this.close(reason));
  }

  get closed(): boolean {
    return this.isClosed;
  }

  async exec(command: readonly string[] | ShellLine, signal?: AbortSignal): Promise<ExecChannel> {
    const line = loginShellCommand(typeof command === "string" ? command : argumentLine(command));
    return this.room.open(() => this.start(line, signal));
  }

  private async start(line: string, signal?: AbortSignal): Promise<ExecChannel> {
    if (signal?.aborted) throw cancelled();
    if (this.isClosed) throw connectionLost(this.label, this.reason);
    const log = join(this.link.folder, `command-${++this.commands}.log`);
    const args = ["-v", "-E", log, ...this.link.args, line];
    const child = spawn(this.link.program, args, {
      stdio: ["pipe", "pipe", "pipe"],
      env: this.link.env,
      windowsHide: true,
    });
    const output = outputOf(child);
    this.children.set(child, output);
    child.stdin.on("error", () => undefined);
    let spawnError: Error | null = null;
    child.on("error", (error) => (spawnError = error));
    const kill = (): void => {
      this.room.ended();
      child.kill("SIGTERM");
      child.stdin.destroy();
      output.drop();
    };
    let ended = false;
    let hasOpened = false;
    const exit = new Promise<ExecExit>((settle) => {
      child.once("close", (code, signal) => {
        ended = true;
        if (hasOpened) this.room.ended();
        void Promise.all([this.noticeLoss(code, log), output.read]).then(() => {
          this.children.delete(child);
          settle(this.isClosed ? { code: null, signal: null } : { code, signal });
        });
      });
    });
    while (!(await this.isOpen(log))) {
      if (signal?.aborted) {
        kill();
        throw cancelled();
      }
      if (spawnError) throw execFailed(this.label, messageOf(spawnError));
      // What it wrote last may say that it had opened.
      if (ended && !(await this.isOpen(log))) {
        this.children.delete(child);
        throw await this.refusal(log, output);
      }
      await sleep(4);
    }
    hasOpened = true;
    return { stdin: child.stdin, stdout: output.stdout, stderr: output.stderr, exit, kill };
  }

  dispose(): void {
    this.closeEmitter.dispose();
    this.close("it was closed here");
  }

  private async isOpen(log: string): Promise<boolean> {
    const text = await readFile(log, "utf8").catch(() => "");
    return (this.link.shared ? opened.shared : opened.own).test(text);
  }

  private async refusal(log: string, output: ChildOutput): Promise<RunsideError> {
    const text = await readFile(log, "utf8").catch(() => "");
    // The shared connection may have ended at this moment, and its end is heard a little later.
    if (this.link.shared) await Promise.race([this.link.ended, sleep(100)]);
    if (this.isClosed) return connectionLost(this.label, this.reason);
    if (!this.link.shared) return this.link.failure(`${text}\n${String(output.stderr.read() ?? "")}`);
    const [first] = plainLines(text).filter((line) => !/^kex_exchange|^Connection closed by UNKNOWN/.test(line));
    return execFailed(this.label, (first ?? "ssh said nothing").replace(/^mux_\w+: /, ""));
  }

  /** Where every command is a connection of its own, its loss is the loss of the link. */
  private async noticeLoss(code: number | null, log: string): Promise<void> {
    if (this.link.shared) {
      if (code === 255) await Promise.race([this.link.ended, sleep(200)]);
      return;
    }
    if (code !== 255 || this.isClosed) return;
    const text = await readFile(log, "utf8").catch(() => "");
    const lost = plainLines(text).find((line) => lostWords.test(line));
    if (lost) this.close(lost);
  }

  private close(reason: string): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.reason = reason;
    for (const [child, output] of this.children) {
      child.stdin?.destroy();
      child.kill("SIGTERM");
      // A channel with unread output would never say that it closed.
      output.drop();
    }
    this.link.release();
    this.closeEmitter.fire(reason);
    this.closeEmitter.dispose();
  }
}
