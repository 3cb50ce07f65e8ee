// <tool_call>...</tool_call> blocks with JSON inside, the shape that Hermes and Qwen prompts ask for (ms-swift agent_template/hermes.py).
import { isFields, type Fields } from "../base/json";
import { fieldOf, readNode, type Node } from "./jsonPlaces";
import type { Outcome, Span } from "./outcome";
import { stripped } from "./python";

export interface Tagged {
  /** Inside the tags, without white space around. */
  inner: Span;
  /** With the tags. */
  outer: Span;
  closed: boolean;
}

const open = "<tool_call>";
const close = "</tool_call>";

/** A block that never closes is read to the end. */
export function taggedIn(text: string): Tagged[] {
  const found: Tagged[] = [];
  for (let at = text.indexOf(open); at >= 0;) {
    const begin = at + open.length;
    const end = text.indexOf(close, begin);
    const stop = end < 0 ? text.length : end;
    const outer: Span = [at, end < 0 ? text.length : end + close.length];
    found.push({ inner: stripped(text, begin, stop), outer, closed: end >= 0 });
    at = text.indexOf(open, outer[1]);
  }
  return found;
}

export interface Call {
  name: string;
  args: unknown;
  span: Span;
}

/** A name with its arguments, whatever the vendor calls them; arguments may be JSON inside a string. */
export function callOf(node: Node): Call | null {
  const name = fieldOf(node, "name")?.value;
  if (typeof name !== "string") return null;
  const holder = ["arguments", "parameters", "input"]
    .map((key) => fieldOf(node, key))
    .find((each) => each !== undefined);
  if (!holder) return null;
  return { name, args: argsOf(holder.value), span: node.span };
}

export function argsOf(value: unknown): unknown {
  if (typeof value !== "string") return value;
  const read = readNode(value, 0);
  return "node" in read && isFields(read.node.value) ? read.node.value : value;
}

export const fieldsOf = (args: unknown): Fields => (isFields(args) ? args : {});

/** The call of one block; what is wrong with it becomes a `fail` at its place, as section 4 rules for bad JSON. */
export function readTagged(text: string, { inner, closed }: Tagged, out: Outcome): Call | null {
  if (!closed) out.say("The <tool_call> never closes; it is read to the end.", inner);
  if (inner[0] === inner[1]) {
    out.say("The <tool_call> is empty.", inner);
    return null;
  }
  const read = readNode(text.slice(0, inner[1]), inner[0]);
  if ("why" in read) {
    out.say(`The call is no JSON: ${read.why} at ${String(read.at)}.`, [inner[0], Math.min(inner[1], read.at + 1)]);
    out.add({ kind: "fail" }, inner);
    return null;
  }
  const call = callOf(read.node);
  if (!call) {
    out.say("A call is an object with a name and arguments; this is none.", read.node.span);
    out.add({ kind: "fail" }, inner);
    return null;
  }
  const rest = text.slice(read.node.span[1], inner[1]).trim();
  if (rest !== "") out.say("What follows the call inside its tags was ignored.", [read.node.span[1], inner[1]]);
  return call;
}

/** What stands before the first call, without the tags of thinking. */
export function thoughtBefore(text: string, at: number): string | null {
  const words = text
    .slice(0, at)
    .replace(/<\/?think>/g, "")
    .trim();
  return words === "" ? null : words;
}
