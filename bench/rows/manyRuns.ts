// A store of ten thousand runs: until a window that connects has the whole list, and until it has it again.
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runs } from "../../core/protocol/runs";
import { readStatus } from "../../remote-agent/disk/runFolder";
import { runQuiet } from "../../scripts/processes";
import { findProgram } from "../../scripts/system";
import { buildLaunch } from "../../src/launch/buildSpec";
import { launchOn } from "../../src/runs/launchConfig";
import { MANY_RUNS, multiply } from "../../test/support/manyRuns";
import { openssh, type Bench, type Client } from "../bench";
import type { Row } from "../row";
import { median, pause, spread, timed } from "../stats";
import { smallWorkspace } from "./launch";

export const manyRuns: Row = {
  name: "many-runs",
  missing: () => (findProgram("ssh") ? null : "the peer needs OpenSSH's client"),
  run: async (bench) => {
    const first = bench.client();
    const model = await endedRun(bench, first);
    await first.close();
    const made = multiply(bench.box.runsideHome, model, MANY_RUNS);
    try {
      const cold: number[] = [];
      const again: number[] = [];
      const theirs: number[] = [];
      for (let i = 0; i < (bench.quick ? 3 : 5); i++) {
        const client = bench.client();
        const peer = await client.session.link.peer();
        const list = async (): Promise<void> => {
          const answer = await peer.request(runs.list, {});
          if (answer.runs.length <= MANY_RUNS) throw new Error(`${answer.runs.length} runs are listed`);
        };
        cold.push(await timed(list));
        again.push(await timed(list));
        await client.close();
        const words = `find ${bench.box.runsideHome}/runs -name run.json -o -name status.json | xargs cat | wc -c`;
        theirs.push(await timed(() => runQuiet("ssh", openssh(bench, words))));
      }
      const peer = { name: "ssh find | xargs cat", value: median(theirs) };
      return [
        { name: "many-runs first", ours: median(cold), unit: "ms", budget: { atMost: 5000 }, peer, note: spread(cold) },
        {
          name: "many-runs again",
          ours: median(again),
          unit: "ms",
          budget: { atMost: 1000 },
          peer,
          note: spread(again),
        },
      ];
    } finally {
      for (const id of made) rmSync(join(bench.box.runsideHome, "runs", id), { recursive: true, force: true });
    }
  },
};

async function endedRun(bench: Bench, { session }: Client): Promise<string> {
  const workspace = smallWorkspace(bench.folder);
  writeFileSync(join(workspace, "run.yaml"), "lr: 2.0e-5\n");
  const launch = await buildLaunch(workspace, "run.yaml");
  const { id } = await launchOn({ workspace, launch, peer: await session.link.peer(), report: () => undefined });
  const folder = join(bench.box.runsideHome, "runs", id);
  while (readStatus(folder).endedAt === null) await pause(50);
  return id;
}
