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

/**
 * 1 or 0; only what stands behind the last `</think>` counts. null where the original fails and leaves the row out of every count:
 * both texts name an icon, the prediction has a point, and there is no box to look for it in.
 */
export function gelabScore({ target, prediction, box }: Pick<GelabRow, "target" | "prediction" | "box">): 0 | 1 | null {
  const said = prediction.slice(prediction.includes("</think>") ? prediction.lastIndexOf("</think>") + 8 : 0);
  if (target.includes("complete") && said.includes("complete")) return 1;
  const point = /\((\d+),(\d+)\)/.exec(said);
  const icon = point && iconOf(said);
  const wanted = icon === null ? null : iconOf(target);
  if (wanted === null || icon === null || !point) return 0;
  if (!box) return null;
  const [x, y] = [Number(point[1]), Number(point[2])];
  const [x0, y0, x1, y1] = box;
  return icon === wanted && x >= x0 && x <= x1 && y >= y0 && y <= y1 ? 1 : 0;
}

export interface GelabBlock {
  /** As the scorer prints it. */
  name: string;
  by: { key: "rows" | "path"; group: string };
  /** Rows, or tasks. */
  total: number;
  /** Sum of scores over rows, or tasks that were done from end to end. */
  correct: number;
  /** Mean sum of scores of a task, for tasks. */
  average?: number;
}

const complete = /^[Ee]xplain: this is target page\.\tAction: complete$/;
const LONGEST_PATH = 7;

/** The blocks that the scorer prints, with its names; empty ones are left out. Rows that it cannot score count in none. */
export function gelabBlocks(rows: readonly GelabRow[]): GelabBlock[] {
  const scored = rows.flatMap((row) => {
    const score = gelabScore(row);
    return score === null ? [] : [{ row, score }];
  });
  const general = scored.filter(({ row }) => !["caption", "grounding"].includes(row.task.toLowerCase()));
  const of = (task: string): Scored[] => scored.filter(({ row }) => row.task.toLowerCase() === task);
  const isComplete = ({ row }: Scored): boolean => complete.test(row.target);
  const isEdge = ({ row }: Scored): boolean => row.prompt.includes("Null");
  const rest = general.filter((s) => !isComplete(s) && !isEdge(s));
  const lengths = Array.from({ length: LONGEST_PATH }, (_, i) => i + 1);
  const paths = lengths.map((path) => ({ path, of: scored.filter(({ row }) => row.path === path) }));
  return [
    ...block("all (non-icon)", general),
    ...block("w/o complete & edge", rest),
    ...block("only complete", general.filter(isComplete)),
    ...block("only edge", general.filter(isEdge)),
    ...block("icon cap", of("caption")),
    ...block("icon gnd", of("grounding")),
    ...paths.flatMap(({ path, of }) => block(`path ${String(path)}`, of, { key: "path", group: String(path) })),
    ...paths.flatMap(({ path, of }) => (of.length > 0 ? [tasksOf(path, of)] : [])),
  ];
}

interface Scored {
  row: GelabRow;
  score: 0 | 1;
}

function block(name: string, of: readonly Scored[], by: GelabBlock["by"] = { key: "rows", group: name }): GelabBlock[] {
  return of.length === 0
    ? []
    : [{ name, by, total: of.length, correct: of.reduce((sum, { score }) => sum + score, 0) }];
}

/** A task is done where its scores sum up to `path + 1`, the number of its rows. Rows of one task's text are merged, as in the original. */
function tasksOf(path: number, scored: readonly Scored[]): GelabBlock {
  const sums = new Map<string, number>();
  for (const { row, score } of scored) {
    const task = row.task.toLowerCase();
    sums.set(task, (sums.get(task) ?? 0) + score);
  }
  const all = [...sums.values()];
  const average = all.reduce((a, b) => a + b, 0) / all.length;
  const by = { key: "path", group: String(path) } as const;
  const correct = all.filter((sum) => sum === path + 1).length;
  return { name: `path ${String(path)} tasks`, by, total: all.length, correct, average };
}
