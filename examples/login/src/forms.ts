// The kinds of text the policy can write, and their words. Half of them are what base models really produce and the
// parser rejects: prose, lower case, stray spaces, wrong quotes, a cut-off line.

import { formatClick, formatType } from "./dsl";
import type { Episode } from "./episode";
import { readGoal } from "./prompt";
import type { Rng } from "./rng";

/** What a form may use: the goal's words, and a point in 0 … 1. */
interface Words {
  readonly username: string;
  readonly password: string;
  readonly x: number;
  readonly y: number;
}

interface Form {
  readonly name: string;
  readonly thoughts: readonly [string, ...string[]];
  /** The action line's text, or null for prose without one. */
  readonly action: ((words: Words) => string) | null;
  readonly coordinates?: true;
  /** The text stops in the middle, as at a token limit. */
  readonly cutOff?: true;
}

const CLICK_THOUGHTS = [
  "The next element of the form is visible; I click its centre.",
  "This is the control the login needs now, so I click it.",
  "I move on by clicking the element that comes next.",
] as const;

export const FORMS: readonly Form[] = [
  {
    name: "wait",
    thoughts: ["The page is still loading, so I wait.", "Nothing can be used yet; I wait for the form."],
    action: () => "WAIT()",
  },
  { name: "click", thoughts: CLICK_THOUGHTS, action: ({ x, y }) => formatClick(x, y), coordinates: true },
  {
    name: "type_username",
    thoughts: ["The username field has the focus; I type the user name.", "I enter the user name from the goal."],
    action: ({ username }) => formatType(username),
  },
  {
    name: "type_password",
    thoughts: ["The password field has the focus; I type the password.", "I enter the password from the goal."],
    action: ({ password }) => formatType(password),
  },
  {
    name: "done",
    thoughts: ["The welcome page is shown: the goal is reached.", "I am logged in, so the task is complete."],
    action: () => "DONE()",
  },
  {
    name: "lower_case",
    thoughts: CLICK_THOUGHTS,
    action: ({ x, y }) => formatClick(x, y).toLowerCase(),
    coordinates: true,
  },
  {
    name: "stray_spaces",
    thoughts: CLICK_THOUGHTS,
    action: ({ x, y }) => `CLICK(x = ${x.toFixed(2)}, y = ${y.toFixed(2)})`,
    coordinates: true,
  },
  {
    name: "wrong_quotes",
    thoughts: ["The field wants text, so I type it.", "I fill in what the goal says."],
    action: ({ username }) => `TYPE(text='${username}')`,
  },
  {
    name: "prose",
    thoughts: [
      "To log in I would first look for the form and then fill in both fields.",
      "The screenshot shows a portal with a card in the middle. The user wants to log in.",
      "Sure! I can help with that. Which field should I start with?",
    ],
    action: null,
  },
  {
    name: "cut_off",
    thoughts: ["The form has two fields and a button, and the goal names a user, which means"],
    action: ({ username }) => `TYPE(text="${username.slice(0, 3)}`,
    cutOff: true,
  },
];

export function formIndex(name: string): number {
  return FORMS.findIndex((form) => form.name === name);
}

export function hasCoordinates(form: number): boolean {
  return FORMS[form]?.coordinates === true;
}

export function finishReason(form: number): "stop" | "length" {
  return FORMS[form]?.cutOff ? "length" : "stop";
}

/** The form that is right at each step of an episode. */
export const STEP_FORMS: readonly number[] = [
  "wait",
  "click",
  "type_username",
  "click",
  "type_password",
  "click",
  "done",
].map(formIndex);

/** Writes the text. The Thought is picked at random and is no part of the policy: it carries no gradient. */
export function writeText(form: number, episode: Episode, at: { x: number; y: number }, rng: Rng): string {
  const { thoughts, action } = FORMS[form] ?? { thoughts: ["…"] as const, action: null };
  const thought = rng.pick(thoughts);
  return action ? `Thought: ${thought}\nAction: ${action({ ...readGoal(episode.goal), ...at })}` : thought;
}
