// The login screens: every step can be told from its pixels, and fresh layouts are fresh.
import { describe, expect, it } from "vitest";

import { createEpisode, SCREEN_HEIGHT, SCREEN_WIDTH } from "../../examples/login/src/episode";
import { drawScreen, encodePng, INPUT_SIZE, policyInput } from "../../examples/login/src/screen";
import { PNG } from "pngjs";

const episodes = [0, 1, 2, 3].map((index) => createEpisode("train", 1, index));

describe("login screens", () => {
  it("draws seven different PNGs per episode", () => {
    for (const episode of episodes) {
      const pngs = episode.targets.map((_, step) => encodePng(drawScreen(episode, step)).toString("base64"));
      expect(new Set(pngs).size).toBe(7);
    }
  });

  it("gives the policy seven different inputs per episode", () => {
    for (const episode of episodes) {
      const inputs = episode.targets.map((_, step) => policyInput(drawScreen(episode, step)));
      for (const input of inputs) expect(input).toHaveLength(INPUT_SIZE);
      expect(new Set(inputs.map((input) => input.join())).size).toBe(7);
    }
  });

  it("writes an 800 x 600 picture that reads back as it was drawn", () => {
    const canvas = drawScreen(episodes[0]!, 3);
    const png = PNG.sync.read(encodePng(canvas));
    expect([png.width, png.height]).toEqual([SCREEN_WIDTH, SCREEN_HEIGHT]);
    const at = (210 * SCREEN_WIDTH + 300) * 3;
    expect([...png.data.subarray((at / 3) * 4, (at / 3) * 4 + 3)]).toEqual([...canvas.rgb.subarray(at, at + 3)]);
  });

  it("moves every element from episode to episode, and keeps the target inside its box", () => {
    for (const element of ["username", "password", "login", "help"] as const) {
      expect(new Set(episodes.map(({ layout }) => `${layout[element].x},${layout[element].y}`)).size).toBeGreaterThan(
        1,
      );
    }
    for (const target of episodes.flatMap(({ targets }) => targets.filter(({ type }) => type === "click"))) {
      const [xMin, yMin, xMax, yMax] = target.bbox!;
      expect(target.x).toBeGreaterThan(xMin);
      expect(target.x).toBeLessThan(xMax);
      expect(target.y).toBeGreaterThan(yMin);
      expect(target.y).toBeLessThan(yMax);
    }
  });

  it("keeps the decoy clear of the login button", () => {
    for (let index = 0; index < 200; index++) {
      const { login, help } = createEpisode("train", 5, index).layout;
      expect(help.x).toBeGreaterThan(login.x + login.width);
    }
  });

  it("evaluates on layouts that training never shows, even with equal seeds", () => {
    const place = (pool: string, index: number): string => JSON.stringify(createEpisode(pool, 1, index).layout);
    const trained = new Set(Array.from({ length: 200 }, (_, i) => place("train", i)));
    expect(Array.from({ length: 50 }, (_, i) => place("eval", i)).filter((layout) => trained.has(layout))).toEqual([]);
  });
});
