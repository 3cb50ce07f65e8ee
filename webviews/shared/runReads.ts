// What elements may ask about the run they show, without knowing how the question travels.
import type { EvalTable } from "../../core/model/evaluation";
import type { Episode } from "../../core/model/episode";
import type { ReadingChoice } from "../../core/model/reading";
import type { Rollout } from "../../core/model/rollout";
import type { RunManifest } from "../../core/model/run";
import type { Read } from "../../core/protocol/define";
import { episodes } from "../../core/protocol/episodes";
import { evaluations } from "../../core/protocol/evaluations";
import { files } from "../../core/protocol/files";
import { rollouts, type rolloutSortKeys } from "../../core/protocol/rollouts";
import { runs } from "../../core/protocol/runs";
import type { Peer } from "../../core/rpc/peer";

type Answer<M> = M extends Read<infer _P, infer R> ? R : never;

export type RolloutPage = Answer<typeof rollouts.page>;
export type EpisodePage = Answer<typeof episodes.page>;
export type LogPage = Answer<typeof files.log>;

export interface RolloutQuery {
  offset: number;
  limit: number;
  sort: (typeof rolloutSortKeys)[number];
  where?: string;
  text?: string;
}

export interface RunReads {
  rolloutPage(query: RolloutQuery, signal: AbortSignal): Promise<RolloutPage>;
  rollout(id: string, choice: ReadingChoice, signal: AbortSignal): Promise<Rollout>;
  episodePage(offset: number, limit: number, signal: AbortSignal): Promise<EpisodePage>;
  episode(id: string, choice: ReadingChoice, signal: AbortSignal): Promise<Episode>;
  /** With what the scorers make of the rows. */
  evaluations(signal: AbortSignal): Promise<EvalTable[]>;
  file(path: string, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  log(range: { before?: number; after?: number; maxBytes: number }, signal: AbortSignal): Promise<LogPage>;
  manifest(signal: AbortSignal): Promise<RunManifest | null>;
}

/** What one `files/read` may ask for. */
const pieceSize = 192 * 1024;
/** A screenshot is a few MB at most; a path that names a checkpoint must not be pulled through the editor. */
const largestFile = 32 * 1024 * 1024;

export function createRunReads(peer: Peer, target: string): RunReads {
  return {
    rolloutPage: (query, signal) => peer.request(rollouts.page, { target, ...query }, signal),
    rollout: (id, choice, signal) => peer.request(rollouts.read, { target, id, ...choice }, signal),
    episodePage: (offset, limit, signal) => peer.request(episodes.page, { target, offset, limit }, signal),
    episode: (id, choice, signal) => peer.request(episodes.read, { target, id, ...choice }, signal),
    evaluations: async (signal) => (await peer.request(evaluations.read, { target }, signal)).tables,
    file: (path, signal) => readFile(peer, target, path, signal),
    log: (range, signal) => peer.request(files.log, { target, ...range }, signal),
    manifest: async (signal) => (await peer.request(runs.manifest, { target }, signal)).manifest,
  };
}

async function readFile(
  peer: Peer,
  target: string,
  path: string,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  let held = 0;
  for (;;) {
    const answer = await peer.request(files.read, { target, path, offset: held, length: pieceSize }, signal);
    if (answer.size > largestFile) throw new Error(`${path} is too large to show here.`);
    const bytes = Uint8Array.from(atob(answer.data), (c) => c.charCodeAt(0));
    pieces.push(bytes);
    held += bytes.length;
    if (held >= answer.size || bytes.length === 0) break;
  }
  const whole = new Uint8Array(held);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
