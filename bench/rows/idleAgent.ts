// What an agent costs the box while nothing happens: a run list with a live run, and a folder that is followed.
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { agent } from "../../core/protocol/agent";
import { protocolVersion } from "../../core/protocol/catalogue";
import { runs } from "../../core/protocol/runs";
import { buildLaunch } from "../../src/launch/buildSpec";
import { launchOn } from "../../src/runs/launchConfig";
import type { Client } from "../bench";
import { followedFolder } from "../followed";
import { cpuSeconds, residentMegabytes } from "../processFacts";
import type { Row } from "../row";
import { pause } from "../stats";
import { smallWorkspace } from "./launch";

const recipes = `recipes:
  - id: bench-idle
    match: { files: ["idle.yaml"] }
    command: ["sh", "-c", "sleep 120"]
`;

export const idleAgent: Row = {
  name: "idle-agent",
  missing: () => (process.platform === "linux" ? null : "it reads /proc"),
  run: async (bench) => {
    const client = bench.client();
    const bare = spawn(process.execPath, ["-e", "setInterval(() => {}, 1e9)"], { stdio: "ignore" });
    try {
      const peer = await client.session.link.peer();
      const { pid } = await peer.request(agent.hello, { protocol: protocolVersion });
      const id = await launchIdle(client, smallWorkspace(bench.folder));
      const { mirror } = client.session.hub.lease(followedFolder(bench, "idle").folder);
      await mirror.loaded();
      await pause(bench.quick ? 3000 : 8000);
      const seconds = bench.quick ? 5 : 20;
      const before = cpuSeconds(pid);
      await pause(seconds * 1000);
      const share = ((cpuSeconds(pid) - before) / seconds) * 100;
      const memory = residentMegabytes(pid);
      const peerMemory = { name: "bare node", value: residentMegabytes(bare.pid ?? 0) };
      await stopRun(client, id);
      return [
        {
          name: "idle-agent CPU",
          ours: share,
          unit: "%",
          budget: { atMost: 1 },
          peer: null,
          note: `over ${seconds} s`,
        },
        { name: "idle-agent memory", ours: memory, unit: "MB", budget: { atMost: 80 }, peer: peerMemory },
      ];
    } finally {
      bare.kill();
      await client.close();
    }
  },
};

async function launchIdle({ session }: Client, workspace: string): Promise<string> {
  writeFileSync(join(workspace, ".runside", "recipes.yaml"), recipes);
  writeFileSync(join(workspace, "idle.yaml"), "lr: 1.0e-5\n");
  const launch = await buildLaunch(workspace, "idle.yaml");
  const { id } = await launchOn({ workspace, launch, peer: await session.link.peer(), report: () => undefined });
  await session.directory.refresh();
  return id;
}

/** Waits for its end too: the store is removed afterwards, and the wish with it. */
async function stopRun({ session }: Client, id: string): Promise<void> {
  await (await session.link.peer()).request(runs.stop, { id });
  for (let i = 0; i < 100 && session.directory.get(id)?.status.endedAt === null; i++) await pause(100);
}
