// What lives on the box while a run is followed: the agent with the run's curves in it, and the supervisor beside the training.
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { agent } from "../../core/protocol/agent";
import { protocolVersion } from "../../core/protocol/catalogue";
import { runs } from "../../core/protocol/runs";
import { attemptFiles, readStatus } from "../../remote-agent/disk/runFolder";
import { readTextOrNull } from "../../remote-agent/disk/atomicFile";
import { buildLaunch } from "../../src/launch/buildSpec";
import { launchOn } from "../../src/runs/launchConfig";
import type { Client } from "../bench";
import { residentMegabytes } from "../processFacts";
import type { Row } from "../row";
import { pause } from "../stats";
import { smallWorkspace } from "./launch";

const STEPS = 100_000;
/** Writes its steps at once, then waits to be stopped. */
const program = `const fs = require("node:fs"); const lines = [];
for (let step = 1; step <= ${STEPS}; step++) lines.push(JSON.stringify({ step, reward: step % 7, loss: 1 / step, kl: step % 3 }));
fs.writeFileSync(process.env.RUNSIDE_OUT + "/metrics.jsonl", lines.join("\\n") + "\\n"); setInterval(() => {}, 1e9);`;

export const memory: Row = {
  name: "memory",
  missing: () => (process.platform === "linux" ? null : "it reads /proc"),
  run: async (bench) => {
    const client = bench.client();
    const bare = spawn(process.execPath, ["-e", "setInterval(() => {}, 1e9)"], { stdio: "ignore" });
    try {
      const peer = await client.session.link.peer();
      const { pid } = await peer.request(agent.hello, { protocol: protocolVersion });
      const id = await launchLong(client, smallWorkspace(bench.folder));
      const { mirror } = client.session.hub.lease(id);
      while ((mirror.state.series.get("metrics.jsonl#reward")?.total ?? 0) < STEPS) {
        if (mirror.state.status?.endedAt) throw new Error(`the training ended: ${mirror.state.status.reason ?? ""}`);
        await pause(100);
      }
      await pause(bench.quick ? 1000 : 5000);
      const folder = join(bench.box.runsideHome, "runs", id);
      const status = JSON.parse(readTextOrNull(attemptFiles(folder, 1).status) ?? "{}") as {
        supervisor: { pid: number };
      };
      const agentMemory = residentMegabytes(pid);
      const supervisorMemory = residentMegabytes(status.supervisor.pid);
      const other = { name: "bare node", value: residentMegabytes(bare.pid ?? 0) };
      await peer.request(runs.stop, { id });
      for (let i = 0; i < 200 && readStatus(folder).endedAt === null; i++) await pause(100);
      return [
        {
          name: "memory agent",
          ours: agentMemory,
          unit: "MB",
          budget: { atMost: 150 },
          peer: other,
          note: `following ${STEPS} steps`,
        },
        { name: "memory supervisor", ours: supervisorMemory, unit: "MB", budget: { atMost: 60 }, peer: other },
      ];
    } finally {
      bare.kill();
      await client.close();
    }
  },
};

async function launchLong({ session }: Client, workspace: string): Promise<string> {
  // By its whole path: this box is this machine, and git ignores the folder of the benchmarks.
  const recipe = {
    id: "bench-memory",
    match: { files: ["memory.yaml"] },
    command: ["node", join(workspace, "metrics.js")],
  };
  writeFileSync(join(workspace, ".runside", "recipes.yaml"), JSON.stringify({ recipes: [recipe] }));
  writeFileSync(join(workspace, "metrics.js"), program);
  writeFileSync(join(workspace, "memory.yaml"), "lr: 1.0e-5\n");
  const launch = await buildLaunch(workspace, "memory.yaml");
  const { id } = await launchOn({ workspace, launch, peer: await session.link.peer(), report: () => undefined });
  return id;
}
