// The questions of a running `ssh`: it starts a small script for each, which leaves the question as a file in a private
// folder and waits for the answer on a pipe. No secret touches the disk, and no program but sh is needed.
import { constants, watch } from "node:fs";
import { open, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Disposable } from "../../core/base/disposable";

export interface AskedByOpenSsh {
  /** The process that asks: each jump host has an `ssh` of its own. */
  by: string;
  /** "" for a question with a typed answer, "confirm" for yes or no, "none" for a mere notice. */
  mode: string;
  text: string;
}

/** null declines: ssh goes on as if nothing had been typed. */
export type Answerer = (question: AskedByOpenSsh) => Promise<string | null>;

export interface Askpass extends Disposable {
  /** What ssh needs in its environment. */
  env: Record<string, string>;
}

// The pipe is opened for both directions before the question appears, so that neither side ever waits for the other.
const script = `#!/bin/sh
# Written by Runside, for one connection. Asks the editor's window what ssh wants to know.
umask 077
q="\${0%/*}/$$"
mkfifo "$q.answer" && exec 3<>"$q.answer" || exit 1
trap 'rm -f "$q.answer" "$q.question"' EXIT
printf '%s\\n%s\\n%s' "$PPID" "\${SSH_ASKPASS_PROMPT:-}" "$1" > "$q.new" && mv "$q.new" "$q.question" || exit 1
IFS= read -r a <&3 || exit 1
case "$a" in y*) printf '%s\\n' "\${a#y}" ;; *) exit 1 ;; esac
`;

export async function startAskpass(folder: string, answer: Answerer): Promise<Askpass> {
  const path = join(folder, "ask");
  await writeFile(path, script, { mode: 0o700 });
  const seen = new Set<string>();
  let ended = false;
  const look = async (): Promise<void> => {
    const found = await readdir(folder).catch(() => [] as string[]);
    for (const name of found) {
      if (ended || !name.endsWith(".question") || seen.has(name)) continue;
      seen.add(name);
      void reply(join(folder, name), answer).catch(() => undefined);
    }
  };
  const watcher = watch(folder, () => void look());
  watcher.on("error", () => undefined);
  return {
    env: {
      SSH_ASKPASS: path,
      SSH_ASKPASS_REQUIRE: "force",
      // Before OpenSSH 8.4 it asked a script only where there is a display.
      DISPLAY: process.env.DISPLAY ?? ":0",
    },
    dispose: () => {
      ended = true;
      watcher.close();
    },
  };
}

async function reply(file: string, answer: Answerer): Promise<void> {
  const question = await readFile(file, "utf8");
  const [by = "", mode = "", ...text] = question.split("\n");
  const asked = answer({ by, mode, text: text.join("\n") });
  // ssh ends a notice itself, when the key was touched.
  if (mode === "none") return void (await asked);
  const given = await asked;
  const words = given === null ? "n" : `y${given.split(/[\r\n]/, 1)[0] ?? ""}`;
  // Not blocking: where ssh has gone meanwhile, nobody reads and the pipe is refused.
  const pipe = await open(file.replace(/question$/, "answer"), constants.O_WRONLY | constants.O_NONBLOCK);
  try {
    await pipe.write(`${words}\n`);
  } finally {
    await pipe.close();
    await rm(file, { force: true });
  }
}
