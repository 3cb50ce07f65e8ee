// The byte stream under an SSH connection: a TCP socket, the output of a ProxyCommand, or a channel through a jump host.
import { spawn } from "node:child_process";
import { connect, type Socket } from "node:net";
import { Duplex } from "node:stream";
import type { Client } from "ssh2";
import { cancelled } from "../../core/base/errors";
import { proxyFailed, unreachable } from "./failures";
import type { ResolvedHost } from "./sshConfig";

export interface SshStream {
  sock: Duplex;
  /** What the ProxyCommand said last, for the message when it ends. */
  proxyError?: () => Promise<Error>;
  dispose(): void;
}

export async function openStream(host: ResolvedHost, through: Client | null, signal: AbortSignal): Promise<SshStream> {
  if (through) return throughJump(host, through, signal);
  if (host.proxyCommand !== null) return throughCommand(host, host.proxyCommand);
  return overTcp(host, signal);
}

const addressOf = (host: ResolvedHost): string => `${host.hostname}:${host.port}`;

function overTcp(host: ResolvedHost, signal: AbortSignal): Promise<SshStream> {
  return new Promise((resolve, reject) => {
    // Nagle's delay would make an answer take 44 ms instead of 0.33 ms.
    const sock: Socket = connect({
      host: host.hostname,
      port: host.port,
      noDelay: true,
      family: host.addressFamily,
      ...(host.bindAddress === null ? {} : { localAddress: host.bindAddress }),
    });
    const abort = (): void => {
      sock.destroy();
      reject(cancelled());
    };
    const fail = (error: Error): void => {
      signal.removeEventListener("abort", abort);
      reject(unreachable(host.alias, addressOf(host), innermost(error)));
    };
    sock.once("error", fail);
    // Until ssh2 listens, and after it stopped, an error must not end the process.
    sock.on("error", () => undefined);
    sock.once("connect", () => {
      signal.removeEventListener("abort", abort);
      sock.off("error", fail);
      resolve({ sock, dispose: () => sock.destroy() });
    });
    signal.addEventListener("abort", abort);
    if (signal.aborted) abort();
  });
}

/** A name with several addresses fails with one error per address. */
function innermost(error: Error): Error {
  const [first] = error instanceof AggregateError ? (error.errors as Error[]) : [];
  return first ?? error;
}

function throughJump(host: ResolvedHost, client: Client, signal: AbortSignal): Promise<SshStream> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(cancelled());
    signal.addEventListener("abort", abort);
    const fail = (error: Error): void => {
      signal.removeEventListener("abort", abort);
      reject(unreachable(host.alias, `${addressOf(host)}, through its jump host`, error));
    };
    try {
      client.forwardOut("127.0.0.1", 0, host.hostname, host.port, (error, channel) => {
        if (error) return fail(error);
        signal.removeEventListener("abort", abort);
        channel.on("error", () => undefined);
        if (signal.aborted) channel.destroy();
        else resolve({ sock: channel, dispose: () => channel.destroy() });
      });
    } catch (error) {
      fail(error as Error);
    }
  });
}

function throughCommand(host: ResolvedHost, command: string): SshStream {
  // The user's own line from the SSH config, run as ssh runs it; names put into it were checked to be plain.
  const [shell, ...args] =
    process.platform === "win32"
      ? [process.env.ComSpec ?? "cmd.exe", "/d", "/s", "/c", command]
      : ["/bin/sh", "-c", `exec ${command}`];
  const child = spawn(shell ?? "/bin/sh", args, { stdio: ["pipe", "pipe", "pipe"], windowsHide: true });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(-2000)));
  child.on("error", (error) => (said ||= error.message));
  const sock = Duplex.from({ readable: child.stdout, writable: child.stdin });
  sock.on("error", () => undefined);
  const gone = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const proxyError = async (): Promise<Error> => {
    // Its words may arrive after the end of its output.
    await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, 500).unref())]);
    return proxyFailed(host.alias, said.trim().split(/\r?\n/).pop() ?? "");
  };
  return {
    sock,
    proxyError,
    dispose: () => {
      sock.destroy();
      child.kill();
    },
  };
}
