// The box's answers about lenses, over rollouts in memory: the real rules and sums, without files and threads.
import { Agreement, type Cell } from "../../../core/lenses/agreement";
import { referenceFor } from "../../../core/lenses/gold";
import { judgeOne, type LensChoice } from "../../../core/lenses/judge";
import { suggestLenses } from "../../../core/lenses/suggest";
import type { Rollout } from "../../../core/model/rollout";
import { lenses, recorded } from "../../../core/protocol/lenses";
import type { Peer } from "../../../core/rpc/peer";
import { lensSums } from "../../../remote-agent/index/lensSums";
import {
  judgesWithoutGold,
  lensChoices,
  lensList,
  shownJudgement,
  verdictOfReward,
} from "../../../remote-agent/judge/lensChoice";
import type { Script } from "./scriptedHost";

interface Asked {
  lenses?: string[] | undefined;
  options?: Record<string, Record<string, string>> | undefined;
  mark?: number | undefined;
}

const goldOf = ({ reference }: Rollout): unknown => referenceFor(reference, undefined);
const itemsOf = (group: Rollout) => group.samples.map(({ text }) => ({ response: text, gold: goldOf(group) }));

export function serveLenses(peer: Peer, script: Script, note: <P>(method: string, params: P) => P): void {
  let judged = 0;
  const chosen = (asked: Asked, groups: readonly Rollout[]): { choices: LensChoice[]; kinds: string[] } => {
    const found = suggestLenses(groups.flatMap(itemsOf));
    return { choices: lensChoices(asked.lenses ?? found.lenses, asked.options), kinds: found.kinds };
  };
  const cellsOf = (group: Rollout, choices: readonly LensChoice[], mark: number): Cell[][] =>
    itemsOf(group).map((item, i) => [
      ...choices.map((choice) =>
        group.reference === null && !judgesWithoutGold(choice) ? null : judgeOne(choice, item).verdict,
      ),
      verdictOfReward(Number(group.samples[i]?.reward), mark),
    ]);
  const sums = (asked: Asked, until: number) => {
    const groups = script.rollouts.slice(0, until);
    const { choices, kinds } = chosen(asked, script.rollouts.slice(0, 24));
    const agreement = new Agreement(choices.length + 1);
    groups.forEach((group, at) =>
      agreement.add({ at, step: group.header.step, cells: cellsOf(group, choices, asked.mark ?? 0.5) }),
    );
    return { agreement, groups, kinds, columns: [...choices.map(({ id }) => id), recorded] };
  };
  peer.serve(lenses, {
    list: () => ({ lenses: lensList() }),
    group: (p) => {
      note("lenses/group", p);
      const group = script.rollouts.find(({ header }) => header.id === p.id);
      const { choices, kinds } = chosen(p, group ? [group] : []);
      return {
        lenses: choices.map(({ id }) => id),
        kinds,
        suggested: p.lenses === undefined,
        mark: p.mark ?? 0.5,
        samples: (group ? itemsOf(group) : []).map((item, i) => ({
          recorded: verdictOfReward(Number(group?.samples[i]?.reward), p.mark ?? 0.5),
          judgements: choices.map((choice) => shownJudgement(judgeOne(choice, item))),
        })),
      };
    },
    file: (p) => {
      note("lenses/file", p);
      judged = Math.min(script.rollouts.length, judged + script.judgedAtOnce);
      const { agreement, groups, kinds, columns } = sums(p, judged);
      const complete = judged === script.rollouts.length;
      return {
        columns,
        kinds,
        suggested: p.lenses === undefined,
        mark: p.mark ?? 0.5,
        rollouts: script.rollouts.length,
        looked: agreement.groups,
        samples: agreement.samples,
        withoutReference: groups.filter(({ reference }) => reference === null).length,
        complete,
        more: !complete && columns.length > 1,
        note: null,
        ...lensSums(agreement, columns, (at) => groups[at]?.header.id ?? null),
      };
    },
    apart: (p) => {
      note("lenses/apart", p);
      const { agreement, groups, columns } = sums(p, judged);
      const [pass, not] = [columns.indexOf(p.pass), columns.indexOf(p.not)];
      const rows = agreement.disagreements(pass, not).slice(0, p.limit);
      return {
        samples: agreement.only[pass]?.[not] ?? 0,
        rows: rows.flatMap(({ at, samples }) => (groups[at] ? [{ header: groups[at].header, samples }] : [])),
      };
    },
  });
}
