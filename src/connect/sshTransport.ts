// Commands over an open SSH connection. Says once when the connection has ended, whoever ended it.
import type { Client, ClientChannel } from "ssh2";
import { Emitter } from "../../core/base/emitter";
import { cancelled, messageOf } from "../../core/base/errors";
import { connectionLost, execFailed } from "./failures";
import { SessionRoom } from "./sessionRoom";
import {
  argumentLine,
  loginShellCommand,
  type ExecChannel,
  type ExecExit,
  type ShellLine,
  type Transport,
} from "./transport";

export class SshTransport implements Transport {
  readonly kind = "ssh2";
  private readonly closeEmitter = new Emitter<string>();
  readonly onClose = this.closeEmitter.event;
  private readonly endings = new Set<() => void>();
  private readonly room = new SessionRoom();
  private isClosed = false;
  private reason = "the box closed it";

  constructor(
    readonly label: string,
    private readonly client: Client,
    private readonly release: () => void,
  ) {
    client.on("error", (error) => (this.reason = error.message));
    client.on("close", () => this.close());
  }

  get closed(): boolean {
    return this.isClosed;
  }

  exec(command: readonly string[] | ShellLine, signal?: AbortSignal): Promise<ExecChannel> {
    const line = loginShellCommand(typeof command === "string" ? command : argumentLine(command));
    return this.room.open(() => this.start(line, signal));
  }

  private start(line: string, signal?: AbortSignal): Promise<ExecChannel> {
    return new Promise((resolve, reject) => {
      if (this.isClosed) return reject(connectionLost(this.label, this.reason));
      const abort = (): void => reject(cancelled());
      if (signal?.aborted) return abort();
      signal?.addEventListener("abort", abort);
      try {
        this.client.exec(line, (error, channel) => {
          signal?.removeEventListener("abort", abort);
          if (error) {
            reject(this.isClosed ? connectionLost(this.label, this.reason) : execFailed(this.label, error.message));
            return;
          }
          if (signal?.aborted) return endChannel(channel);
          const exit = new Promise<ExecExit>((settle) => {
            let ended: ExecExit = { code: null, signal: null };
            channel.on("exit", (code: number | null, signal?: string) => (ended = { code, signal: signal ?? null }));
            const finish = (): void => {
              this.endings.delete(finish);
              this.room.ended();
              settle(ended);
            };
            channel.on("close", finish);
            this.endings.add(finish);
          });
          channel.on("error", () => undefined);
          const kill = (): void => {
            this.room.ended();
            endChannel(channel);
          };
          resolve({ stdin: channel, stdout: channel, stderr: channel.stderr, exit, kill });
        });
      } catch (error) {
        reject(connectionLost(this.label, messageOf(error)));
      }
    });
  }

  dispose(): void {
    this.closeEmitter.dispose();
    this.release();
    this.close();
  }

  private close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    // A channel whose output nobody reads would never say that it closed.
    for (const finish of [...this.endings]) finish();
    this.release();
    this.closeEmitter.fire(this.reason);
    this.closeEmitter.dispose();
  }
}

function endChannel(channel: ClientChannel): void {
  try {
    channel.signal("TERM");
    channel.destroy();
  } catch {
    // It has ended already.
  }
  // A channel with unread output never says that it closed.
  channel.resume();
  channel.stderr.resume();
}
