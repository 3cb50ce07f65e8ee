// Qwen3-Coder's calls in tags: <function=name><parameter=key>value</parameter></function> (formats/gui-and-trainers.md 4). Values are
// text as it stands: only the tool's schema could say which are numbers. One line break at each end belongs to the tags.
import type { Action } from "../../model/action";
import { isFields } from "../../base/json";
import type { ActionDialect } from "../dialect";
import { parser, share, type Outcome } from "../outcome";
import { thoughtBefore } from "../taggedCalls";

const functionHead = /<function=([^<>\n]{1,200})>/g;
const parameterHead = /<parameter=([^<>\n]{1,200})>/g;

const trimmed = (value: string): string => value.replace(/^\n/, "").replace(/\n$/, "");

/** Each up to its closing tag, or to whatever begins next. `heads` are those between `<function=...>` and `end`. */
function readParameters(text: string, heads: readonly RegExpExecArray[], end: number, out: Outcome): object {
  const found = new Map<string, string>();
  for (const [i, head] of heads.entries()) {
    const from = head.index + head[0].length;
    const name = (head[1] ?? "").trim();
    const limit = heads[i + 1]?.index ?? end;
    const close = text.slice(from, limit).indexOf("</parameter>");
    if (close < 0)
      out.say(`The parameter ${name} never closes; it is read up to what begins next.`, [head.index, limit]);
    if (found.has(name)) out.say(`The parameter ${name} comes twice; the last one counts.`, [head.index, limit]);
    found.set(name, trimmed(text.slice(from, close < 0 ? limit : from + close)));
  }
  return Object.fromEntries(found);
}

function read(text: string, out: Outcome): void {
  const heads = [...text.matchAll(functionHead)];
  const parameters = [...text.matchAll(parameterHead)];
  let next = 0;
  for (const [i, match] of heads.entries()) {
    const begin = match.index + match[0].length;
    const limit = heads[i + 1]?.index ?? text.length;
    const close = text.slice(begin, limit).indexOf("</function>");
    const end = close < 0 ? limit : begin + close;
    if (close < 0) out.say("The <function> never closes; it is read up to what begins next.", [match.index, limit]);
    while ((parameters[next]?.index ?? end) < begin) next++;
    const first = next;
    while ((parameters[next]?.index ?? end) < end) next++;
    const args = readParameters(text, parameters.slice(first, next), end, out);
    const name = (match[1] ?? "").trim();
    out.add({ kind: "other", name, args }, [match.index, close < 0 ? limit : end + "</function>".length]);
  }
  if (heads[0]) {
    out.thought = thoughtBefore(text, heads[0].index)?.replace(/\s{0,9}<tool_call>$/, "") || null;
    return;
  }
  const cut = text.lastIndexOf("<function");
  if (cut >= 0) out.say("The <function> is cut off before its name ends.", [cut, text.length]);
  else out.say(text.trim() === "" ? "The text is empty." : "There is no <function=name> in this text.");
}

const parse = parser("qwen-coder-xml", read);

function call({ kind, name, args }: Action): string | null {
  if (kind !== "other" || name === undefined || (args !== undefined && !isFields(args))) return null;
  const parameters = Object.entries(args ?? {}).map(([key, value]) => {
    const words = typeof value === "string" ? value : JSON.stringify(value);
    return `<parameter=${key}>\n${words}\n</parameter>\n`;
  });
  return `<tool_call>\n<function=${name}>\n${parameters.join("")}</function>\n</tool_call>`;
}

export const qwenCoderXml: ActionDialect = {
  id: "qwen-coder-xml",
  title: "Qwen3-Coder XML calls",
  detect: (texts) => share(texts, (text) => parse(text).actions.length > 0),
  parse,
  format(actions) {
    const calls = actions.map(call);
    return calls.length === 0 || calls.includes(null) ? null : calls.join("\n");
  },
};
