// Patterns that somebody else wrote, on a text that somebody else wrote: what keeps them from taking forever.

/** Patterns see no more than the end of a text. */
export const longestForPatterns = 20_000;

/**
 * Whether a group that is repeated without bound holds a repetition without bound, or an alternative: such patterns can take
 * exponential time. Some harmless ones are among them; they can be written without the inner repetition.
 */
export function canExplode(source: string): boolean {
  /** Per open group: whether something in it repeats or branches. */
  const open: boolean[] = [];
  let last = false;
  let inClass = false;
  for (let i = 0; i < source.length; i++) {
    const character = source.charAt(i);
    if (character === "\\") {
      // A group named again repeats what it matched: its length is the text's.
      if (/[1-9k]/.test(source.charAt(i + 1))) return true;
      i++;
      last = false;
    } else if (inClass) {
      if (character === "]") inClass = false;
    } else if (character === "[") {
      inClass = true;
      last = false;
    } else if (character === "(") {
      open.push(false);
      last = false;
    } else if (character === ")") {
      last = open.pop() ?? false;
      if (last && open.length > 0) open[open.length - 1] = true;
    } else if (character === "|") {
      if (open.length > 0) open[open.length - 1] = true;
      last = false;
    } else if (
      "*+".includes(character) ||
      /^\{\d*,\}/.test(source.slice(i, i + 12)) ||
      /^\{\d{3,}/.test(source.slice(i, i + 6))
    ) {
      if (last) return true;
      if (open.length > 0) open[open.length - 1] = true;
      last = false;
    } else if (character !== "?" && character !== "{") last = false;
  }
  return false;
}
