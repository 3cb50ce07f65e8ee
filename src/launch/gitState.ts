// The commit that a launch came from, and whether the folder differed from it.
import type { LaunchSpec } from "../../core/model/run";
import { readGit } from "./git";

/** Null outside a repository, before its first commit, or without git. Untracked files count as a difference. */
export async function readGitState(folder: string, signal?: AbortSignal): Promise<LaunchSpec["git"]> {
  const [head, status] = await Promise.all([
    readGit(folder, ["rev-parse", "--verify", "HEAD"], signal),
    readGit(folder, ["status", "--porcelain", "-z", "--", "."], signal),
  ]);
  const commit = head?.toString("utf8").trim() ?? "";
  return /^[0-9a-f]{40,64}$/.test(commit) ? { commit, dirty: status === null || status.length > 0 } : null;
}
