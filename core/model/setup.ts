// The user's own shell text before a training: `conda activate pears`, `module load cuda`, `source .venv/bin/activate`. Each text is
// one argument, evaluated as written; the command stays positions, so nothing of a config becomes shell.

/** The box's own text runs first, then the recipe's; "" where there is none. */
export interface Setup {
  box: string;
  recipe: string;
}

const given = 'eval "$1"';
const step = `${given} || { rc=$?; echo "The setup line failed with code $rc: $1" >&2; exit "$rc"; }; shift; `;

/**
 * Over the socket that the supervisor holds, where there is one: what came of it, and back what an earlier attempt had otherwise.
 * Each variable is one word of `export`, so nothing of a value is evaluated. A supervisor that has gone is not waited for.
 */
const told =
  'if [ -n "${_runside_fd-}" ]; then (env -0; printf "\\0") >&"$_runside_fd" 2>/dev/null; ' +
  'while IFS= read -r -t 10 -d "" _runside_pair <&"$_runside_fd" 2>/dev/null && [ -n "$_runside_pair" ]; ' +
  'do export -- "$_runside_pair"; done; eval "exec $_runside_fd>&-"; fi; ';

/** Runs after the login files, as in a terminal. Its environment is the training's, which takes the shell's place. */
const script = `_runside_fd="\${RUNSIDE_SETUP_FD-}"; unset RUNSIDE_SETUP_FD; ${step}${step}${told}exec "$@"`;

const name = "runside-setup";
/** What stands before the texts. */
const WORDS = 4;

/** The same commands, each after the setup texts; unchanged where those are blank. */
export function withSetup(commands: readonly (readonly string[])[], { box, recipe }: Setup): string[][] {
  if (box.trim() === "" && recipe.trim() === "") return commands.map((argv) => [...argv]);
  return commands.map((argv) => ["bash", "-lc", script, name, box, recipe, ...argv]);
}

/** The script that reads the texts; null for a command that was given none. */
const scriptOf = ([shell, , text = "", marker]: readonly string[]): string | null =>
  shell === "bash" && marker === name ? text : null;

/** A command and the setup that it was given: what a launch again is given too, and what people are shown. */
export function withoutSetup(argv: readonly string[]): { setup: Setup; command: string[] } {
  const read = scriptOf(argv);
  if (read === null) return { setup: { box: "", recipe: "" }, command: [...argv] };
  // A run's record stays as it was written: where only a box had a text, the script reads one.
  const texts = argv.slice(WORDS, WORDS + read.split(given).length - 1);
  const [box = "", recipe = ""] = texts;
  return { setup: { box, recipe }, command: argv.slice(WORDS + texts.length) };
}

/** Whether the command's shell says what came of its setup; those of earlier records do not. */
export const tellsEnvironment = (argv: readonly string[]): boolean =>
  scriptOf(argv)?.includes("RUNSIDE_SETUP_FD") === true;

export const setupOf = ([first = []]: readonly (readonly string[])[]): Setup => withoutSetup(first).setup;

/** The texts that are there, in the order they run. */
export const setupTexts = ({ box, recipe }: Setup): string[] => [box, recipe].filter((text) => text.trim() !== "");

/** Only the command's own arguments: what stands in a setup text is the shell's. */
export function mapCommand(argv: readonly string[], change: (argument: string) => string): string[] {
  const { command } = withoutSetup(argv);
  return [...argv.slice(0, argv.length - command.length), ...command.map(change)];
}
