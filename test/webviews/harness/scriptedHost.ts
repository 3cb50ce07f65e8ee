// The other end of a view's link, over data in memory: what the extension host and the agent would answer.
import type { Series } from "../../../core/model/series";
import type { RunDelta, RunState } from "../../../core/model/runState";
import { snapshotOf } from "../../../core/model/runState";
import type { EvalTable } from "../../../core/model/evaluation";
import type { Rollout } from "../../../core/model/rollout";
import { episodes } from "../../../core/protocol/episodes";
import { gpus } from "../../../core/protocol/gpus";
import { evaluations } from "../../../core/protocol/evaluations";
import { files } from "../../../core/protocol/files";
import { rollouts } from "../../../core/protocol/rollouts";
import { runs } from "../../../core/protocol/runs";
import { series } from "../../../core/protocol/series";
import { view } from "../../../core/protocol/view";
import type { Peer } from "../../../core/rpc/peer";
import { inFrame } from "../../../core/actions/reading";
import { RunsideError } from "../../../core/base/errors";
import type { Episode } from "../../../core/model/episode";
import { chosenFrame, type FrameChoice } from "../../../core/model/frame";
import {
  gpuOf,
  makeEpisodes,
  makeKinds,
  makeLog,
  makeRollouts,
  makeScored,
  makeState,
  manifest,
  setupRecord,
  target,
} from "./data";
import { serveLenses } from "./scriptedLenses";

export interface Script {
  /** Groups that the box judges before it answers. */
  judgedAtOnce: number;
  state: RunState;
  rollouts: Rollout[];
  log: string;
  /** What the rows give beside the state's tables. */
  scored: (tables: EvalTable[]) => EvalTable[];
  /** Base64 of a file's bytes. */
  picture: (path: string) => string;
  /** The points of a curve between two steps, where the state holds fewer. */
  finer: (key: string, from: number, to: number) => Series;
  /** Methods that fail, with what they say. */
  failing: Map<string, string>;
  asked: { method: string; params: unknown }[];
  watched: (since: string | undefined) => RunDelta;
}

export function makeScript(patch: Partial<Script> = {}): Script {
  const script: Script = {
    state: makeState(),
    rollouts: makeRollouts(),
    log: makeLog(),
    scored: makeScored,
    picture: () => "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    judgedAtOnce: Infinity,
    finer: (key) => {
      const held = script.state.series.get(key);
      if (!held) throw new RunsideError("trace/not-found", `There is no curve ${key}.`);
      return held;
    },
    failing: new Map(),
    asked: [],
    watched: (since) =>
      since === script.state.cursor ? { from: since ?? null, to: since ?? "" } : snapshotOf(script.state),
    ...patch,
  };
  return script;
}

/** As the agent does it: a frame set by hand is every action's. */
function readAs(episode: Episode, choice: FrameChoice): Episode {
  const frame = chosenFrame(choice);
  if (!frame) return episode;
  const reading = { ...episode.reading, frame: { frame, how: "set" as const, why: "by hand" } };
  const steps = episode.steps.map((step) => ({ ...step, parsed: step.parsed && inFrame(step.parsed, frame) }));
  return { ...episode, reading, steps };
}

