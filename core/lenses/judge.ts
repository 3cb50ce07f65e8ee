// Samples judged by several lenses at once: what travels to the thread that judges, and what it does there.
import { noAnswer, type Judgement, type LensOptions } from "./lens";
import { lensById } from "./registry";

/** A lens and how it is set. */
export interface LensChoice {
  id: string;
  options: LensOptions;
}

export interface JudgeItem {
  response: string;
  /** As `referenceFor` gives it. */
  gold: unknown;
}

export const lensesReady = async (choices: readonly LensChoice[]): Promise<void> => {
  for (const { id } of choices) await lensById(id)?.ready?.();
};

/** Never throws; an unknown lens finds nothing. */
export function judgeOne({ id, options }: LensChoice, { response, gold }: JudgeItem): Judgement {
  try {
    return lensById(id)?.judge({ response, gold, options }) ?? noAnswer("there is no such lens");
  } catch (error) {
    return noAnswer(`the rule failed: ${error instanceof Error ? error.message.slice(0, 200) : "without a word"}`);
  }
}
