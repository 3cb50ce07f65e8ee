// A kept run to another folder of this machine: by a rename, or, onto another disk, by a copy that is whole before the first one goes.
import { cp, mkdir, rename, rm } from "node:fs/promises";
import path from "node:path";
import { messageOf, RunsideError } from "../../core/base/errors";

/** `root`: the chosen folder; below it a kept run lies by its box and its id, as `from` does. Answers where it lies now. */
export async function moveKept(from: string, root: string): Promise<string> {
  const to = path.join(root, path.basename(path.dirname(from)), path.basename(from));
  if (path.relative(from, to) === "") return from;
  const beside = `${to}.moving`;
  try {
    await mkdir(path.dirname(to), { recursive: true, mode: 0o700 });
    try {
      await rename(from, to);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EXDEV") throw error;
      await rm(beside, { recursive: true, force: true });
      await cp(from, beside, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
      await rename(beside, to);
      // Whole where it was to go; what is left of the first one is only in the way.
      await rm(from, { recursive: true, force: true }).catch(() => undefined);
    }
    return to;
  } catch (error) {
    await rm(beside, { recursive: true, force: true }).catch(() => undefined);
    throw new RunsideError(
      "internal",
      `${from} could not be moved to ${to} (${messageOf(error)}); it stays where it is.`,
      {
        cause: error,
      },
    );
  }
}
