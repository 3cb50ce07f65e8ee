// A store of ten thousand runs: until a window that connects has the whole list, where nobody ever read these runs and where
// somebody has, and until it has it again.
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runs } from "../../core/protocol/runs";
import { readStatus } from "../../remote-agent/disk/runFolder";
import { runQuiet } from "../../scripts/processes";
import { findProgram } from "../../scripts/system";
import { buildLaunch } from "../../src/launch/buildSpec";
import { launchOn } from "../../src/runs/launchConfig";
import { MANY_RUNS, multiply } from "../../test/support/manyRuns";
import { openssh, type Bench, type Client } from "../bench";
import type { Line, Row } from "../row";
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
      const store = join(bench.box.runsideHome, "runs");
      const summaries = made.map((id) => join(store, id, "cache", "summary.json"));
      const first: number[] = [];
      const next: number[] = [];
      const again: number[] = [];
      const theirs: number[] = [];
      for (let i = 0; i < (bench.quick ? 3 : 5); i++) {
        for (const summary of summaries) rmSync(summary, { force: true });
        const visitor = bench.client();
        first.push(await untilListed(visitor));
        const link = await visitor.session.link.peer();
        again.push(await timed(() => link.request(runs.list, {})));
        while (!summaries.every((summary) => existsSync(summary))) await pause(250);
        await visitor.close();
        const another = bench.client();
        next.push(await untilListed(another));
        await another.close();
        const words = `find ${store} -name run.json -o -name status.json | xargs cat | wc -c`;
        theirs.push(await timed(() => runQuiet("ssh", openssh(bench, words))));
      }
      const peer = { name: "ssh find | xargs cat", value: median(theirs) };
      const line = (name: string, samples: readonly number[], atMost: number): Line => {
        return { name, ours: median(samples), unit: "ms", budget: { atMost }, peer, note: spread(samples) };
      };
      return [
        line("many-runs first", first, 5000),
        line("many-runs next window", next, 5000),
        line("many-runs again", again, 1000),
      ];
    } finally {
      for (const id of made) rmSync(join(bench.box.runsideHome, "runs", id), { recursive: true, force: true });
    }
  },
};

/** From the agent's first word to the window's whole list, which it asks for by itself. */
async function untilListed({ session }: Client): Promise<number> {
  await session.link.peer();
  return timed(async () => {
    while (session.directory.list().length <= MANY_RUNS) await pause(5);
  });
}

async function endedRun(bench: Bench, { session }: Client): Promise<string> {
  const workspace = smallWorkspace(bench.folder);
  writeFileSync(join(workspace, "run.yaml"), "lr: 2.0e-5\n");
  const launch = await buildLaunch(workspace, "run.yaml");
  const { id } = await launchOn({ workspace, launch, peer: await session.link.peer(), report: () => undefined });
  const folder = join(bench.box.runsideHome, "runs", id);
  while (readStatus(folder).endedAt === null) await pause(50);
  return id;
}
