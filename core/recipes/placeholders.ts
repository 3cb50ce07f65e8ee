// The words in braces of a command, and what they become on the box. No shell: an argument stays one argument.
import { launchFailed } from "../base/errors";

export const placeholderNames = ["config", "out", "node", "seed", "workspace"] as const;
export type PlaceholderName = (typeof placeholderNames)[number];

export interface PlaceholderValues {
  config: string;
  out: string;
  node: string;
  seed: number | null;
  workspace: string;
}

const known = /\{(config|out|node|seed|workspace)\}/g;

export const hasPlaceholder = (text: string): boolean => text.search(known) >= 0;

/** One text with its placeholders replaced, once: what a value brings in is not looked at again. */
export function bindText(text: string, values: PlaceholderValues): string {
  return text.replace(known, (_all, name: PlaceholderName) => {
    const value = values[name];
    if (value === null) throw launchFailed("The command uses {seed}, but the run has none: launch it with a seed.");
    return String(value);
  });
}

/** An argv with its placeholders replaced, as whole or partial arguments. Also for the values of `env`. */
export function bindPlaceholders(argv: readonly string[], values: PlaceholderValues): string[] {
  return argv.map((argument) => bindText(argument, values));
}
