// One command on the demo box: the process behind an SSH `exec` channel.
import { spawn, type ChildProcess } from "node:child_process";
import { finished } from "node:stream/promises";
import type { Connection, ServerChannel, Session } from "ssh2";

export interface CommandSetting {
  home: string;
  env: NodeJS.ProcessEnv;
  motd?: string;
}

export function runCommand(
  connection: Connection,
  session: Session,
  channel: ServerChannel,
  command: string,
  setting: CommandSetting,
): void {
  if (setting.motd) channel.write(setting.motd);
  const child = spawn("/bin/sh", ["-c", command], {
    cwd: setting.home,
    env: setting.env,
    // Its own process group, as a login has: the hang-up reaches the command but nothing that detached itself.
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });

  channel.pipe(child.stdin);
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  // A command may stop reading before the client stops writing.
  child.stdin.on("error", () => channel.resume());

  session.on("signal", (_accept, _reject, info) => signalGroup(child, `SIG${info.name}` as NodeJS.Signals));
  const hangUp = () => {
    signalGroup(child, "SIGHUP");
    child.stdin.destroy();
    child.stdout.destroy();
    child.stderr.destroy();
  };
  // The channel's own "close" waits until the command has read all its input; the session's comes at once, but
  // not when the whole connection is lost.
  session.on("close", hangUp);
  connection.on("close", hangUp);
  child.on("close", () => connection.off("close", hangUp));

  child.on("error", (error) => {
    channel.stderr.write(`The demo box could not start a shell: ${error.message}\n`);
    channel.exit(127);
    channel.end();
  });
  // "close" comes when the output has ended too: a background child that holds it keeps the channel, as in sshd.
  child.on("close", (code, signal) => void finish(channel, code, signal));
}

async function finish(channel: ServerChannel, code: number | null, signal: NodeJS.Signals | null): Promise<void> {
  // Closing the channel would drop what still waits for the client's window.
  channel.stderr.end();
  await finished(channel.stderr).catch(() => undefined);
  if (!channel.writable) return;
  if (signal) channel.exit(signal.replace(/^SIG/, ""));
  else channel.exit(code ?? 255);
  channel.end();
}

/** There is no terminal here, which `ssh demo-box` alone asks for. */
export function refuseShell(channel: ServerChannel): void {
  channel.stderr.write(
    "The demo box runs commands and has no interactive shell. Try: ssh -F CONFIG demo-box COMMAND\r\n",
  );
  channel.exit(1);
  channel.end();
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It ended in the meantime, or the name is not a signal here.
  }
}
