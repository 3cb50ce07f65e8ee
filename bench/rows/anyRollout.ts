// Any one of many rollouts, indexed, over SSH: what a click in the list costs, and what the agent holds for it. Of twenty thousand
// each time; of a million, which take minutes and 10 GB of disk, when it is asked for.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { agent } from "../../core/protocol/agent";
import { protocolVersion } from "../../core/protocol/catalogue";
import { rollouts } from "../../core/protocol/rollouts";
import { runQuiet } from "../../scripts/processes";
import { findProgram } from "../../scripts/system";
import { openssh, type Bench } from "../bench";
import { makeRollouts } from "../makeRollouts";
import { residentMegabytes } from "../processFacts";
import type { Line, Row } from "../row";
import { median, now, percentile, spread, timed } from "../stats";

const rowOf = (name: string, rollouts: number, onRequest: boolean): Row => ({
  name,
  onRequest,
  missing: () =>
    process.platform !== "linux" ? "it reads /proc" : findProgram("ssh") ? null : "the peer needs OpenSSH's client",
  run: (bench) => measure(bench, name, rollouts),
});

export const anyRollout = rowOf("any-rollout", 20_000, false);
export const anyRolloutOfMany = rowOf("any-rollout-10gb", 1_000_000, true);

async function measure(bench: Bench, name: string, wanted: number): Promise<Line[]> {
  const folder = join(bench.folder, "many");
  const file = join(folder, "traces", "rollouts.jsonl");
  const { count, places } = makeRollouts(folder, file, bench.quick ? wanted / 20 : wanted, bench.quick ? 60 : 300);
  const client = bench.client();
  try {
    const peer = await client.session.link.peer();
    const { pid } = await peer.request(agent.hello, { protocol: protocolVersion });
    const page = (offset: number) => peer.request(rollouts.page, { target: folder, offset, limit: 50, sort: "newest" });
    const began = now();
    const first = await page(0);
    const indexed = now() - began;
    if (first.total !== count) throw new Error(`the index has ${first.total} of ${count} rollouts`);
    const source = first.rows[0]?.id.split(":")[0] ?? "";
    const pages: number[] = [];
    for (let i = 0; i < 20; i++) pages.push(await timed(() => page(Math.floor((i * count) / 20))));
    const ours: number[] = [];
    const theirs: number[] = [];
    for (const [i, { row, offset, promptId }] of places.entries()) {
      const asked = now();
      const rollout = await peer.request(rollouts.read, { target: folder, id: `${source}:${row}` });
      ours.push(now() - asked);
      if (rollout.header.promptId !== promptId) throw new Error(`asked for ${promptId} and got another rollout`);
      if (i % 20 > 0) continue;
      const cut = openssh(bench, `tail -c +${offset + 1} ${file} | head -n 1`);
      theirs.push(await timed(() => runQuiet("ssh", cut)));
    }
    const held = residentMegabytes(pid);
    const pagesNote = `pages of 50: ${median(pages).toFixed(0)} ms; indexed in ${(indexed / 1000).toFixed(1)} s`;
    return [
      {
        name: `${name} p99`,
        ours: percentile(ours, 0.99),
        unit: "ms",
        budget: { atMost: 50 },
        peer: { name: "ssh tail -c | head", value: percentile(theirs, 0.99) },
        note: spread(ours),
      },
      { name: `${name} memory`, ours: held, unit: "MB", budget: { atMost: 200 }, peer: null, note: pagesNote },
    ];
  } finally {
    await client.close();
    if (!bench.keep) rmSync(folder, { recursive: true, force: true });
  }
}
