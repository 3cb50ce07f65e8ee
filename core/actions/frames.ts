// What coordinates are measured in: detection by section 4 of formats/gui-and-trainers.md, and the size of a model's own pixels.
import type { Frame } from "../model/action";
import type { ParseHints } from "./outcome";

/** What a dialect's numbers mean where no rule decides. */
export interface FrameDefaults {
  /** All numbers at most 1000, and no prompt that says what they are of. */
  small: Frame;
  /** A number above 1000. */
  large: Frame;
}

/** `[0, 1000]`, "1000x1000", "(1000, 1000)", "0-1000": how prompts declare the thousandths. */
const thousand = /\b1000\s?[x×*,]\s?1000\b|\[0,\s?1000\]|\b0\s?(?:-|to|\.\.)\s?1000\b/i;

export const saysThousand = (prompt: string): boolean => thousand.test(prompt);

/**
 * Fractions up to 1 are `unit`; up to 1000 `n1000` if the prompt says so; above 1000 pixels. A pair of whole numbers up to 1 is
 * taken for pixels, except the corner itself. A frame set by hand wins.
 */
export function frameOf(values: readonly number[], hints: ParseHints, defaults: FrameDefaults): Frame {
  if (hints.frame) return hints.frame;
  const most = Math.max(0, ...values.map(Math.abs));
  if (most <= 1 && (most === 0 || values.some((value) => !Number.isInteger(value)))) return "unit";
  if (most > 1000) return defaults.large;
  if (hints.prompt !== undefined && saysThousand(hints.prompt)) return "n1000";
  return defaults.small;
}

export interface Known {
  x: number;
  y: number;
  /** Where the element really is, as fractions of the screenshot: left, top, right, bottom. */
  box: readonly [number, number, number, number];
}

export interface FrameCandidate {
  frame: Frame;
  width: number;
  height: number;
}

/** The frame in which most known points fall into their boxes, with that share; null without points. */
export function frameByBoxes(
  points: readonly Known[],
  candidates: readonly FrameCandidate[],
): { candidate: FrameCandidate; share: number } | null {
  if (points.length === 0) return null;
  let best: { candidate: FrameCandidate; share: number } | null = null;
  for (const candidate of candidates) {
    const inside = points.filter(({ x, y, box: [left, top, right, bottom] }) => {
      const [ux, uy] = [x / candidate.width, y / candidate.height];
      return left <= ux && ux <= right && top <= uy && uy <= bottom;
    });
    const share = inside.length / points.length;
    if (!best || share > best.share) best = { candidate, share };
  }
  return best;
}

export interface ResizeLimits {
  factor?: number;
  minPixels?: number;
  maxPixels?: number;
}

/** Python's round: halves go to the even neighbour. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** The size at which a Qwen-VL model sees a picture: `model_px` counts in these. Defaults are UI-TARS 1.5's. */
export function smartResize(
  height: number,
  width: number,
  { factor = 28, minPixels = 100 * 28 * 28, maxPixels = 16384 * 28 * 28 }: ResizeLimits = {},
): { height: number; width: number } {
  const rounded = (side: number): number => Math.max(factor, roundHalfEven(side / factor) * factor);
  const [h, w] = [rounded(height), rounded(width)];
  if (h * w > maxPixels) {
    const beta = Math.sqrt((height * width) / maxPixels);
    const down = (side: number): number => Math.floor(side / beta / factor) * factor;
    return { height: down(height), width: down(width) };
  }
  if (h * w < minPixels) {
    const beta = Math.sqrt(minPixels / (height * width));
    const up = (side: number): number => Math.ceil((side * beta) / factor) * factor;
    return { height: up(height), width: up(width) };
  }
  return { height: h, width: w };
}
