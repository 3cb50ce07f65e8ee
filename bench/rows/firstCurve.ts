// A trace of 600 MB, nothing saved and a fresh agent: from the question on an open connection to the whole reward curve here.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../scripts/folders";
import { runQuiet } from "../../scripts/processes";
import type { Bench } from "../bench";
import { rewardKey, rewardOf } from "../rlvrSteps";
import type { Row } from "../row";
import { median, now, spread, timed } from "../stats";

interface Parsed {
  ms: number;
  points: number;
}

export const firstCurve: Row = {
  name: "first-curve",
  run: async (bench) => {
    const { file, steps } = bench.trace();
    const ours: number[] = [];
    const python: number[] = [];
    const count: number[] = [];
    const wc = (): Promise<string> => runQuiet("wc", ["-l", file]);
    // The first one to read brings the file into the page cache.
    await wc();
    for (let i = 0; i < (bench.quick ? 3 : 5); i++) {
      rmSync(join(bench.box.runsideHome, "cache"), { recursive: true, force: true });
      ours.push(await curveOnce(bench));
      count.push(await timed(wc));
      const script = join(projectRoot, "bench", "peers", "parse.py");
      const parsed = JSON.parse(await runQuiet("python3", [script, file])) as Parsed;
      if (parsed.points !== steps) throw new Error(`Python read ${parsed.points} of ${steps} points`);
      python.push(parsed.ms);
    }
    const size = `${bench.quick ? "60" : "600"} MB`;
    const line = { ours: median(ours), unit: "ms", note: spread(ours) } as const;
    return [
      {
        ...line,
        name: `first-curve, ${size}`,
        budget: { timesPeer: 0.1 },
        peer: { name: "Python json", value: median(python) },
      },
      {
        ...line,
        name: `first-curve, ${size}`,
        budget: { timesPeer: 8 },
        peer: { name: "wc -l", value: median(count) },
      },
    ];
  },
};

/** With an agent of its own; checks that the curve is whole. */
export async function curveOnce(bench: Bench): Promise<number> {
  const { folder, steps } = bench.trace();
  const client = bench.client();
  try {
    await client.session.link.peer();
    const began = now();
    const { mirror } = client.session.hub.lease(folder);
    const took = await new Promise<number>((resolve, reject) => {
      const look = (): void => {
        const reward = [...mirror.state.series.values()].find((s) => s.raw === rewardKey);
        if (mirror.error) reject(mirror.error);
        if (mirror.state.indexing || !reward) return;
        const ms = now() - began;
        const last = reward.values[reward.values.length - 1];
        if (reward.total === steps && last === rewardOf(steps)) resolve(ms);
        else reject(new Error(`the curve has ${reward.total} of ${steps} points and ends with ${String(last)}`));
      };
      mirror.onDelta(look);
      look();
    });
    return took;
  } finally {
    await client.close();
  }
}
