// What an action's numbers are of, how that is known, and how a point becomes a place on the picture. One way for agent and views.
import * as z from "zod/mini";
import { frames, type Frame } from "./action";

/** In pixels. */
const sizeSchema = z.object({ width: z.number(), height: z.number() });
export type Size = z.infer<typeof sizeSchema>;

/** What x and y are divided by to be fractions of the picture, by frame; null where that is not known. Others need no size. */
export const frameSizesSchema = z.object({
  px: z.nullable(sizeSchema),
  canvas: z.nullable(sizeSchema),
  model_px: z.nullable(sizeSchema),
});

export type FrameSizes = z.infer<typeof frameSizesSchema>;

/** What a person may choose. Qwen2.5-VL and UI-TARS resize to multiples of 28 pixels, Qwen3-VL of 32. */
export const frameChoices = ["auto", ...frames, "model_px_32"] as const;
export type FrameChoice = (typeof frameChoices)[number];

export const chosenFrame = (choice: FrameChoice): Frame | null =>
  choice === "auto" ? null : choice === "model_px_32" ? "model_px" : choice;

export const frameFindingSchema = z.object({
  /** Null where each action has its own. */
  frame: z.nullable(z.enum(frames)),
  /** By a person, by the grammar itself, by evidence in these texts, or for want of any. */
  how: z.enum(["set", "stated", "detected", "assumed"]),
  /** The reason, as the end of "frame: n1000 (detected: ...)". */
  why: z.string(),
});

export type FrameFinding = z.infer<typeof frameFindingSchema>;

export interface Point {
  x: number;
  y: number;
}

/** As fractions of the picture; null where the frame's size is not known. An action without a frame is in fractions already. */
export function fractionOf({ x, y }: Point, frame: Frame | undefined, sizes: FrameSizes): Point | null {
  const of = (size: Size | null): Point | null =>
    size && size.width > 0 && size.height > 0 ? { x: x / size.width, y: y / size.height } : null;
  switch (frame) {
    case undefined:
    case "unit":
      return { x, y };
    case "n1000":
      return of({ width: 1000, height: 1000 });
    case "px":
    case "canvas":
    case "model_px":
      return of(sizes[frame]);
  }
}
