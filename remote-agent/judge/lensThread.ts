// The thread that judges answers. A rule or a pattern that does not end on some text ends with its thread, and the agent goes on.
import { parentPort, workerData } from "node:worker_threads";
import { judgeOne, lensesReady, type JudgeItem, type LensChoice } from "../../core/lenses/judge";
import type { Judgement } from "../../core/lenses/lens";

export interface JudgeTask {
  choices: readonly LensChoice[];
  items: readonly JudgeItem[];
  /** Places (`item * choices + choice`) that are left out: judging them did not end before. */
  skip: readonly number[];
}

/** Per item and choice; null where it was left out. */
export type JudgeAnswer = (Judgement | null)[][];

/** What stands in the shared word while nothing is judged; else the place that is, so that the other side sees where it does not go on. */
export const idle = -1;

export function runLensThread(): void {
  const place = new Int32Array(workerData as SharedArrayBuffer);
  parentPort?.on("message", (task: JudgeTask) => {
    void judgeAll(task, place).then((answer) => parentPort?.postMessage(answer));
  });
}

async function judgeAll({ choices, items, skip }: JudgeTask, place: Int32Array): Promise<JudgeAnswer> {
  await lensesReady(choices);
  const left = new Set(skip);
  const answer = items.map((item, i) =>
    choices.map((choice, j) => {
      const at = i * choices.length + j;
      if (left.has(at)) return null;
      Atomics.store(place, 0, at);
      return judgeOne(choice, item);
    }),
  );
  Atomics.store(place, 0, idle);
  return answer;
}
