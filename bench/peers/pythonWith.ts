// A Python that has a package, in an environment of the bench's own that goes with it.
import { join } from "node:path";
import { runQuiet } from "../../scripts/processes";
import type { Bench } from "../bench";

const made = new Map<string, Promise<string | null>>();

/** The interpreter; null where the package cannot be installed, as without a network. */
export function pythonWith(bench: Bench, wanted: string): Promise<string | null> {
  const held = made.get(wanted) ?? install(join(bench.folder, "python", wanted), wanted);
  made.set(wanted, held);
  return held;
}

async function install(folder: string, wanted: string): Promise<string | null> {
  const python = join(folder, "bin", "python");
  try {
    await runQuiet("python3", ["-m", "venv", folder]);
    await runQuiet(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", wanted]);
    return python;
  } catch {
    return null;
  }
}
