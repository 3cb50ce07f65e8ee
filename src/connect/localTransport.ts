// "This machine": the same commands as on a box, as child processes, without SSH.
import { spawn, type ChildProcess } from "node:child_process";
import { Emitter } from "../../core/base/emitter";
import { cancelled, messageOf } from "../../core/base/errors";
import { outputOf, type ChildOutput } from "./childOutput";
import { execFailed } from "./failures";
import { argumentLine, type ExecChannel, type ShellLine, type Transport } from "./transport";

export class LocalTransport implements Transport {
  readonly kind = "local";
  readonly label = "This machine";
  private readonly closeEmitter = new Emitter<string>();
  readonly onClose = this.closeEmitter.event;
  private readonly children = new Map<ChildProcess, ChildOutput>();
  private disposed = false;

  constructor(private readonly env: NodeJS.ProcessEnv = process.env) {}

  get closed(): boolean {
    return this.disposed;
  }

  async exec(command: readonly string[] | ShellLine, signal?: AbortSignal): Promise<ExecChannel> {
    if (signal?.aborted) throw cancelled();
    if (this.disposed) throw execFailed(this.label, "it was closed");
    const line = typeof command === "string" ? command : argumentLine(command);
    const child = spawn("/bin/sh", ["-c", line], { stdio: ["pipe", "pipe", "pipe"], env: ownEnvironment(this.env) });
    const output = outputOf(child);
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", (error) => reject(execFailed(this.label, messageOf(error))));
    });
    this.children.set(child, output);
    const exit = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
      child.once("close", (code, signal) => {
        void output.read.then(() => {
          this.children.delete(child);
          resolve({ code, signal });
        });
      });
    });
    child.on("error", () => undefined);
    child.stdin.on("error", () => undefined);
    const kill = (): void => {
      child.kill("SIGTERM");
      child.stdin.destroy();
      output.drop();
    };
    return { stdin: child.stdin, stdout: output.stdout, stderr: output.stderr, exit, kill };
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    for (const [child, output] of this.children) {
      child.stdin?.destroy();
      child.kill("SIGTERM");
      output.drop();
    }
    this.closeEmitter.dispose();
  }
}

/** The editor's own switches would make a training's Node behave like a piece of the editor. */
function ownEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(ELECTRON_|VSCODE_|NODE_OPTIONS$|NODE_CHANNEL_)/.test(name)),
  );
}
