// Which frame the coordinates of many texts are in: one model writes one frame, so all texts of an episode or a group are asked
// together (formats/gui-and-trainers.md 4). Every answer comes with its reason.
import type { Action, Frame, ParsedActions } from "../model/action";
import type { FrameFinding, FrameSizes, Size } from "../model/frame";
import type { ActionDialect } from "./dialect";
import { frameByBoxes, saysThousand, smartResize, type FrameCandidate, type Known } from "./frames";

/** A text with what is known of the picture it is about. */
export interface ReadText {
  text: string;
  prompt?: string | null;
  image?: Size | null;
  /** What it should have hit: left, top, right, bottom as fractions of the picture. */
  box?: readonly [number, number, number, number] | null;
}

export interface FoundFrame extends FrameFinding {
  /** Of the resized picture's sides: 28, or 32. */
  factor: number;
  /** What `canvas` counts in. */
  canvas: Size | null;
}

/** Fewer points than this in boxes prove nothing; a better frame must hold this much more of them. */
const ENOUGH_POINTS = 3;
const CLEARLY = 0.25;

/** "The screen's resolution is 1280x720." */
const declared = /\b(?:resolution|screen|display|viewport)\b[^\n\d]{0,30}(\d{3,5})\s?[x×*]\s?(\d{3,5})\b/i;

export function declaredSize(prompt: string): Size | null {
  const [, width, height] = declared.exec(prompt) ?? [];
  return width === undefined || height === undefined ? null : { width: Number(width), height: Number(height) };
}

export const sizesFor = (
  image: Size | null,
  { canvas, factor }: Pick<FoundFrame, "canvas" | "factor">,
): FrameSizes => ({
  px: image,
  canvas,
  model_px: image ? smartResize(image.height, image.width, { factor }) : null,
});

const same = (a: Size, b: Size): boolean => a.width === b.width && a.height === b.height;
const isPlaced = (action: Action): boolean => action.x !== undefined || action.to !== undefined;
const numbersOf = ({ x, y, to }: Action): number[] => [x, y, to?.x, to?.y].filter((value) => value !== undefined);

/** `parsed` are the same texts, read without being told a frame. Null where none of them has coordinates. */
export function findFrame(
  dialect: ActionDialect,
  texts: readonly ReadText[],
  parsed: readonly ParsedActions[],
): FoundFrame | null {
  const placed = parsed.flatMap(({ actions }) => actions.filter(isPlaced));
  const own = new Set(placed.flatMap(({ frame }) => frame ?? []));
  const [first] = own;
  if (!first) return null;
  const prompts = texts.map(({ prompt }) => prompt ?? "");
  const screen = prompts.map(declaredSize).find((size) => size !== null) ?? null;
  const of = { factor: 28, canvas: dialect.canvas ?? screen };
  if (dialect.statesFrame)
    return { frame: own.size === 1 ? first : null, how: "stated", why: `by ${dialect.title} itself`, ...of };

  const values = placed.flatMap(numbersOf).map(Math.abs);
  const most = Math.max(...values);
  const usual = placed.find((action) => numbersOf(action).some((value) => Math.abs(value) === most))?.frame ?? first;
  const better = byBoxes(texts, parsed, usual, of.canvas);
  if (better) return { ...of, ...better };
  const detected = (frame: Frame, why: string): FoundFrame => ({ frame, how: "detected", why, ...of });
  if (usual === "unit") return detected("unit", "no number is above 1");
  if (most > 1000) return detected(usual, `a number is above 1000: ${String(most)}`);
  if (usual === "n1000" && prompts.some(saysThousand))
    return detected("n1000", "no number is above 1000, and the prompt counts to 1000");
  if (usual === "px" && screen) {
    const shown = texts.find(({ image }) => image)?.image;
    const words = `the prompt declares ${String(screen.width)} x ${String(screen.height)}`;
    return shown && same(shown, screen) ? detected("px", words) : { ...detected("canvas", words), canvas: screen };
  }
  return { frame: usual, how: "assumed", why: `as ${dialect.title} usually has it; nothing here tells`, ...of };
}

/** Another frame than the usual one, where clearly more of the points fall into their boxes in it. */
function byBoxes(
  texts: readonly ReadText[],
  parsed: readonly ParsedActions[],
  usual: Frame,
  canvas: Size | null,
): (Partial<FoundFrame> & FrameFinding) | null {
  const [image, points] = knownPoints(texts, parsed);
  if (points.length < ENOUGH_POINTS) return null;
  const candidates = candidatesFor(image, canvas);
  const best = frameByBoxes(points, candidates);
  const before = frameByBoxes(
    points,
    candidates.filter(({ frame }) => frame === usual),
  );
  if (!best || best.share < 0.5 || best.share < (before?.share ?? 0) + CLEARLY) return null;
  const count = (share: number): string => `${String(Math.round(share * points.length))} of ${String(points.length)}`;
  const instead = before ? `, as ${usual} ${count(before.share)}` : "";
  const { frame, width, height } = best.candidate;
  const resized = frame === "model_px" && image ? smartResize(image.height, image.width, { factor: 32 }) : null;
  return {
    frame,
    how: "detected",
    why: `${count(best.share)} points fall into their boxes${instead}`,
    ...(resized && same(resized, { width, height }) ? { factor: 32 } : {}),
  };
}

function candidatesFor(image: Size | null, canvas: Size | null): FrameCandidate[] {
  const found: FrameCandidate[] = [
    { frame: "unit", width: 1, height: 1 },
    { frame: "n1000", width: 1000, height: 1000 },
  ];
  if (image) found.push({ frame: "px", ...image });
  if (canvas) found.push({ frame: "canvas", ...canvas });
  if (image)
    for (const factor of [28, 32])
      found.push({ frame: "model_px", ...smartResize(image.height, image.width, { factor }) });
  return found;
}

/** The points whose boxes are known, on pictures of the size that most of them have. */
function knownPoints(texts: readonly ReadText[], parsed: readonly ParsedActions[]): [Size | null, Known[]] {
  const groups = new Map<string, [Size | null, Known[]]>();
  for (const [i, { box, image }] of texts.entries()) {
    const action = parsed[i]?.actions.find(({ x, y }) => x !== undefined && y !== undefined);
    if (!box || action?.x === undefined || action.y === undefined) continue;
    const key = image ? `${String(image.width)}x${String(image.height)}` : "";
    const group = groups.get(key) ?? [image ?? null, []];
    group[1].push({ x: action.x, y: action.y, box });
    groups.set(key, group);
  }
  return [...groups.values()].sort((a, b) => b[1].length - a[1].length)[0] ?? [null, []];
}
