// AgentOutput JSON of browser-use and OpenBrowser, old and new names (formats/rlvr-openbrowser.md B3.4, formats/gui-and-trainers.md 4).
import type { Action } from "../../model/action";
import type { ActionDialect } from "../dialect";
import { fieldOf, objectsIn, readNode, type Node } from "../jsonPlaces";
import { parser, share, type Outcome } from "../outcome";
import { strip } from "../python";
import { browserAction, browserCall, knownNames, lackOf } from "./agentActions";

const stateKeys = ["evaluation_previous_goal", "memory", "next_goal"] as const;
const allowed = new Set<string>([...stateKeys, "thinking", "action", "current_state"]);

const closing = "</think>";
/** More closing tags than a text of one answer has. */
const mostTags = 8;

function thinkingIn(text: string, close: number): string | null {
  if (close < 0) return null;
  const open = text.indexOf("<think>");
  return strip(text.slice(open >= 0 && open < close ? open + 7 : 0, close)) || null;
}

interface Answers {
  found: Node | null;
  more: Node[];
  /** Where the tag stands behind which they are; -1 where that is the whole text. */
  close: number;
}

/** The answer itself, or the one inside an item of a history file, behind the thinking. A tag inside of an answer ends none. */
function answerIn(text: string): Answers {
  const last = text.lastIndexOf(closing);
  let close = last;
  for (let tried = 0; ; tried++) {
    const all = answersFrom(text, close + 1);
    // What was drafted while thinking is no answer.
    const answers = close === last ? all : all.filter(({ span }) => span[0] < last && last < span[1]);
    const found = answers.at(-1);
    if (found) return { found, more: answers.slice(0, -1), close };
    if (close < 0) return { found: null, more: [], close: last };
    close = tried < mostTags && close > 0 ? text.lastIndexOf(closing, close - 1) : -1;
  }
}

function answersFrom(text: string, from: number): Node[] {
  const found: Node[] = [];
  for (const node of objectsIn(text, from)) {
    const inner = fieldOf(node, "model_output") ?? node;
    if (fieldOf(inner, "action")?.items) found.push(inner);
  }
  return found;
}

function readItem(item: Node, out: Outcome): void {
  const named = [...(item.fields ?? [])].filter(([, params]) => params.value !== null);
  const [first, ...rest] = named;
  if (!first) {
    out.say("An action is an object with exactly one name; this has none.", item.span);
    return;
  }
  const [name, params] = first;
  if (rest.length > 0)
    out.say(
      `An action has one name; ${name} counts, ${rest.map(([other]) => other).join(", ")} is ignored.`,
      item.span,
    );
  if (!knownNames.has(name)) out.say(`${name} is no action of AgentOutput.`, item.span);
  const lacking = lackOf(name, params);
  if (lacking !== null) out.say(lacking, item.span);
  out.add(browserAction(name, params), item.span);
}

function checkKeys(answer: Node, out: Outcome): void {
  const inside = fieldOf(answer, "current_state") ?? answer;
  const flash =
    !inside.fields?.has(stateKeys[0]) && !inside.fields?.has(stateKeys[2]) && inside.fields?.has(stateKeys[1]);
  const missing = flash ? [] : stateKeys.filter((key) => !inside.fields?.has(key));
  if (missing.length > 0) out.say(`Required keys are missing: ${missing.join(", ")}.`, answer.span);
  const extra = [...(answer.fields?.keys() ?? [])].filter((key) => !allowed.has(key));
  if (extra.length > 0) out.say(`Keys that AgentOutput forbids: ${extra.join(", ")}.`, answer.span);
  const state = Object.fromEntries(stateKeys.flatMap((key) => entryOf(inside, key)));
  if (Object.keys(state).length > 0) out.state = state;
}

function entryOf(node: Node, key: string): [string, unknown][] {
  const inner = fieldOf(node, key);
  return inner ? [[key, inner.value]] : [];
}

function whyNone(text: string, close: number, out: Outcome): void {
  const brace = text.indexOf("{", close + 1);
  if (brace < 0) {
    out.say(strip(text) === "" ? "The text is empty." : "There is no JSON object in this text.");
    return;
  }
  const read = readNode(text, brace);
  if ("node" in read) out.say('The JSON has no list "action".', read.node.span);
  else out.say(`This is no JSON: ${read.why} at ${String(read.at)}.`, [brace, Math.min(text.length, read.at + 1)]);
}

function read(text: string, out: Outcome): void {
  const { found, more, close } = answerIn(text);
  out.thought = thinkingIn(text, close);
  if (!found) {
    whyNone(text, close, out);
    return;
  }
  for (const earlier of more) out.say("An earlier answer was ignored; the last one counts.", earlier.span);
  const thinking = fieldOf(found, "thinking")?.value;
  if (typeof thinking === "string" && thinking !== "") out.thought = thinking;
  checkKeys(found, out);
  const items = fieldOf(found, "action");
  if (items?.items?.length === 0) out.say("The list of actions is empty; it needs at least one.", items.span);
  for (const item of items?.items ?? []) readItem(item, out);
}

const parse = parser("agent-output", read);

export const agentOutput: ActionDialect = {
  id: "agent-output",
  title: "AgentOutput JSON",
  detect: (texts) => share(texts, (text) => parse(text).actions.length > 0),
  parse,
  format(actions: readonly Action[]) {
    const calls = actions.map(browserCall);
    if (calls.length === 0 || calls.includes(null)) return null;
    return JSON.stringify({ evaluation_previous_goal: "", memory: "", next_goal: "", action: calls });
  },
};
