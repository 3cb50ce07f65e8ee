// 5,000 source files onto the box: all of them, then ten that changed, then until a run has its own copy; beside rsync over
// the same SSH server with the same changes.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newRunId, type LaunchSpec } from "../../core/model/run";
import type { Peer } from "../../core/rpc/peer";
import { runQuiet } from "../../scripts/processes";
import { ensureSystem, findProgram } from "../../scripts/system";
import { boxStore } from "../../src/launch/boxStore";
import { launchSpec } from "../../src/launch/relaunch";
import { sendSnapshot } from "../../src/launch/sendSnapshot";
import { openssh, type Bench } from "../bench";
import type { Line, Row } from "../row";
import { median, pause, seeded, spread, timed } from "../stats";

const FILES = 5000;
const CHANGED = 10;
/** What was written this shortly ago is not believed to rest, by us or by git: both sides begin after it. */
const SETTLED_MS = 2500;

export const upload: Row = {
  name: "upload",
  missing: async () => {
    if (!findProgram("git") || !findProgram("ssh")) return "it needs git and OpenSSH's client";
    const [without] = await ensureSystem(["rsync"]);
    return without ? without.sentence : null;
  },
  run: async (bench) => {
    const client = bench.client();
    try {
      const peer = await client.session.link.peer();
      const firsts = { ours: [] as number[], theirs: [] as number[] };
      const more = { ours: [] as number[], theirs: [] as number[] };
      const own = { ours: [] as number[], theirs: [] as number[] };
      for (let round = 0; round < (bench.quick ? 1 : 3); round++) {
        const work = await makeWorkspace(bench, round);
        const mirror = join(bench.box.home, `mirror${round}`);
        await pause(SETTLED_MS);
        firsts.ours.push(await timed(() => sendSnapshot(work, boxStore(peer))));
        firsts.theirs.push(await timed(() => rsync(bench, work, mirror)));
        for (let again = 0; again < (bench.quick ? 2 : 4); again++) {
          change(work, round * 100 + again);
          more.ours.push(await timed(() => sendSnapshot(work, boxStore(peer))));
          more.theirs.push(await timed(() => rsync(bench, work, mirror)));
        }
        change(work, round * 100 + 99);
        own.ours.push(await timed(() => toOwnTree(peer, work)));
        own.theirs.push(await timed(() => toCopy(bench, work, mirror)));
      }
      const line = (name: string, { ours, theirs }: typeof own, peerName: string, budget: Line["budget"]): Line => ({
        name,
        ours: median(ours),
        unit: "ms",
        budget,
        peer: { name: peerName, value: median(theirs) },
        note: `${spread(ours)}, ${ratio(ours, theirs)}`,
      });
      return [
        line("upload, 5,000 files", firsts, "rsync -a", { timesPeer: 6 }),
        line("upload, 10 of them changed", more, "rsync -a", { timesPeer: 1 }),
        line("... and run in an own copy", own, "rsync -a, then cp -a", { timesPeer: 2 }),
      ];
    } finally {
      await client.close();
    }
  },
};

const ratio = (ours: readonly number[], theirs: readonly number[]): string =>
  `${(median(ours) / median(theirs)).toFixed(2)} times rsync`;

async function makeWorkspace(bench: Bench, round: number): Promise<string> {
  const work = join(bench.folder, `upload${round}`);
  const random = seeded(round + 1);
  for (let at = 0; at < FILES; at++) {
    const folder = join(work, `package${at % 50}`);
    if (at < 50) mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `module${at}.py`), source(random, 40 + Math.floor(random() * 320)));
  }
  await runQuiet("git", ["init", "-q"], { cwd: work });
  await runQuiet("git", ["add", "."], { cwd: work });
  return work;
}

/** Something that packs about as well as code does. */
function source(random: () => number, lines: number): string {
  const word = (): string => Math.floor(random() * 2 ** 28).toString(36);
  return Array.from({ length: lines }, () => `    value_${word()} = compute(${word()}, step=${word()})\n`).join("");
}

function change(work: string, round: number): void {
  const random = seeded(1000 + round);
  for (let at = 0; at < CHANGED; at++) {
    const file = Math.floor(random() * FILES);
    writeFileSync(join(work, `package${file % 50}`, `module${file}.py`), source(random, 200));
  }
}

async function rsync(bench: Bench, work: string, mirror: string): Promise<void> {
  const [option = "", config = "", host = ""] = openssh(bench);
  const args = ["-a", "--delete", "--exclude=.git", "-e", `ssh ${option} ${config}`, `${work}/`, `${host}:${mirror}/`];
  await runQuiet("rsync", args);
}

async function toCopy(bench: Bench, work: string, mirror: string): Promise<void> {
  await rsync(bench, work, mirror);
  await runQuiet("ssh", openssh(bench, "cp", "-a", mirror, `${mirror}-run`));
}

async function toOwnTree(peer: Peer, work: string): Promise<void> {
  const { id: snapshot } = await sendSnapshot(work, boxStore(peer));
  const spec: LaunchSpec = {
    id: newRunId(new Date(), "upload", Math.random),
    recipe: "bench",
    commands: [["true"]],
    cwd: "",
    env: {},
    secrets: {},
    place: { snapshot },
    config: { path: "run.yaml", text: "" },
    progress: { pattern: null, total: null },
    outputFromLog: null,
    alsoWatch: [],
    expects: [],
    seed: null,
    facts: [],
    git: null,
  };
  await launchSpec(peer, spec);
}
