// The words around a step: what the policy is told, and the goal it reads back out of them.

import { formatAction } from "./dsl";
import type { Episode } from "./episode";

/** Without any coordinate in it: examples with numbers get copied instead of learnt. */
export const SYSTEM_PROMPT = `You are a GUI automation agent. Given a screenshot and a goal, predict the single next action.

ALLOWED ACTIONS (use exactly this format):
- CLICK(x=<float in [0,1]>, y=<float in [0,1]>)
- TYPE(text="...")
- WAIT()
- DONE()

RESPONSE FORMAT:
Thought: [what element to interact with and why]
Action: [exactly one action]`;

/** The user turn of a step. The history is what was right so far, not what the policy did. */
export function userPrompt(episode: Episode, step: number): string {
  const total = episode.targets.length;
  const history = episode.targets.slice(0, step).map((target, i) => `  ${i + 1}. ${formatAction(target)}`);
  const where =
    history.length === 0
      ? `This is step 1 of ${total} (no actions completed yet).`
      : `ACTIONS COMPLETED SO FAR:\n${history.join("\n")}\n\nThis is step ${step + 1} of ${total}.`;
  return `Goal: ${episode.goal}

${where} Look at the screenshot and determine the NEXT action.

Thought: [what element to interact with and why]
Action: [CLICK(x=..., y=...) or TYPE(text="...") or WAIT() or DONE()]`;
}

/** Who the goal wants to log in: all the policy takes from the text. */
export function readGoal(goal: string): { username: string; password: string } {
  const match = /username '([^']*)' and password '([^']*)'/.exec(goal);
  return { username: match?.[1] ?? "", password: match?.[2] ?? "" };
}
