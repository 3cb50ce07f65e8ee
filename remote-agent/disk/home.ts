// Where things lie on the box. Every path the agent writes is built here, from a checked id and a fixed name.
import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join, resolve, sep } from "node:path";
import { RunsideError } from "../../core/base/errors";
import { runIdPattern } from "../../core/model/run";

export class Home {
  readonly root: string;

  constructor(root = process.env["RUNSIDE_HOME"]) {
    // Set but empty means unset, as for every shell.
    this.root = resolve(root || join(homedir(), ".runside"));
  }

  /** Creates the store on first use; private, because configs and logs may hold anything. */
  ensure(): void {
    try {
      for (const folder of [this.root, this.runs, this.snapshots]) mkdirSync(folder, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw new RunsideError(
        "run/launch-failed",
        `The run store ${this.root} cannot be written (${(error as NodeJS.ErrnoException).code ?? "error"}): free space there, or set RUNSIDE_HOME to a folder that can be written.`,
        { cause: error },
      );
    }
  }

  get runs(): string {
    return join(this.root, "runs");
  }

  get snapshots(): string {
    return join(this.root, "snapshots");
  }

  /** Ids of runs that got another attempt, one a line: whoever lists runs need not look at ended ones for it. */
  get restarts(): string {
    return join(this.root, "restarts");
  }

  run(id: string): string {
    if (!runIdPattern.test(id)) throw new RunsideError("run/not-found", `"${id}" is not a run's id.`, { data: { id } });
    return join(this.runs, id);
  }

  /** Contents of the workspaces' files, each once. */
  get blobs(): string {
    return join(this.root, "blobs");
  }

  /** The list of a snapshot's files. */
  snapshot(sha: string): string {
    if (!/^[0-9a-f]{64}$/.test(sha)) throw new RunsideError("internal", "not a snapshot id");
    return join(this.snapshots, sha);
  }

  /** Saved indexes of a folder that is not ours: never inside it. */
  cacheFor(folder: string): string {
    return join(this.root, "cache", createHash("sha256").update(folder).digest("hex").slice(0, 24));
  }
}

/** Enough of a hash to name something among a few thousand. */
export const shortHash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 12);

/** `~/x` and relative paths as absolute ones; relative to the home folder, because a session has no other place. */
export function absolute(path: string, base = homedir()): string {
  if (path === "~") return homedir();
  if (path.startsWith("~/")) return join(homedir(), path.slice(2));
  return isAbsolute(path) ? resolve(path) : resolve(base, path);
}

export function isInside(path: string, root: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}
