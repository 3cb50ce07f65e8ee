// Twenty charts follow one hand: each frame draws as many of them as it has time for, whoever has waited longest first, so that
// the one under the hand never stutters and the others are at most a few frames behind.

const BUDGET_MS = 3;
const waiting = new Set<() => void>();
let frame = 0;

function run(): void {
  const end = performance.now() + BUDGET_MS;
  for (const draw of waiting) {
    waiting.delete(draw);
    draw();
    if (performance.now() >= end) break;
  }
  frame = waiting.size > 0 ? requestAnimationFrame(run) : 0;
}

/** Once, however often it is asked for before its turn. */
export function drawInTurn(draw: () => void): void {
  waiting.add(draw);
  if (frame === 0) frame = requestAnimationFrame(run);
}

/** It has been drawn meanwhile, or is gone. */
export function leaveTurn(draw: () => void): void {
  waiting.delete(draw);
}
