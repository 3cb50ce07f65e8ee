// The contract of a recipe: how a kind of config is recognised and run. Pure: it sees the config's text and which files exist.
import type { GpuRequest } from "../model/gpu";
import type { LaunchSpec } from "../model/run";
import type { Facts } from "./facts";

/** What a recipe may look at. Paths are relative to the workspace folder, with `/`. */
export interface ConfigFile {
  path: string;
  text: string;
  /** The parsed YAML; mappings are plain objects, integer keys are kept as strings. */
  doc: unknown;
  /** Whether a file exists in the workspace folder. */
  exists(path: string): boolean;
}

/**
 * A launch before it is bound to a box and a run id. In commands and env, `{config}`, `{out}`, `{node}`, `{seed}`
 * and `{workspace}` are replaced on the box, as whole or partial arguments; nothing passes through a shell,
 * but for a job file whose own command is a shell line: it runs as exactly that text (`sh -c`), with nothing of ours in it.
 */
export interface LaunchPlan {
  commands: string[][];
  /** Relative to the workspace folder; "" is the folder itself. */
  cwd: string;
  env: Record<string, string>;
  /** Commands and env are somebody else's text and stay as they are: what looks like a placeholder is none. */
  literal?: boolean;
  /** Shell text that runs before the command, as written: the one thing of a recipe that is shell. */
  setup?: string;
  progress: LaunchSpec["progress"];
  outputFromLog: string | null;
  alsoWatch: string[];
  expects: string[];
  /** Globs, relative to the workspace, of files that git ignores and the run needs: they travel too. */
  inputs: string[];
  seed: number | null;
  /** What it asks the box for. Absent or null: the config and the command are looked at, and then whoever launches decides. */
  gpus?: GpuRequest | null;
  /** Why this is the command, where the recipe had to choose: shown before the launch. */
  note: string | null;
}

export interface Recipe {
  id: string;
  title: string;
  /** 0 (not mine) to 1 (certain). Above 0 the editor offers Run Config. */
  match(file: ConfigFile): number;
  /** Throws `run/bad-config` with the line where the config cannot run. `seed` overrides the config's own. */
  plan(file: ConfigFile, options: { seed: number | null }): LaunchPlan;
  /**
   * The key that holds the seed, for a program that takes it from its config alone: a launch with another seed runs an
   * edited copy of the config. Absent or null: the command itself carries `{seed}`, or there is none.
   */
  seedKey?(file: ConfigFile): string | null;
  /** Where the config says what runs are compared by: seed, learning rate, beta, group size, model, dataset. Never throws. */
  facts?(file: ConfigFile): Facts;
}
