// The user's own shell text before a training: `conda activate pears`, `module load cuda`, `source .venv/bin/activate`. It is one
// argument, evaluated as written; the command stays positions, so nothing of a config becomes shell.

/** Runs after the login files, as in a terminal. Its environment is the training's, which takes the shell's place. */
const script =
  'eval "$1" || { rc=$?; echo "The setup line failed with code $rc: $1" >&2; exit "$rc"; }; shift; exec "$@"';

/** The same commands, each after the setup text; unchanged where that is blank. */
export function withSetup(commands: readonly (readonly string[])[], setup: string): string[][] {
  if (setup.trim() === "") return commands.map((argv) => [...argv]);
  return commands.map((argv) => ["bash", "-lc", script, "runside-setup", setup, ...argv]);
}

/** The setup text that commands were given, "" for none: what a launch again is given too. */
export function setupOf([first = []]: readonly (readonly string[])[]): string {
  return first[2] === script ? (first[4] ?? "") : "";
}
