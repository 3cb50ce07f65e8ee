// A trainer writes a step; the mirror in the client holds it. Beside it, on the same box and at the same time, `tail -F`.
import { createInterface } from "node:readline";
import { findProgram } from "../../scripts/system";
import { endGroup, startGroup } from "../../scripts/processes";
import { openssh, type Bench } from "../bench";
import { followedFolder, latencies, type FollowedFolder } from "../followed";
import { rewardKey } from "../rlvrSteps";
import type { Row } from "../row";
import { now, pause, percentile, spread } from "../stats";

export const lineToHost: Row = {
  name: "line-to-host",
  missing: () => (findProgram("ssh") ? null : "the peer needs OpenSSH's client"),
  run: async (bench) => {
    const followed = followedFolder(bench, "line-to-host");
    const client = bench.client();
    const tail = await tailOf(bench, followed);
    try {
      const seen = new Map<number, number>();
      const { mirror } = client.session.hub.lease(followed.folder);
      mirror.onDelta((delta) => {
        const at = now();
        const patch = delta.series?.find((s) => s.raw === rewardKey);
        for (const step of patch?.steps ?? []) if (!seen.has(Number(step))) seen.set(Number(step), at);
      });
      await mirror.loaded();
      // Followed and quiet, as a run between two steps.
      await pause(2000);
      const written = await followed.train();
      await pause(1500);
      const ours = latencies(written, seen);
      const theirs = latencies(written, tail.seen);
      return ([50, 99] as const).map((share) => ({
        name: `line-to-host p${share}`,
        ours: percentile(ours, share / 100),
        unit: "ms" as const,
        budget: { atMost: share === 50 ? 150 : 500 },
        peer: { name: "ssh tail -F", value: percentile(theirs, share / 100) },
        note: spread(ours),
      }));
    } finally {
      await tail.close();
      await client.close();
    }
  },
};

/** The step's last line, read from `tail -F` over OpenSSH's client. */
async function tailOf(
  bench: Bench,
  { file, firstStep }: FollowedFolder,
): Promise<{ seen: Map<number, number>; close(): Promise<void> }> {
  const seen = new Map<number, number>();
  const child = startGroup("ssh", openssh(bench, "tail", "-n0", "-F", file), { stdio: ["ignore", "pipe", "ignore"] });
  if (!child.stdout) throw new Error("ssh has no output");
  let step = firstStep;
  createInterface(child.stdout).on("line", (line) => {
    if (line.includes('"name": "reward_stats"')) seen.set(step++, now());
  });
  await pause(1000);
  return { seen, close: () => endGroup(child) };
}
