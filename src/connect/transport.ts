// A way to run commands on a box: over SSH, or as child processes of this machine. Everything above it is the same for both.
import type { Readable, Writable } from "node:stream";
import type { Disposable } from "../../core/base/disposable";
import type { Event } from "../../core/base/emitter";

export interface ExecExit {
  code: number | null;
  signal: string | null;
}

export interface ExecChannel {
  stdin: Writable;
  stdout: Readable;
  stderr: Readable;
  /** Settles when the command has ended and its output has been read, or when the connection is gone. Never rejects. */
  exit: Promise<ExecExit>;
  /** Ends the command now, if it is still there. */
  kill(): void;
}

export interface Transport extends Disposable {
  kind: "ssh2" | "openssh" | "local";
  /** For messages: the alias of the box, or "This machine". */
  label: string;
  /** Arguments as an array, or one line made by `shellLine`. The signal ends the opening, not the command. */
  exec(command: readonly string[] | ShellLine, signal?: AbortSignal): Promise<ExecChannel>;
  readonly closed: boolean;
  /** Once, with the reason in words; not after `dispose`. */
  onClose: Event<string>;
}

/** POSIX sh on one line, without what any login shell would act on inside single quotes. */
export type ShellLine = string & { readonly brand: "ShellLine" };

/**
 * Login shells differ: fish, tcsh and zsh all take `exec /bin/sh -c '...'` as long as the text has no single quote,
 * no "!" and no newline (measured), and no two backslashes, which fish would halve. Values come as octal for printf.
 */
export function shellLine(script: string, values: Readonly<Record<string, string>> = {}): ShellLine {
  const line =
    Object.entries(values)
      .map(([name, value]) => assignment(name, value))
      .join("") + script;
  if (/['!\n\r\0]|\\\\/.test(line)) throw new Error(`not safe in every login shell: ${line}`);
  return line as ShellLine;
}

export function argumentLine(command: readonly string[]): ShellLine {
  const values = Object.fromEntries(command.map((argument, i) => [`a${i}`, argument]));
  return shellLine(`exec ${command.map((_, i) => `"$a${i}"`).join(" ")}`, values);
}

export function loginShellCommand(line: ShellLine): string {
  return `exec /bin/sh -c '${line}'`;
}

function assignment(name: string, value: string): string {
  if (/^[\w./:=@,+-]*$/.test(value)) return `${name}="${value}"; `;
  if (value.includes("\0")) throw new Error("an argument cannot hold a NUL byte");
  const octal = [...Buffer.from(value)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
  // The dot keeps newlines at the end, which $( ) would drop.
  return `${name}="$(printf "${octal}.")"; ${name}="\${${name}%.}"; `;
}

export interface Collected extends ExecExit {
  stdout: string;
  stderr: string;
}

/** Writes to the command's stdin what is too long for memory; whoever collects ends the stream. */
export type Feed = (channel: ExecChannel) => Promise<void>;

/** Runs a command to its end with `input` on its stdin. Output beyond 1 MB is cut. */
export async function collect(
  channel: ExecChannel,
  input: Uint8Array | Feed | null,
  signal?: AbortSignal,
): Promise<Collected> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  const keep = (list: Buffer[]) => {
    let size = 0;
    return (piece: Buffer): void => {
      size += piece.length;
      if (size < 1 << 20) list.push(piece);
    };
  };
  channel.stdout.on("data", keep(out));
  channel.stderr.on("data", keep(err));
  // The command may end without reading its input.
  channel.stdin.on("error", () => undefined);
  const abort = (): void => channel.kill();
  signal?.addEventListener("abort", abort);
  if (signal?.aborted) abort();
  if (typeof input === "function") {
    try {
      await input(channel);
    } catch (error) {
      channel.kill();
      throw error;
    }
    channel.stdin.end();
  } else channel.stdin.end(input ?? undefined);
  const exit = await channel.exit;
  signal?.removeEventListener("abort", abort);
  return { ...exit, stdout: Buffer.concat(out).toString("utf8"), stderr: Buffer.concat(err).toString("utf8") };
}
