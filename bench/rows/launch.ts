// From the click to a started process, over a connection that is open; the config was edited, so the workspace travels again.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "../../scripts/system";
import { runQuiet } from "../../scripts/processes";
import { buildLaunch } from "../../src/launch/buildSpec";
import { launchOn } from "../../src/runs/launchConfig";
import { openssh } from "../bench";
import type { Row } from "../row";
import { median, spread, timed } from "../stats";

const recipes = `recipes:
  - id: bench
    match: { files: ["run.yaml"] }
    command: ["sh", "-c", "sleep 1"]
`;

export const launch: Row = {
  name: "launch",
  missing: () => (findProgram("ssh") ? null : "the peer needs OpenSSH's client"),
  run: async (bench) => {
    const workspace = smallWorkspace(bench.folder);
    const client = bench.client();
    try {
      const peer = await client.session.link.peer();
      const ours: number[] = [];
      const theirs: number[] = [];
      for (let i = 0; i < (bench.quick ? 5 : 11); i++) {
        writeFileSync(join(workspace, "run.yaml"), `lr: 1.0e-${i}\n`);
        ours.push(
          await timed(async () => {
            const ready = await buildLaunch(workspace, "run.yaml");
            await launchOn({ workspace, launch: ready, peer, report: () => undefined });
          }),
        );
        theirs.push(await timed(() => runQuiet("ssh", openssh(bench, "sh", "-c", ":"))));
      }
      const other = { name: "ssh BOX sh -c :", value: median(theirs) };
      return [
        { name: "launch", ours: median(ours), unit: "ms", budget: { atMost: 500 }, peer: other, note: spread(ours) },
      ];
    } finally {
      await client.close();
    }
  },
};

/** Forty source files of a few KB. */
export function smallWorkspace(folder: string): string {
  const workspace = join(folder, "workspace");
  mkdirSync(join(workspace, ".runside"), { recursive: true });
  mkdirSync(join(workspace, "src"), { recursive: true });
  writeFileSync(join(workspace, ".runside", "recipes.yaml"), recipes);
  for (let i = 0; i < 40; i++) {
    const text = Array.from({ length: 100 }, (_, line) => `value_${line} = ${i * line}  # a line of some program\n`);
    writeFileSync(join(workspace, "src", `part${i}.py`), text.join(""));
  }
  return workspace;
}
