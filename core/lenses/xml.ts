// Well-formedness of XML 1.0 in one walk: enough to say whether a model closed what it opened. No document types, no namespaces.

export interface XmlProblem {
  message: string;
  at: number;
}

const name = /[\p{L}_:][\p{L}\p{N}\-._:\u00b7]*/uy;
const attribute = /\s+([\p{L}_:][\p{L}\p{N}\-._:\u00b7]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/uy;
const tagEnd = /\s*(\/?)>/y;
const closing = /<\/([\p{L}_:][\p{L}\p{N}\-._:\u00b7]*)\s*>/uy;
const reference = /&(?:lt|gt|amp|apos|quot|#\d+|#x[0-9a-fA-F]+);/y;

/** What lies between an opening and a closing text and is not looked into. */
const opaque = [
  ["<!--", "-->"],
  ["<![CDATA[", "]]>"],
  ["<?", "?>"],
  ["<!DOCTYPE", ">"],
] as const;

const matchAt = (pattern: RegExp, text: string, at: number): RegExpExecArray | null => {
  pattern.lastIndex = at;
  return pattern.exec(text);
};

/** Null for a well-formed text; of a fragment more than one root and loose text are accepted. */
export function xmlProblem(text: string, fragment: boolean): XmlProblem | null {
  const open: string[] = [];
  let roots = 0;
  let at = 0;
  const fail = (message: string): XmlProblem => ({ message, at });
  while (at < text.length) {
    const next = text.indexOf("<", at);
    const loose = looseText(text, at, next < 0 ? text.length : next, open.length > 0 || fragment);
    if (loose) return loose;
    if (next < 0) break;
    at = next;
    const hidden = opaque.find(([start]) => text.startsWith(start, at));
    if (hidden) {
      const end = text.indexOf(hidden[1], at + hidden[0].length);
      if (end < 0) return fail(`${hidden[0]} is not closed`);
      if (hidden[0] === "<![CDATA[" && open.length === 0 && !fragment) return fail("text stands outside the root");
      at = end + hidden[1].length;
    } else if (text[at + 1] === "/") {
      const tag = matchAt(closing, text, at);
      const wanted = open.pop();
      if (!tag) return fail("a closing tag is malformed");
      if (tag[1] !== wanted)
        return fail(`</${tag[1] ?? ""}> closes ${wanted === undefined ? "nothing" : `<${wanted}>`}`);
      at += tag[0].length;
    } else {
      if (open.length === 0 && ++roots > 1 && !fragment) return fail("there is a second root");
      const end = openTag(text, at, open);
      if (typeof end !== "number") return end;
      at = end;
    }
  }
  if (open.length > 0) return { message: `<${open.at(-1) ?? ""}> is not closed`, at: text.length };
  return roots === 0 ? { message: "there is no element", at: 0 } : null;
}

/** Where the tag ends; what it opens is put on the stack. */
function openTag(text: string, from: number, open: string[]): number | XmlProblem {
  const tag = matchAt(name, text, from + 1);
  if (!tag) return { message: "a `<` begins no tag", at: from };
  let at = from + 1 + tag[0].length;
  const seen = new Set<string>();
  for (let found = matchAt(attribute, text, at); found; found = matchAt(attribute, text, at)) {
    const key = found[1] ?? "";
    if (seen.has(key)) return { message: `the attribute ${key} stands twice`, at };
    const value = found[2] ?? found[3] ?? "";
    const bad = badReference(value, 0, value.length);
    if (bad >= 0) return { message: "an & begins no reference", at };
    seen.add(key);
    at += found[0].length;
  }
  const end = matchAt(tagEnd, text, at);
  if (!end) return { message: `the tag <${tag[0]}> is malformed`, at };
  if (end[1] === "") open.push(tag[0]);
  return at + end[0].length;
}

function looseText(text: string, from: number, to: number, allowed: boolean): XmlProblem | null {
  const bad = badReference(text, from, to);
  if (bad >= 0) return { message: "an & begins no reference", at: bad };
  if (allowed) return null;
  for (let at = from; at < to; at++) {
    if (!" \t\r\n\ufeff".includes(text.charAt(at))) return { message: "text stands outside the root", at };
  }
  return null;
}

function badReference(text: string, from: number, to: number): number {
  for (let at = text.indexOf("&", from); at >= 0 && at < to; at = text.indexOf("&", at + 1)) {
    if (!matchAt(reference, text, at)) return at;
  }
  return -1;
}
