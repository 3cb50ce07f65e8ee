// How a workspace differs from its commit, as one patch that `git apply` takes, files that git does not track included; and
// the workspace made again from the two. Neither touches the repository's index or its working files.
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { launchFailed } from "../../core/base/errors";
import { readGit } from "./git";

/** A difference larger than this is data, not code: the snapshot holds it, the patch only says so. */
const LARGEST_PATCH = 8e6;

const plain =
  "--binary --relative --no-color --no-ext-diff --no-textconv --no-renames --ignore-submodules=dirty --src-prefix=a/ --dst-prefix=b/".split(
    " ",
  );

/** Null outside a repository, before its first commit, and where nothing differs. Lines before the first `diff` are for people. */
export async function readPatch(folder: string, signal?: AbortSignal): Promise<Buffer | null> {
  const index = (await readGit(folder, ["rev-parse", "--git-path", "index"], signal))?.toString("utf8").trim();
  if (!index) return null;
  const temporary = await mkdtemp(path.join(tmpdir(), "runside-patch-"));
  try {
    // A copy of the index in which files to come are announced: no object is written, and the user's own stays as it is.
    const own = { GIT_INDEX_FILE: path.join(temporary, "index") };
    await copyFile(path.resolve(folder, index), own.GIT_INDEX_FILE).catch(() => undefined);
    await readGit(folder, ["add", "--all", "--intent-to-add", "--", "."], signal, own);
    const whole = await readGit(folder, ["diff", ...plain, "HEAD", "--", "."], signal, own);
    if (whole === null || whole.length === 0) return null;
    if (whole.length <= LARGEST_PATCH) return whole;
    const tracked = await readGit(folder, ["diff", ...plain, "HEAD", "--", "."], signal);
    const untracked = await readGit(folder, ["ls-files", "--others", "--exclude-standard"], signal);
    const list = (untracked?.toString("utf8") ?? "").replace(/^(?=.)/gm, "# ").slice(0, 100_000);
    const kept = tracked && tracked.length <= LARGEST_PATCH ? tracked : null;
    const what = kept ? "these new files are not" : "none of it is";
    const size = (whole.length / 1e6).toFixed(0);
    const note = `# The difference has ${size} MB: ${what} kept here, the snapshot holds it.\n${list}`;
    return Buffer.concat([Buffer.from(note), kept ?? Buffer.alloc(0)]);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Whether a patch holds all of the difference. */
export const isWholePatch = (patch: Buffer | null): boolean => patch?.[0] !== "#".charCodeAt(0);

export interface Rebuilt {
  /** Where the workspace folder lies again. */
  folder: string;
  discard(): Promise<void>;
}

/** Throws `run/launch-failed` where the commit is not in the folder's repository or the patch does not fit it. */
export async function rebuildWorkspace(
  folder: string,
  commit: string,
  patch: Buffer | null,
  signal?: AbortSignal,
): Promise<Rebuilt> {
  const short = commit.slice(0, 10);
  const known = await readGit(folder, ["cat-file", "-e", `${commit}^{commit}`], signal);
  if (known === null)
    throw launchFailed(
      `Commit ${short} is not in the repository of ${folder}; fetch it, or open the folder that has it.`,
    );
  const prefix = (await readGit(folder, ["rev-parse", "--show-prefix"], signal))?.toString("utf8").trim() ?? "";
  const top = path.resolve(
    folder,
    ...prefix
      .split("/")
      .filter(Boolean)
      .map(() => ".."),
  );
  const temporary = await mkdtemp(path.join(tmpdir(), "runside-again-"));
  const tree = path.join(temporary, "tree");
  const workspace = path.join(tree, prefix);
  const discard = (): Promise<void> => rm(temporary, { recursive: true, force: true });
  try {
    await mkdir(workspace, { recursive: true });
    const own = { GIT_INDEX_FILE: path.join(temporary, "index") };
    const laidOut =
      (await readGit(top, ["read-tree", commit], signal, own)) !== null &&
      (await readGit(top, ["checkout-index", "--all", "--force", `--prefix=${tree}/`], signal, own)) !== null;
    if (!laidOut) throw launchFailed(`Commit ${short} could not be laid out again; \`git fsck\` says what is wrong.`);
    if (patch?.includes("diff --git ")) {
      const file = path.join(temporary, "patch.diff");
      await writeFile(file, patch);
      const apply = ["apply", "--binary", "--whitespace=nowarn", file];
      const applied = await readGit(workspace, apply, signal, { GIT_CEILING_DIRECTORIES: temporary });
      if (applied === null)
        throw launchFailed(`The run's patch does not fit its commit ${short}; its files cannot be made again.`);
    }
    return { folder: workspace, discard };
  } catch (error) {
    await discard();
    throw error;
  }
}
