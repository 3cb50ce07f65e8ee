// A text cut where marks begin and end, for drawing what was read as an action and what was wrong in one go; and places in words.

export type TextSpan = readonly [number, number];

export interface MarkedPiece {
  text: string;
  /** Index of the first action that covers it, or null. */
  action: number | null;
  /** Index of the first problem that covers it, or null. */
  wrong: number | null;
}

/** Every piece lies inside or outside each mark as a whole; together they are the text. */
export function markedPieces(
  text: string,
  actions: readonly (TextSpan | undefined)[],
  problems: readonly (TextSpan | undefined)[],
): MarkedPiece[] {
  const ends = [...actions, ...problems].flatMap((span) => span ?? []);
  const cuts = [...new Set([0, text.length, ...ends.map((at) => Math.max(0, Math.min(text.length, at)))])];
  cuts.sort((a, b) => a - b);
  const covering = (spans: readonly (TextSpan | undefined)[], start: number, end: number): number | null => {
    const found = spans.findIndex((span) => span !== undefined && span[0] <= start && end <= span[1]);
    return found < 0 ? null : found;
  };
  return cuts.slice(1).map((end, i) => {
    const start = cuts[i] ?? 0;
    return {
      text: text.slice(start, end),
      action: covering(actions, start, end),
      wrong: covering(problems, start, end),
    };
  });
}

/** "3:5": line and column, both from 1. */
export function placeWords(text: string, at: number): string {
  const before = text.slice(0, at);
  const line = before.split("\n").length;
  return `${String(line)}:${String(at - before.lastIndexOf("\n"))}`;
}
