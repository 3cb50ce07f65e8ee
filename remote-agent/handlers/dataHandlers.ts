// What is inside a target: curves, rollouts, episodes, evaluations.
import type { Handlers } from "../../core/protocol/define";
import type { episodes } from "../../core/protocol/episodes";
import type { evaluations } from "../../core/protocol/evaluations";
import type { rollouts } from "../../core/protocol/rollouts";
import type { series } from "../../core/protocol/series";
import { episodePage, readEpisode } from "../index/episodeQuery";
import { readRollout, rolloutPage } from "../index/rolloutQuery";
import { scoredEvaluations } from "../index/scoreQuery";
import { readSeries } from "../index/seriesQuery";
import type { Targets } from "../index/targets";

/** A page is what a person can look at; more is asked for in more pages. */
const PAGE = 200;

export function seriesHandlers(targets: Targets): Handlers<typeof series> {
  return {
    read: ({ target, ...question }) => targets.use(target, (t) => ({ series: readSeries(t, question) })),
  };
}

export function rolloutHandlers(targets: Targets): Handlers<typeof rollouts> {
  return {
    page: ({ target, limit, ...question }) =>
      targets.use(target, (t) => rolloutPage(t, { ...question, limit: Math.min(limit, PAGE) })),
    read: ({ target, id, ...choice }) => targets.use(target, (t) => readRollout(t, id, choice)),
  };
}

export function episodeHandlers(targets: Targets): Handlers<typeof episodes> {
  return {
    page: ({ target, offset, limit }) => targets.use(target, (t) => episodePage(t, offset, Math.min(limit, PAGE))),
    read: ({ target, id, ...choice }) => targets.use(target, (t) => readEpisode(t, id, choice)),
  };
}

export function evaluationHandlers(targets: Targets): Handlers<typeof evaluations> {
  return {
    read: ({ target }) => targets.use(target, async (t) => ({ tables: await scoredEvaluations(t) })),
  };
}
