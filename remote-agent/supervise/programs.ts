// Whether what a run is to start is there at all: found before the start, so that the view says which program or folder it was.
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { launchFailed } from "../../core/base/errors";
import type { BeforeStart } from "./beforeStart";

export const programsFound: BeforeStart = ({ manifest }) => {
  const { cwd } = manifest;
  if (!isFolder(cwd))
    throw launchFailed(`The folder ${cwd}, in which the run should start, does not exist on this box.`);
  const path = manifest.env["PATH"] ?? process.env["PATH"] ?? "";
  for (const [at, [program = ""]] of manifest.commands.entries()) {
    // A later command's program may be made by an earlier one, where it is a path of the workspace.
    if (isProgram(program, path, cwd) || (at > 0 && program.includes("/"))) continue;
    throw launchFailed(
      `The program "${program}" was not found on this box: install it, or put its folder on PATH (looked in ${path}).`,
    );
  }
  return {};
};

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function isProgram(program: string, path: string, cwd: string): boolean {
  const places = program.includes("/")
    ? [isAbsolute(program) ? program : join(cwd, program)]
    : path.split(delimiter).map((folder) => join(folder, program));
  return places.some((place) => {
    try {
      accessSync(place, constants.X_OK);
      return statSync(place).isFile();
    } catch {
      return false;
    }
  });
}
