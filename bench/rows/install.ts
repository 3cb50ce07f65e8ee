// A box that has Node.js and nothing of ours: from nothing to an agent that said who it is, beside scp of the same bytes. What lies
// between the two is the look for Node.js, a second command for the check by hash, and the agent's own start.
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { runQuiet } from "../../scripts/processes";
import { findProgram } from "../../scripts/system";
import type { Bench } from "../bench";
import type { Row } from "../row";
import { median, spread, timed } from "../stats";

/** Twice what connecting to a box with the agent may take. */
const BUDGET_MS = 3000;

export const install: Row = {
  name: "install",
  missing: () => (findProgram("scp") ? null : "the peer needs OpenSSH's client"),
  run: async (bench) => {
    const ours: number[] = [];
    const theirs: number[] = [];
    const agent = join(bench.product, "dist", "agent.js");
    for (let i = 0; i < (bench.quick ? 3 : 7); i++) {
      for (const name of ["agent", "bin"]) rmSync(join(bench.box.runsideHome, name), { recursive: true, force: true });
      const client = bench.client();
      ours.push(await timed(() => client.session.link.peer()));
      await client.close();
      const copy = join(bench.box.home, `agent-${i}.js`);
      theirs.push(await timed(() => scp(bench, agent, copy)));
      if (!readFileSync(copy).equals(readFileSync(agent))) throw new Error("scp brought something else");
    }
    const peer = { name: "scp of the same bytes", value: median(theirs) };
    const note = spread(ours);
    return [{ name: "install, agent cold", ours: median(ours), unit: "ms", budget: { atMost: BUDGET_MS }, peer, note }];
  },
};

/** By a command on the box, as ours: the demo box has no SFTP. */
const scp = (bench: Bench, from: string, to: string): Promise<unknown> =>
  runQuiet("scp", ["-O", "-q", "-F", bench.box.configFile, from, `${bench.box.host}:${to}`]);
