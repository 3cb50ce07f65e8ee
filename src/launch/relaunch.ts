// A run launched again from what its box recorded: the same snapshot and config, or a config with other values. Needs no
// workspace, unless the box has lost the snapshot: then commit and patch make it again.
import path from "node:path";
import { launchFailed } from "../../core/base/errors";
import { newRunId, type LaunchSpec } from "../../core/model/run";
import { runs } from "../../core/protocol/runs";
import { snapshots } from "../../core/protocol/snapshots";
import { prepareLaunch, specOf } from "../../core/recipes/launch";
import type { Assignment } from "../../core/recipes/overrides";
import { setupOf } from "../../core/model/setup";
import { parseUserRecipes, userRecipesPath } from "../../core/recipes/userRecipes";
import type { Peer } from "../../core/rpc/peer";
import { boxStore } from "./boxStore";
import { isWholePatch, rebuildWorkspace } from "./gitPatch";
import { sendSnapshot } from "./sendSnapshot";

export interface Recorded {
  /** As it was launched, without its secrets. */
  spec: LaunchSpec;
  secretNames: string[];
  /** Whether the box still has its files. */
  isThere: boolean;
}

/** Throws `run/launch-failed` where the run's record is too old, or no record of ours. */
export async function recordedLaunch(peer: Peer, id: string): Promise<Recorded> {
  const [{ spec }, { manifest }] = await Promise.all([
    peer.request(runs.spec, { id }),
    peer.request(runs.manifest, { target: id }),
  ]);
  if (!spec || !manifest)
    throw launchFailed(`${id} has no record of how it was launched; open its config and run that.`);
  const isThere = "folder" in spec.place || (await peer.request(snapshots.has, { id: spec.place.snapshot })).has;
  return { spec, secretNames: manifest.secretNames, isThere };
}

export interface Changes {
  /** The config's text, edited. */
  text?: string;
  set?: readonly Assignment[];
}

/** Planned anew from the snapshot's own recipes and files where the config changes; else the recorded launch as it is. */
export async function changedSpec(peer: Peer, { spec }: Recorded, { text, set = [] }: Changes): Promise<LaunchSpec> {
  const edited = text !== undefined && text !== spec.config.text;
  if (!edited && set.length === 0) return spec;
  if ("folder" in spec.place)
    throw launchFailed(
      `This run used the folder ${spec.place.folder} of the box as it is; change the config there, or run the config again.`,
    );
  const id = spec.place.snapshot;
  const { paths } = await peer.request(snapshots.list, { id });
  const own = await peer.request(snapshots.text, { id, path: userRecipesPath });
  const present = withFolders(paths ?? []);
  const userRecipes = parseUserRecipes(own.text ?? "").recipes;
  const exists = (at: string): boolean => present.has(path.posix.normalize(at).replace(/\/$/, ""));
  const config = { path: spec.config.path, text: text ?? spec.config.text };
  const prepared = prepareLaunch({ ...config, exists, userRecipes, recipe: spec.recipe, set });
  const { place, git, env, patch = null } = spec;
  const gpus = prepared.plan.gpus ?? spec.gpus;
  const setup = setupOf(spec.commands).box;
  const planned = specOf(prepared, { id: spec.id, place, git, patch, setup, ...(gpus ? { gpus } : {}) });
  return { ...planned, env: { ...env, ...planned.env } };
}

/**
 * A snapshot of the same name where commit and patch were all there was to it. Answers the id that the box has now, and
 * whether it is the recorded one: files that git ignored, and the run was sent, cannot come back this way.
 */
export async function restoreSnapshot(
  peer: Peer,
  folder: string,
  { spec }: Recorded,
  signal?: AbortSignal,
): Promise<{ snapshot: string; same: boolean }> {
  const { git, place } = spec;
  const patch = spec.patch ? Buffer.from(spec.patch, "base64") : null;
  if (!git || !isWholePatch(patch) || (git.dirty && patch === null))
    throw launchFailed(
      "The box no longer has this run's files, and its record has no commit and patch to make them from; run its config from a workspace.",
    );
  const rebuilt = await rebuildWorkspace(folder, git.commit, patch, signal);
  try {
    const { id } = await sendSnapshot(rebuilt.folder, boxStore(peer, signal), {
      everything: true,
      ...(signal ? { signal } : {}),
    });
    return { snapshot: id, same: "snapshot" in place && place.snapshot === id };
  } finally {
    await rebuilt.discard();
  }
}

/** A new run of its own. Throws `run/launch-failed` with the reason and the log's last line. */
export async function launchAgain(
  peer: Peer,
  spec: LaunchSpec,
  secrets: Record<string, string> = {},
): Promise<{ id: string; pid: number | null }> {
  const name = path.posix.basename(spec.config.path).replace(/\.ya?ml$/, "");
  return launchSpec(peer, { ...spec, id: newRunId(new Date(), name, Math.random), secrets });
}

export async function launchSpec(peer: Peer, spec: LaunchSpec): Promise<{ id: string; pid: number | null }> {
  const outcome = await peer.request(runs.launch, spec);
  if (outcome.outcome === "started") return { id: outcome.id, pid: outcome.pid };
  if (outcome.outcome === "queued") return { id: spec.id, pid: null };
  const last = outcome.log[outcome.log.length - 1];
  const log = last === undefined ? "" : ` The log's last line: ${last}`;
  throw launchFailed(`${outcome.reason}${log}`, { id: outcome.id });
}

function withFolders(paths: readonly string[]): Set<string> {
  const all = new Set<string>(["."]);
  for (const each of paths)
    for (let at = each; at !== "" && at !== "." && !all.has(at); at = path.posix.dirname(at)) all.add(at);
  return all;
}
