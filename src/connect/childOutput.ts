// What a child process says, kept until somebody reads it. Node throws away what is unread when a child exits
// (child_process's flushStdio resumes its streams), and a short command may end before whoever started it can listen.
import type { ChildProcess } from "node:child_process";
import { PassThrough, type Readable } from "node:stream";

export interface ChildOutput {
  stdout: Readable;
  stderr: Readable;
  /** Settles when both have been read to their end, or were dropped. Never rejects. */
  read: Promise<void>;
  /** Nobody will read any more. */
  drop(): void;
}

export function outputOf(child: ChildProcess): ChildOutput {
  const [stdout, stderr] = [child.stdout, child.stderr].map((from) => {
    const kept = new PassThrough();
    kept.on("error", () => undefined);
    if (!from) return kept.end();
    from.on("error", () => undefined);
    // Destroyed without an end: the child was killed, or never was.
    from.on("close", () => kept.end());
    return from.pipe(kept);
  }) as [PassThrough, PassThrough];
  const closed = (stream: PassThrough): Promise<void> =>
    new Promise((resolve) => void stream.once("close", () => resolve()));
  return {
    stdout,
    stderr,
    read: Promise.all([closed(stdout), closed(stderr)]).then(() => undefined),
    drop: () => {
      for (const stream of [child.stdout, child.stderr, stdout, stderr]) stream?.destroy();
    },
  };
}
