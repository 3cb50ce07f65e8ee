// A folder of this window and user alone, for the sockets and pipes between us and a running ssh.
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Disposable } from "../../core/base/disposable";

/** A socket's path may have 104 characters on some systems, and ssh adds 18 while it makes one. */
const MAX_FOLDER = 80;

export interface PrivateFolder extends Disposable {
  path: string;
}

export async function makePrivateFolder(): Promise<PrivateFolder> {
  const parents = tmpdir().length + 20 <= MAX_FOLDER ? [tmpdir()] : ["/tmp", tmpdir()];
  const make = (parent: string): Promise<string> => mkdtemp(join(parent, "runside-ssh-"));
  // mkdtemp makes it 0700.
  const path = await make(parents[0] ?? tmpdir()).catch(() => make(parents.at(-1) ?? tmpdir()));
  const remove = (): void => {
    try {
      rmSync(path, { recursive: true, force: true });
    } catch {
      // Something was written into it at this moment.
    }
  };
  const dispose = (): void => {
    // At once, because a window that closes waits for nothing; and again, because an ssh that is ending may still write.
    remove();
    setTimeout(remove, 500).unref();
  };
  return { path, dispose };
}