export function serveScript(peer: Peer, script: Script): { emit: (delta: RunDelta) => void } {
  const note = <P>(method: string, params: P): P => {
    script.asked.push({ method, params });
    const failure = script.failing.get(method);
    if (failure) throw new RunsideError("internal", failure);
    return params;
  };
  const wish = (name: keyof typeof view) => (params: unknown) => {
    note(view[name].method, params);
    return {};
  };
  const episodeList = makeEpisodes();
  peer.serve(view, {
    ready: (p) => {
      note("view/ready", p);
      return {
        target,
        box: "gpu-box-1",
        boxName: "gpu-box-1",
        title: "grpo",
        dialect: "auto",
        link: { state: "connected", since: Date.now(), message: null },
      };
    },
    copy: wish("copy"),
    tryDialect: wish("tryDialect"),
    openConfig: wish("openConfig"),
    openLog: wish("openLog"),
    runAgain: wish("runAgain"),
    retry: wish("retry"),
    restart: (p) => {
      note("view/restart", p);
      return { accepted: true };
    },
    stop: (p) => {
      note("view/stop", p);
      return { accepted: true };
    },
  });
  const { watch, manifest: manifestRead } = runs;
  peer.serve(
    { watch, manifest: manifestRead },
    {
      watch: ({ target: asked, since }) => {
        note("runs/watch", { target: asked, since });
        return script.watched(since);
      },
      manifest: () => ({ manifest, setup: setupRecord }),
    },
  );
  peer.serve(rollouts, {
    page: (p) => {
      note("rollouts/page", p);
      const found = script.rollouts
        .filter((r) => fits(r, p.where ?? "") && (!p.text || new RegExp(p.text).test(r.prompt)))
        .map((r) => r.header);
      const by = { newest: -1, oldest: 1 }[p.sort as "newest"];
      if (by !== undefined) found.sort((a, b) => by * ((a.step ?? a.version ?? 0) - (b.step ?? b.version ?? 0)));
      else found.sort((a, b) => (p.sort.startsWith("-") ? -1 : 1) * (Number(a.rewardMean) - Number(b.rewardMean)));
      return { total: found.length, rows: found.slice(p.offset, p.offset + p.limit), note: null };
    },
    read: (p) => {
      note("rollouts/read", p);
      const found = script.rollouts.find((r) => r.header.id === p.id);
      if (!found) throw new RunsideError("trace/not-found", `There is no rollout ${p.id} any more.`);
      return found;
    },
  });
  peer.serve(series, {
    read: (p) => {
      note("series/read", p);
      return { series: p.names.map((name) => script.finer(name, p.from ?? -Infinity, p.to ?? Infinity)) };
    },
  });
  serveLenses(peer, script, note);
  peer.serve(episodes, {
    page: (p) => ({
      total: episodeList.length,
      rows: episodeList.slice(p.offset, p.offset + p.limit).map((e) => e.header),
    }),
    read: (p) => {
      note("episodes/read", p);
      const found = p.id === "kinds" ? makeKinds() : (episodeList.find((e) => e.header.id === p.id) ?? episodeList[0]!);
      return readAs(found, p.frame ?? "auto");
    },
  });
  peer.serve({ list: gpus.list }, { list: () => ({ gpus: [gpuOf("GPU-1"), gpuOf("GPU-2")], problem: null }) });
  peer.serve(evaluations, {
    read: (p) => {
      note("evaluations/read", p);
      return { tables: script.scored(script.state.evals) };
    },
  });
  const { read, log } = files;
  peer.serve(
    { read, log },
    {
      read: (p) => {
        note("files/read", p);
        const bytes = atob(script.picture(p.path));
        return { data: btoa(bytes.slice(p.offset, p.offset + p.length)), size: bytes.length };
      },
      log: (p) => {
        note("files/log", p);
        const text = script.log;
        const openAt = text.lastIndexOf("\n") + 1;
        if (p.after !== undefined)
          return { text: text.slice(p.after), start: p.after, end: text.length, openAt, size: text.length };
        const end = p.before ?? text.length;
        const from = Math.max(0, end - Math.min(p.maxBytes, 16_000));
        const start = from === 0 ? 0 : text.indexOf("\n", from) + 1;
        return { text: text.slice(start, end), start, end, openAt: Math.min(openAt, end), size: text.length };
      },
    },
  );
  return {
    emit: (delta) => peer.emit(runs.changed, { target, delta }),
  };
}

function fits(rollout: Rollout, where: string): boolean {
  return where
    .split(" and ")
    .filter(Boolean)
    .every((clause) => {
      const match = /^(\w+) *(<|>|=) *([\d.]+)$/.exec(clause.trim());
      if (!match) return false;
      const { header } = rollout;
      const held = { step: header.step, version: header.version, reward: Number(header.rewardMean) }[
        match[1] as "step"
      ];
      const value = Number(match[3]);
      if (held === null || held === undefined) return false;
      return match[2] === "<" ? held < value : match[2] === ">" ? held > value : held === value;
    });
}
