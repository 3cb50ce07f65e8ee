// Tool calls of Hermes, OpenAI and Anthropic (ms-swift agent_template/hermes.py; formats/gui-and-trainers.md 4). Calls of a computer
// tool become what they do; every other tool is `other` with its name and arguments.
import type { Action } from "../../model/action";
import { isFields } from "../../base/json";
import { computerAction } from "../computerCalls";
import type { ActionDialect } from "../dialect";
import { fieldOf, objectsIn, readNode, type Node } from "../jsonPlaces";
import { parser, share, type Outcome, type ParseHints } from "../outcome";
import { argsOf, callOf, fieldsOf, readTagged, taggedIn, thoughtBefore, type Call } from "../taggedCalls";

const computerTools: ReadonlySet<string> = new Set(["computer", "computer_use", "mobile_use"]);
const frames = { small: "px", large: "px" } as const;

function actionOf(call: Call, hints: ParseHints): Action {
  const action = computerTools.has(call.name) ? computerAction(fieldsOf(call.args), { hints, frames }) : null;
  return action ?? { kind: "other", name: call.name, args: call.args };
}

/** The calls in one JSON value, in order: a message with its tool_calls, content blocks, a computer_call, or a bare call. */
function* callsIn(node: Node, hints: ParseHints): Generator<[Action, Node]> {
  const type = fieldOf(node, "type")?.value;
  const action = fieldOf(node, "action");
  const method = fieldOf(node, "function");
  const call = (type === "function" || type === undefined) && method ? callOf(method) : callOf(node);
  if (call) {
    yield [actionOf(call, hints), node];
  } else if (type === "computer_call" && isFields(action?.value)) {
    yield [
      computerAction(action.value, { hints, frames }) ?? { kind: "other", name: "computer_call", args: action.value },
      node,
    ];
  } else if (typeof action?.value === "string" && isFields(node.value)) {
    const done = computerAction(node.value, { hints, frames });
    if (done) yield [done, node];
  } else {
    for (const inner of node.items ?? node.fields?.values() ?? []) {
      if (inner.fields || inner.items) yield* callsIn(inner, hints);
    }
  }
}

function readTags(text: string, out: Outcome, hints: ParseHints): boolean {
  const blocks = taggedIn(text);
  for (const block of blocks) {
    const call = readTagged(text, block, out);
    if (call) out.add(actionOf(call, hints), call.span);
  }
  if (blocks[0]) out.thought = thoughtBefore(text, blocks[0].outer[0]);
  return blocks.length > 0;
}

function readJson(text: string, out: Outcome, hints: ParseHints): boolean {
  const said: string[] = [];
  let before: string | null = null;
  for (const whole of objectsIn(text)) {
    const calls = [...callsIn(whole, hints)];
    const thought = thoughtIn(whole);
    if (thought !== null && out.actions.length === 0) said.push(thought);
    if (calls.length > 0) before ??= thoughtBefore(text, /^\s{0,9}\[/.test(text) ? 0 : whole.span[0]);
    for (const [action, node] of calls) out.add(action, node.span);
  }
  if (out.actions.length > 0) out.thought = said.length > 0 ? said.join("\n") : before;
  return out.actions.length > 0;
}

/** What a message says beside its calls, or what a block of text says. */
function thoughtIn(message: Node): string | null {
  const content = fieldOf(message, "content");
  const blocks = fieldOf(message, "type")?.value === "text" ? [message] : (content?.items ?? []);
  const words = [content?.value, ...blocks.map((block) => fieldOf(block, "text")?.value)];
  const said = words.filter((word) => typeof word === "string" && word !== "");
  return said.length > 0 ? said.join("\n") : null;
}

const reactHead = /^Action:[ \t]*(\S[^\n]*)\nAction Input:[ \t\n]*/gm;

/** `Action: name`, `Action Input: {...}`: what the template falls back to where there are no tags. */
function readReact(text: string, out: Outcome): boolean {
  for (const match of text.matchAll(reactHead)) {
    const begin = match.index + match[0].length;
    const name = (match[1] ?? "").trim();
    const read = readNode(text, begin);
    if (out.actions.length === 0)
      out.thought = thoughtBefore(text, match.index)?.replace(/^Thought:\s{0,9}/, "") ?? null;
    if ("node" in read)
      out.add({ kind: "other", name, args: argsOf(read.node.value) }, [match.index, read.node.span[1]]);
    else {
      out.say(`The Action Input is no JSON: ${read.why} at ${String(read.at)}.`, [
        begin,
        Math.min(text.length, read.at + 1),
      ]);
      out.add({ kind: "fail" }, [match.index, begin]);
    }
  }
  return out.actions.length > 0;
}

function read(text: string, out: Outcome, hints: ParseHints): void {
  if (readTags(text, out, hints) || readReact(text, out) || readJson(text, out, hints)) return;
  const brace = text.indexOf("{");
  const tried = brace < 0 ? null : readNode(text, brace);
  if (tried && "why" in tried)
    out.say(`This is no JSON: ${tried.why} at ${String(tried.at)}.`, [brace, Math.min(text.length, tried.at + 1)]);
  else out.say(text.trim() === "" ? "The text is empty." : "There is no tool call in this text.");
}

const parse = parser("tool-call", read);

function call({ kind, name, args }: Action): string | null {
  if (kind !== "other" || name === undefined) return null;
  return `<tool_call>\n${JSON.stringify({ name, arguments: args ?? {} })}\n</tool_call>`;
}

/** Only what no narrower dialect claims: Qwen's two tools have their own. */
function isOwn(text: string): boolean {
  return !/"(?:computer_use|mobile_use)"/.test(text) && parse(text).actions.some(({ kind }) => kind !== "fail");
}

export const toolCall: ActionDialect = {
  id: "tool-call",
  title: "Tool calls (Hermes, OpenAI, Anthropic)",
  detect: (texts) => share(texts, isOwn),
  parse,
  format(actions) {
    const calls = actions.map(call);
    return calls.length === 0 || calls.includes(null) ? null : calls.join("\n");
  },
};
