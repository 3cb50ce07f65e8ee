// What elements may ask about the run they show, without knowing how the question travels.
import type { EvalTable } from "../../core/model/evaluation";
import type { Gpu } from "../../core/model/gpu";
import type { Episode } from "../../core/model/episode";
import type { ReadingChoice } from "../../core/model/reading";
import type { Rollout } from "../../core/model/rollout";
import type { SetupRecord } from "../../core/model/environment";
import type { RunManifest } from "../../core/model/run";
import type { Series } from "../../core/model/series";
import type { Read } from "../../core/protocol/define";
import { episodes } from "../../core/protocol/episodes";
import { evaluations } from "../../core/protocol/evaluations";
import { files } from "../../core/protocol/files";
import { gpus } from "../../core/protocol/gpus";
import { lenses } from "../../core/protocol/lenses";
import { rollouts, type rolloutSortKeys } from "../../core/protocol/rollouts";
import { runs } from "../../core/protocol/runs";
import { series } from "../../core/protocol/series";
import type { Peer } from "../../core/rpc/peer";

import type { Range } from "./curveRange";

type Answer<M> = M extends Read<infer _P, infer R> ? R : never;

export type RolloutPage = Answer<typeof rollouts.page>;
export type EpisodePage = Answer<typeof episodes.page>;
export type LogPage = Answer<typeof files.log>;

export type LensInfo = Answer<typeof lenses.list>["lenses"][number];
export type LensGroup = Answer<typeof lenses.group>;
export type LensFile = Answer<typeof lenses.file>;
export type LensApart = Answer<typeof lenses.apart>;

/** Which lenses judge, how they are set, and above which recorded reward a sample has passed. */
export interface LensQuery {
  lenses?: string[];
  options?: Record<string, Record<string, string>>;
  mark?: number;
  where?: string;
}

export interface RolloutQuery {
  offset: number;
  limit: number;
  sort: (typeof rolloutSortKeys)[number];
  where?: string;
  text?: string;
}

export interface RunReads {
  /** Curves by their keys, between two steps, at a resolution of so many points. */
  series(keys: string[], range: Range, points: number, signal: AbortSignal): Promise<Series[]>;
  rolloutPage(query: RolloutQuery, signal: AbortSignal): Promise<RolloutPage>;
  rollout(id: string, choice: ReadingChoice, signal: AbortSignal): Promise<Rollout>;
  lenses(signal: AbortSignal): Promise<LensInfo[]>;
  lensGroup(id: string, query: LensQuery, signal: AbortSignal): Promise<LensGroup>;
  /** Judges for so many seconds, and goes on where it was when asked again. */
  lensFile(query: LensQuery, seconds: number, signal: AbortSignal): Promise<LensFile>;
  lensApart(query: LensQuery, cell: { pass: string; not: string }, signal: AbortSignal): Promise<LensApart>;
  episodePage(offset: number, limit: number, signal: AbortSignal): Promise<EpisodePage>;
  episode(id: string, choice: ReadingChoice, signal: AbortSignal): Promise<Episode>;
  /** With what the scorers make of the rows. */
  evaluations(signal: AbortSignal): Promise<EvalTable[]>;
  file(path: string, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  log(range: { before?: number; after?: number; maxBytes: number }, signal: AbortSignal): Promise<LogPage>;
  /** `setup`: what the last attempt's setup made of the environment. */
  manifest(signal: AbortSignal): Promise<{ manifest: RunManifest | null; setup: SetupRecord | null }>;
  /** Of the whole box, two seconds old at most. */
  gpus(signal: AbortSignal): Promise<Gpu[]>;
}

/** Groups that somebody may look through. */
const mostApart = 100;
/** What one `files/read` may ask for. */
const pieceSize = 192 * 1024;
/** A screenshot is a few MB at most; a path that names a checkpoint must not be pulled through the editor. */
const largestFile = 32 * 1024 * 1024;

export function createRunReads(peer: Peer, target: string): RunReads {
  return {
    series: async (names, range, points, signal) =>
      (await peer.request(series.read, { target, names, ...range, points }, signal)).series,
    rolloutPage: (query, signal) => peer.request(rollouts.page, { target, ...query }, signal),
    rollout: (id, choice, signal) => peer.request(rollouts.read, { target, id, ...choice }, signal),
    lenses: async (signal) => (await peer.request(lenses.list, {}, signal)).lenses,
    lensGroup: (id, { where: _where, ...query }, signal) =>
      peer.request(lenses.group, { target, id, ...query }, signal),
    lensFile: (query, seconds, signal) => peer.request(lenses.file, { target, ...query, seconds }, signal),
    lensApart: (query, cell, signal) =>
      peer.request(lenses.apart, { target, ...query, ...cell, seconds: 0, limit: mostApart }, signal),
    episodePage: (offset, limit, signal) => peer.request(episodes.page, { target, offset, limit }, signal),
    episode: (id, choice, signal) => peer.request(episodes.read, { target, id, ...choice }, signal),
    gpus: async (signal) => (await peer.request(gpus.list, {}, signal)).gpus,
    evaluations: async (signal) => (await peer.request(evaluations.read, { target }, signal)).tables,
    file: (path, signal) => readFile(peer, target, path, signal),
    log: (range, signal) => peer.request(files.log, { target, ...range }, signal),
    manifest: (signal) => peer.request(runs.manifest, { target }, signal),
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
