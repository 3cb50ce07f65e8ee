// Screens on demand: each is drawn once, written as a PNG once, and kept as the policy's input.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { stepName } from "./episode";
import type { Episode } from "./episode";
import { drawScreen, encodePng, policyInput } from "./screen";

export class ScreenStore {
  private readonly inputs = new Map<string, Float32Array>();

  /** `folder` is below `outDir`, such as `screens_eval`. Without an `outDir` nothing is written. */
  constructor(
    private readonly outDir: string | null,
    private readonly folder: string,
  ) {}

  /** What the policy sees at a step, shape [INPUT_SIZE]; the PNG is on disk from the first call on. */
  input(episode: Episode, step: number): Float32Array {
    const path = this.path(episode, step);
    const known = this.inputs.get(path);
    if (known) return known;
    const canvas = drawScreen(episode, step);
    if (this.outDir !== null) {
      mkdirSync(join(this.outDir, this.folder, episode.folder), { recursive: true });
      writeFileSync(join(this.outDir, path), encodePng(canvas));
    }
    const input = policyInput(canvas);
    this.inputs.set(path, input);
    return input;
  }

  /** Path of a screenshot relative to the output folder, with forward slashes. */
  path(episode: Episode, step: number): string {
    return `${this.folder}/${episode.folder}/${stepName(episode, step)}.png`;
  }
}
