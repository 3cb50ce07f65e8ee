// GE-Lab's static scorer, calculate_score_refine.py (formats/gui-and-trainers.md 2.5 to 2.7), with its verdicts as they are: a point
// with a space in it, or in the other frame, is a miss, and the page that is named is not looked at.

export interface GelabRow {
  task: string;
  prompt: string;
  target: string;
  prediction: string;
  /** In whatever frame the file writes its points. */
  box: readonly [number, number, number, number] | null;
  path: number | null;
}

/** A text that says "click" more often names no icon. */
const MOST_CLICKS = 50;

/** `click\s+(.*?)\s+icon`, whose backtracking a long run of spaces would make last for minutes, found step by step. */
export function iconOf(text: string): string | null {
  const clicks = /click\s/g;
  const icons = /\sicon/g;
  for (let n = 0; n < MOST_CLICKS; n++) {
    if (!clicks.exec(text)) return null;
    icons.lastIndex = clicks.lastIndex;
    const end = icons.exec(text);
    if (!end) return null;
    const name = text.slice(clicks.lastIndex, end.index).trim();
    if (!name.includes("\n")) return name;
  }
  return null;
}

/** 1 or 0. Only what stands behind the last `</think>` counts. */
export function gelabScore({ target, prediction, box }: Pick<GelabRow, "target" | "prediction" | "box">): 0 | 1 {
  const said = prediction.slice(prediction.lastIndexOf("</think>") + (prediction.includes("</think>") ? 8 : 1));
  if (target.includes("complete") && said.includes("complete")) return 1;
  const icon = iconOf(said);
  if (icon === null || icon !== iconOf(target) || !box) return 0;
  const point = /\((\d+),(\d+)\)/.exec(said);
  const [x, y] = [Number(point?.[1] ?? NaN), Number(point?.[2] ?? NaN)];
  const [x0, y0, x1, y1] = box;
  return x >= x0 && x <= x1 && y >= y0 && y <= y1 ? 1 : 0;
}

export interface GelabBlock {
  name: string;
  /** Rows, or tasks. */
  total: number;
  /** Sum of scores over rows, or tasks that were done from end to end. */
  correct: number;
}

/** The blocks that the scorer prints, with its names; empty ones are left out. */
export function gelabBlocks(rows: readonly GelabRow[]): GelabBlock[] {
  const scored = rows.map((row) => ({ row, score: gelabScore(row) }));
  type Scored = (typeof scored)[number];
  const block = (name: string, of: readonly Scored[]): GelabBlock[] =>
    of.length === 0 ? [] : [{ name, total: of.length, correct: of.reduce((sum, { score }) => sum + score, 0) }];
  const complete = ({ row }: Scored): boolean => row.target.includes("complete");
  const edge = ({ row }: Scored): boolean => row.prompt.includes("Null");
  const paths = [...new Set(rows.flatMap(({ path }) => path ?? []))].sort((a, b) => a - b);
  const ofPath = (path: number): Scored[] => scored.filter(({ row }) => row.path === path);
  return [
    ...block("all (non-icon)", scored),
    ...block(
      "w/o complete & edge",
      scored.filter((s) => !complete(s) && !edge(s)),
    ),
    ...block("only complete", scored.filter(complete)),
    ...block("only edge", scored.filter(edge)),
    ...paths.flatMap((path) => block(`path ${String(path)}`, ofPath(path))),
    ...paths.map((path) => tasksOf(path, ofPath(path))),
  ];
}

/** A task is done where every one of its `path + 1` rows scores. Rows of one task's text are merged, as in the original. */
function tasksOf(path: number, scored: readonly { row: GelabRow; score: number }[]): GelabBlock {
  const sums = new Map<string, number>();
  for (const { row, score } of scored) sums.set(row.task, (sums.get(row.task) ?? 0) + score);
  const done = [...sums.values()].filter((sum) => sum === path + 1).length;
  return { name: `path ${String(path)} tasks`, total: sums.size, correct: done };
}
