// The same trace once more: the index is saved, the agent is fresh.
import type { Row } from "../row";
import { median, spread } from "../stats";
import { curveOnce } from "./firstCurve";

export const firstCurveAgain: Row = {
  name: "first-curve-again",
  run: async (bench) => {
    // Whoever looked first left the index.
    await curveOnce(bench);
    const ours: number[] = [];
    for (let i = 0; i < (bench.quick ? 5 : 11); i++) ours.push(await curveOnce(bench));
    return [
      {
        name: "first-curve-again",
        ours: median(ours),
        unit: "ms",
        budget: { atMost: 100 },
        peer: null,
        note: spread(ours),
      },
    ];
  },
};
