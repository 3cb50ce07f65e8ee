// Answers judged again: one group whole, and all rollouts of a target as sums. What was judged is kept per target and question.
import { wrongUsage } from "../../core/base/errors";
import { suggestLenses, type Judged, type Suggestion } from "../../core/lenses/suggest";
import { recorded, type LensFile, type LensGroup } from "../../core/protocol/lenses";
import type { RolloutHeader } from "../../core/model/rollout";
import { lensChoices, markOf, shownJudgement, verdictOfReward, type OptionsByLens } from "../judge/lensChoice";
import type { LensJudge } from "../judge/lensJudge";
import { itemsOf, LensAccount, spread } from "./lensAccount";
import { lensSums } from "./lensSums";
import { AllRows, bodyOf, findRollout, headerOf, parseWhere } from "./rolloutQuery";
import type { Target } from "./target";

export interface LensQuestion {
  lenses?: readonly string[];
  options?: OptionsByLens;
  mark?: number;
  where?: string;
  seconds: number;
}

/** Groups that are read to see which lenses fit. */
const PROBED = 24;
/** Questions of one target whose sums are kept. */
const KEPT = 6;

interface Held {
  accounts: Map<string, LensAccount>;
  suggestion: { at: string; found: Suggestion } | null;
}

export class LensQueries {
  private readonly held = new WeakMap<Target, Held>();

  constructor(private readonly judge: LensJudge) {}

  async group(target: Target, id: string, question: Omit<LensQuestion, "seconds" | "where">): Promise<LensGroup> {
    const { body } = await findRollout(target, id);
    const items = itemsOf(body);
    const found = suggestLenses(items);
    const choices = lensChoices(question.lenses ?? found.lenses, question.options);
    const mark = markOf(target, question.mark);
    const judged = await this.judge.judge(choices, items);
    return {
      lenses: choices.map((choice) => choice.id),
      kinds: found.kinds,
      suggested: question.lenses === undefined,
      mark,
      samples: body.samples.map(({ reward }, i) => ({
        recorded: verdictOfReward(reward, mark),
        judgements: (judged[i] ?? []).map(shownJudgement),
      })),
    };
  }

  async file(target: Target, question: LensQuestion, signal: AbortSignal): Promise<LensFile> {
    const { account, suggestion, suggested } = await this.account(target, question, signal);
    const { agreement, choices, mark } = account;
    const columns = [...choices.map(({ id }) => id), ...(mark === null ? [] : [recorded])];
    const rollouts = account.count();
    const looked = agreement.groups + account.lost;
    const complete = looked >= rollouts;
    const lost = account.lost === 0 ? "" : `${account.lost.toLocaleString("en")} rollouts could not be read`;
    const full = account.isFull && !complete ? "enough was judged for the intervals to be narrow" : "";
    return {
      columns,
      kinds: suggestion.kinds,
      suggested,
      mark,
      rollouts,
      looked: agreement.groups,
      samples: agreement.samples,
      withoutReference: account.withoutReference,
      complete,
      more: !complete && !account.isFull && choices.length > 0,
      note: [lost, full].filter(Boolean).join("; ") || null,
      ...lensSums(agreement, columns, (at) => account.idOf(at)),
    };
  }

  async apart(
    target: Target,
    question: LensQuestion & { pass: string; not: string; limit: number },
    signal: AbortSignal,
  ): Promise<{ samples: number; rows: { header: RolloutHeader; samples: number[] }[] }> {
    const { account } = await this.account(target, question, signal);
    const columns = [...account.choices.map(({ id }) => id), recorded];
    const [pass, not] = [columns.indexOf(question.pass), columns.indexOf(question.not)];
    if (pass < 0 || not < 0)
      throw wrongUsage(`"${question.pass}" and "${question.not}" are not both among ${columns.join(", ")}.`);
    const rows: { header: RolloutHeader; samples: number[] }[] = [];
    for (const { at, samples } of account.agreement.disagreements(pass, not).slice(0, question.limit)) {
      const place = account.placeOf(at);
      if (!place || place.row >= place.source.records.rollouts.length) continue;
      const body = await bodyOf(target, place.source, place.row);
      rows.push({ header: headerOf(place.source, place.row, body), samples });
    }
    rows.sort((a, b) => whereOf(a.header) - whereOf(b.header));
    return { samples: account.agreement.only[pass]?.[not] ?? 0, rows };
  }

  private async account(
    target: Target,
    question: LensQuestion,
    signal: AbortSignal,
  ): Promise<{ account: LensAccount; suggestion: Suggestion; suggested: boolean }> {
    const held = this.heldFor(target);
    const suggestion = await suggest(target, held);
    const suggested = question.lenses === undefined;
    const choices = lensChoices(question.lenses ?? suggestion.lenses, question.options);
    const mark = markOf(target, question.mark);
    const key = JSON.stringify([choices, question.where ?? "", mark]);
    const test = question.where ? parseWhere(question.where) : null;
    const account = held.accounts.get(key) ?? new LensAccount(target, this.judge, choices, mark, test);
    // The last asked is the last to go.
    held.accounts.delete(key);
    held.accounts.set(key, account);
    for (const old of [...held.accounts.keys()].slice(0, -KEPT)) held.accounts.delete(old);
    await account.advance(Date.now() + Math.min(20, question.seconds) * 1000, signal);
    return { account, suggestion, suggested };
  }

  private heldFor(target: Target): Held {
    let held = this.held.get(target);
    if (!held) this.held.set(target, (held = { accounts: new Map(), suggestion: null }));
    return held;
  }
}

/** By a few groups from all over the files; asked anew only while there are fewer, or when a file was replaced. */
async function suggest(target: Target, held: Held): Promise<Suggestion> {
  const all = new AllRows(target.index.rolloutSources());
  const generations = target.index.sources.map(({ generation }) => generation).join();
  const at = `${generations} ${String(Math.min(all.length, PROBED * 4))}`;
  if (held.suggestion?.at === at) return held.suggestion.found;
  const samples: Judged[] = [];
  let probed = 0;
  for (const index of spread(all.length)) {
    if (probed++ >= PROBED) break;
    const { source, row } = all.at(index);
    const body = await bodyOf(target, source, row);
    if (body) samples.push(...itemsOf(body).slice(0, 4));
  }
  const found = suggestLenses(samples);
  held.suggestion = { at, found };
  return found;
}

const whereOf = (header: RolloutHeader): number => header.step ?? header.version ?? 0;
