// Python environments that a project brings along and a command does not use: offered with the setup line that would, never taken
// by themselves. Pure: which files exist, and the text of the small ones.
import { foldersAbove, joined } from "./places";

export interface EnvironmentFound {
  /** The file or folder that says it, relative to the workspace. */
  file: string;
  /** What to run before the command, in its folder. */
  setup: string;
}

export interface EnvironmentQuestion {
  /** In which the commands start, relative to the workspace; "" is the workspace. */
  cwd: string;
  commands: readonly (readonly string[])[];
  /** The setup texts that run already. */
  setup: readonly string[];
  exists: (path: string) => boolean;
  /** Null where there is no such text. */
  read: (path: string) => string | null;
  /** Whether the run starts in a copy of the files: what git ignores, a virtual environment above all, is not there. */
  isCopy: boolean;
}

/** Programs that bring their own environment, or need none. */
const own =
  /^(?:uv|uvx|pixi|poetry|pdm|hatch|conda|mamba|micromamba|docker|apptainer|singularity|sh|bash|node|\{node\})$/;
const CONDA_FILES = ["environment.yml", "environment.yaml", "conda.yaml"];
/** What may stand in a shell line without quotes: any other name is the user's to write. */
const plainName = /^[\w.-]+$/;

/** The nearest one at or above the commands' folder; null where none is, or the launch has a setup or program that sees to it. */
export function unusedEnvironment(question: EnvironmentQuestion): EnvironmentFound | null {
  const { cwd, commands, setup, exists, read, isCopy } = question;
  if (setup.some((text) => text.trim() !== "")) return null;
  // A program given by its path is in an environment already.
  if (!commands.some(([program = ""]) => !own.test(program) && !program.includes("/"))) return null;
  let up = "";
  for (const folder of foldersAbove(joined(cwd, "."))) {
    const activate = `source ${up}.venv/bin/activate`;
    const lock = joined(folder, "uv.lock");
    if (exists(lock))
      return {
        file: lock,
        setup: up === "" ? `uv sync --frozen && ${activate}` : `uv sync --frozen --project ${up}. && ${activate}`,
      };
    const venv = joined(folder, ".venv/bin/activate");
    if (!isCopy && exists(venv)) return { file: joined(folder, ".venv"), setup: activate };
    for (const name of CONDA_FILES) {
      const file = joined(folder, name);
      const text = exists(file) ? read(file) : null;
      const [, found = ""] = /^name:\s*["']?([^"'\s#]+)/m.exec(text ?? "") ?? [];
      // The hook, because a shell that is not interactive often has the program and not the function.
      if (plainName.test(found)) return { file, setup: `eval "$(conda shell.bash hook)" && conda activate ${found}` };
    }
    up += "../";
  }
  return null;
}
