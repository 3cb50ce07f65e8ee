// Answers judged again: the lenses there are, one group, and all rollouts of a target.
import type { Handlers } from "../../core/protocol/define";
import type { lenses } from "../../core/protocol/lenses";
import { LensQueries, type LensQuestion } from "../index/lensQuery";
import type { Targets } from "../index/targets";
import { lensList } from "../judge/lensChoice";
import type { LensJudge } from "../judge/lensJudge";

/** A list that a person can look through. */
const MOST_ROWS = 200;

export function lensHandlers(targets: Targets, judge: LensJudge): Handlers<typeof lenses> {
  const queries = new LensQueries(judge);
  return {
    list: () => ({ lenses: lensList() }),
    group: ({ target, id, ...question }) => targets.use(target, (t) => queries.group(t, id, given(question))),
    file: ({ target, ...question }, { signal }) =>
      targets.use(target, (t) => queries.file(t, { ...given(question), seconds: question.seconds }, signal)),
    apart: ({ target, pass, not, limit, ...question }, { signal }) =>
      targets.use(target, (t) => {
        const rows = Math.min(limit, MOST_ROWS);
        return queries.apart(t, { ...given(question), seconds: question.seconds, pass, not, limit: rows }, signal);
      }),
  };
}

type Wide<T> = { [K in keyof T]?: T[K] | undefined };

/** What was asked for, without the names that were not. */
function given(asked: Wide<Omit<LensQuestion, "seconds">>): Omit<LensQuestion, "seconds"> {
  const { lenses, options, mark, where } = asked;
  return {
    ...(lenses === undefined ? {} : { lenses }),
    ...(options === undefined ? {} : { options }),
    ...(mark === undefined ? {} : { mark }),
    ...(where === undefined ? {} : { where }),
  };
}
