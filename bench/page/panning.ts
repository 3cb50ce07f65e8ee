// What both sides of the pan-and-zoom row share: the points, and how frames are counted.

/** A curve with noise on it, the same wherever it is made. */
export const valueAt = (step: number): number =>
  Number((Math.exp(-step / 4e5) + ((step * 0.6180339887) % 1) * 0.2).toFixed(4));

/** Moves once a frame; answers how many frames a second were painted. */
export function framesOf(ms: number, move: (share: number) => void): Promise<number> {
  return new Promise((resolve) => {
    let frames = 0;
    requestAnimationFrame((began) => {
      const frame = (now: number): void => {
        const share = (now - began) / ms;
        if (share >= 1) return resolve((frames * 1000) / (now - began));
        frames++;
        move(share);
        requestAnimationFrame(frame);
      };
      frame(began);
    });
  });
}
