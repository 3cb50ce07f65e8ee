// One row of GE-Lab's data sets and predictions (formats/gui-and-trainers.md 2.4): both branches, all tasks, as one step.
import { isFields, numberOf, textOf, type Fields } from "../base/json";
import { gelabScore } from "../metrics/gelabScore";
import type { Action, Frame } from "../model/action";
import { listOf } from "./document";
import { actionOfText, boxOf, boxToUnit, distanceOf, frameOfBox, imagesOfPage, toUnit } from "./gelab";
import type { StepBody, StepEntry } from "./reader";

export interface GelabRow {
  task: string;
  prompt: string;
  /** null for a task of the interactive evaluation: where to begin and to end, and no steps. */
  target: string | null;
  images: string[];
  box: [number, number, number, number] | null;
  source: string;
  prediction: string | null;
  path: number | null;
}

const contentOf = (messages: unknown, role: string): string | null => {
  const message = listOf(messages).find((m) => isFields(m) && m.role === role);
  return isFields(message) ? textOf(message.content) : null;
};

export function rowOf(value: unknown): GelabRow | null {
  if (!isFields(value)) return null;
  const start = textOf(value.start_page);
  const images = [...listOf(value.images), value.image].filter((path) => typeof path === "string");
  const prompt = textOf(value.problem) ?? contentOf(value.messages, "user");
  const target = textOf(value.solution) ?? contentOf(value.messages, "assistant");
  const common = {
    source: textOf(value.source) ?? "",
    prediction: textOf(value.prediction),
    path: numberOf(value.path) ?? numberOf(value.path_length),
  };
  if (start !== null && textOf(value.target_page) !== null && "path_length" in value) {
    const task = textOf(value.task) ?? `From ${start} to ${String(value.target_page)}`;
    return { task, prompt: task, target: null, images: imagesOfPage(start), box: null, ...common };
  }
  const own = images.some((path) => /(^|\/)page_\d+\.\w+$/.test(path)) && prompt?.startsWith("<image>") === true;
  if (!own || target === null) return null;
  return {
    task: taskOf(value, prompt),
    prompt,
    target,
    images,
    box: boxOf(value.bbox_norm) ?? boxOf(value.bbox),
    ...common,
  };
}

/** Rows of one task are the steps of an episode; grounding and captioning rows stand alone. */
function taskOf(value: Fields, prompt: string): string {
  const task = textOf(value.task);
  if (task !== null && /page_\d+/.test(task)) return task;
  const asked = /from (page_\d+) to (page_\d+)/i.exec(prompt);
  if (asked) return `From ${String(asked[1])} to ${String(asked[2])}`;
  return `${task ?? textOf(value.source) ?? "row"} ${String(numberOf(value.idx) ?? "")}`.trim();
}

/** How many steps the prompt says were taken: `History: Null`, or `step1: ... step2: ...`. */
export const stepIndexOf = ({ prompt }: GelabRow): number => {
  const history = prompt.slice(prompt.indexOf("History:") + 1);
  return prompt.includes("History:") ? [...history.matchAll(/\bstep\s*\d+\s*:/g)].length : 0;
};

/** Grounding and captioning are in 0..1000 in every branch; elsewhere the box tells, or the file's largest number (2.2). */
export function frameOfRow(row: GelabRow, fileFrame: Frame | null): Frame | null {
  if (/^icon_(grounding|captioning)/.test(row.source) || /point:/.test(row.target ?? "")) return "n1000";
  return row.box ? frameOfBox(row.box) : fileFrame;
}

export function expectedOf(row: GelabRow, frame: Frame | null): Action | null {
  if (row.target === null) return null;
  if (row.source === "icon_captioning" || /^<image>What is the icon/.test(row.prompt))
    return { kind: "answer", text: row.target };
  return actionOfText(row.target, frame);
}

/** A click hits inside its box, edges included, as in calculate_score_refine.py; without a box nothing is said. */
export function judge(
  row: GelabRow,
  frame: Frame | null,
): Pick<StepEntry, "typeMatch" | "clickHit" | "score" | "scoreNeeded"> {
  return { ...verdictOf(row, frame), ...scoreOf(row) };
}

/** A task is done where its scores sum up to the length of its path and one (2.7); a row of no path is part of no task. */
function scoreOf({ target, prediction, box, path }: GelabRow): Pick<StepEntry, "score" | "scoreNeeded"> {
  if (target === null || prediction === null || path === null) return {};
  const score = gelabScore({ target, prediction, box });
  return { ...(score === null ? {} : { score }), scoreNeeded: path + 1 };
}

function verdictOf(row: GelabRow, frame: Frame | null): Pick<StepEntry, "typeMatch" | "clickHit"> {
  if (row.prediction === null) return { typeMatch: null, clickHit: null };
  const expected = expectedOf(row, frame);
  const predicted = actionOfText(row.prediction, expected?.frame ?? frame);
  if (expected?.kind === "answer") return { typeMatch: row.prediction.trim() === expected.text, clickHit: null };
  const typeMatch = predicted !== null && predicted.kind === expected?.kind;
  if (expected?.kind !== "click" || !row.box) return { typeMatch, clickHit: null };
  const { x = NaN, y = NaN } = predicted ?? {};
  const [x0, y0, x1, y1] = row.box;
  return { typeMatch, clickHit: x >= x0 && x <= x1 && y >= y0 && y <= y1 };
}

/**
 * The prediction as it is meant: a click that misses where the row's frame puts it, and hits where the other one does, is in that
 * other frame (5.3). The scorer does not know of frames and counts it as a miss.
 */
export function predictedOf(row: GelabRow, frame: Frame | null): { action: Action | null; otherFrame: boolean } {
  const expected = expectedOf(row, frame);
  const action = row.prediction === null ? null : actionOfText(row.prediction, expected?.frame ?? frame);
  const { x, y } = action ?? {};
  const box = row.box && boxToUnit(row.box, frameOfBox(row.box));
  if (!action || !box || x === undefined || y === undefined || expected?.kind !== "click")
    return { action, otherFrame: false };
  const other: Frame = action.frame === "canvas" ? "n1000" : "canvas";
  const inside = (frame: Frame): boolean => {
    const at = toUnit({ x, y }, frame);
    return at !== null && at.x >= box[0] && at.x <= box[2] && at.y >= box[1] && at.y <= box[3];
  };
  const otherFrame = !inside(action.frame ?? other) && inside(other);
  return { action: otherFrame ? { ...action, frame: other } : action, otherFrame };
}

const goalOf = (prompt: string): string => {
  const history = prompt.indexOf("History:");
  return (history < 0 ? prompt : prompt.slice(0, history)).replace(/^<image>/, "").trimEnd();
};

export function bodyOf(row: GelabRow, episodeId: string, index: number, fileFrame: Frame | null): StepBody {
  const frame = frameOfRow(row, fileFrame);
  const expected = expectedOf(row, frame);
  const { action: predicted, otherFrame } = predictedOf(row, frame);
  return {
    episodeId,
    index,
    goal: goalOf(row.prompt),
    images: row.images,
    expected,
    expectedBox: row.box ? boxToUnit(row.box, frameOfBox(row.box)) : null,
    boxFrom: row.box ? "episode" : null,
    predictedText: row.prediction,
    prompt: row.prompt,
    predicted: row.prediction === null ? null : (predicted ?? { kind: "fail" }),
    distance: distanceOf(predicted, expected),
    ...(otherFrame
      ? { extra: { frame: `the point is one of ${predicted?.frame ?? "?"}; the scorer counts a miss` } }
      : {}),
  };
}
