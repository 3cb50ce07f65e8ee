// Coordinate frames: detection, hints, and the size of a model's own pixels (formats/gui-and-trainers.md 4).
import { describe, expect, it } from "vitest";
import { frameByBoxes, frameOf, saysThousand, smartResize } from "../../../core/actions/frames";

const defaults = { small: "px", large: "canvas" } as const;

describe("frames", () => {
  it("follows the page's rule, and what it is told", () => {
    expect(frameOf([0.2, 1], {}, defaults)).toBe("unit");
    expect(frameOf([0, 0], {}, defaults)).toBe("unit");
    expect(frameOf([1, 1], {}, defaults)).toBe("px");
    expect(frameOf([500, 1000], { prompt: "The screen's resolution is 1000x1000." }, defaults)).toBe("n1000");
    expect(frameOf([500, 1000], {}, defaults)).toBe("px");
    expect(frameOf([500, 1001], { prompt: "1000x1000" }, defaults)).toBe("canvas");
    expect(frameOf([0.5, 0.5], { frame: "n1000" }, defaults)).toBe("n1000");
  });

  it("knows how prompts declare thousandths", () => {
    for (const prompt of ["1000x1000", "(1000, 1000)", "[0, 1000]", "from 0 to 1000", "0-1000"])
      expect(saysThousand(prompt)).toBe(true);
    for (const prompt of ["1920x1080", "at most 1000 words", "11000x1000"]) expect(saysThousand(prompt)).toBe(false);
  });

  it("takes the frame in which most known points hit their boxes", () => {
    const box = [0.78, 0.02, 0.95, 0.1] as const;
    const candidates = [
      { frame: "n1000", width: 1000, height: 1000 },
      { frame: "canvas", width: 1179, height: 2556 },
    ] as const;
    const points = [
      { x: 1019, y: 160, box },
      { x: 1020, y: 150, box },
      { x: 864, y: 62, box },
    ];
    expect(frameByBoxes(points, candidates)).toMatchObject({ candidate: { frame: "canvas" }, share: 2 / 3 });
    expect(frameByBoxes([], candidates)).toBeNull();
  });

  it("resizes as the models' processors do", () => {
    expect(smartResize(1080, 1920)).toEqual({ height: 1092, width: 1932 });
    expect(smartResize(42, 70, { minPixels: 0 })).toEqual({ height: 56, width: 56 });
    expect(smartResize(100, 100)).toEqual({ height: 280, width: 280 });
    expect(smartResize(8000, 8000)).toEqual({ height: 3584, width: 3584 });
  });
});
