// Frames and how they were found, in words a person chooses by.
import { frameChoices, type FrameChoice, type FrameFinding } from "../../core/model/frame";
import { t } from "./strings";

export const frameNames = (): Record<FrameChoice, string> => ({
  auto: t("auto"),
  unit: t("unit (0 to 1)"),
  n1000: t("n1000 (0 to 1000)"),
  px: t("px (of the screenshot)"),
  canvas: t("canvas (its own pixels)"),
  model_px: t("model_px (resized by 28)"),
  model_px_32: t("model_px (resized by 32)"),
});

export const isFrameChoice = (word: string): word is FrameChoice => (frameChoices as readonly string[]).includes(word);

/** "frame: n1000 (detected: no number is above 1000, and the prompt counts to 1000)" */
export function frameWords({ frame, how, why }: FrameFinding): string {
  const name = frame ?? t("each action its own");
  if (how === "set") return t("frame: {0} (set by hand)", name);
  const known = { stated: t("stated"), detected: t("detected"), assumed: t("assumed") }[how];
  return t("frame: {0} ({1}: {2})", name, known, why);
}
