// Where Python's text rules are not JavaScript's: the originals of several dialects are Python, and their quirks count.

/** Python's `\s` for str, as a class to put into regular expressions. */
export const SPACE = "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";

const isSpace = new RegExp(SPACE);

/** `str.strip()` as a range. One character at a time: `\s*$` would be tried from every space in a long text. */
export function stripped(text: string, start = 0, end = text.length): [number, number] {
  let from = start;
  let to = end;
  while (from < to && isSpace.test(text.charAt(from))) from++;
  while (to > from && isSpace.test(text.charAt(to - 1))) to--;
  return [from, to];
}

export const strip = (text: string): string => text.slice(...stripped(text));
