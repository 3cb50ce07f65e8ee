// Finding the last \boxed{...}, in the ways that the verifiers do it. All of them are one walk over the text.
import type { Piece } from "./lens";
import { stripSpan } from "./python";

/**
 * The content of the last `\boxed{...}` as TeX reads it: spaces may stand before the brace, `\{` is no brace. Null where it is
 * unclosed, even when an earlier one is closed.
 */
export function lastBoxed(text: string): Piece | null {
  const at = text.lastIndexOf("\\boxed");
  if (at < 0) return null;
  let open = at + "\\boxed".length;
  while (/\s/.test(text.charAt(open))) open++;
  if (text.charAt(open) !== "{") return null;
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    const character = text.charAt(i);
    if (character === "\\") i++;
    else if (character === "{") depth++;
    else if (character === "}" && --depth === 0) return trimmed(text, open + 1, i);
  }
  return null;
}

/**
 * HendrycksMathVerifier's (formats/rlvr-openbrowser.md A3.4): the braces after the last `\boxed`, however far behind it they stand;
 * escaped ones count too.
 */
export function hendrycksBoxed(text: string): Piece | null {
  const at = text.lastIndexOf("\\boxed");
  const open = at < 0 ? -1 : text.indexOf("{", at);
  const close = open < 0 ? -1 : closingBrace(text, open);
  return close < 0 ? null : { text: text.slice(open + 1, close), span: [open + 1, close] };
}

/**
 * AllenAI's (A3.5): any `\boxed ` with a space wins and reaches to the next dollar; else the last `\boxed` or `\fbox` with its braces,
 * where one that is not followed by its brace at once, and every `\fbox`, is found and then dropped.
 */
export function allenaiBoxed(text: string): Piece | null {
  const spaced = text.lastIndexOf("\\boxed ");
  if (spaced >= 0) {
    const start = spaced + "\\boxed ".length;
    const dollar = text.indexOf("$", start);
    const end = dollar < 0 ? text.length : dollar;
    return { text: text.slice(start, end), span: [start, end] };
  }
  const at = text.lastIndexOf("\\boxed");
  const close = at < 0 ? -1 : closingBrace(text, at);
  if (close < 0 || !text.startsWith("\\boxed{", at)) return null;
  const start = at + "\\boxed{".length;
  // A `}` can close nothing: the first one that brings the count to zero is behind the opening brace.
  return { text: text.slice(start, close), span: [start, close] };
}

/** Where the count of braces from `from` on first comes back to zero at a closing one; -1 where it does not. */
function closingBrace(text: string, from: number): number {
  let depth = 0;
  for (let i = from; i < text.length; i++) {
    if (text[i] === "{") depth++;
    else if (text[i] === "}" && --depth === 0) return i;
  }
  return -1;
}

/** A stretch of a text without the spaces around it. */
export function trimmed(text: string, from = 0, to = text.length): Piece {
  const span = stripSpan(text, from, to);
  return { text: text.slice(...span), span };
}
