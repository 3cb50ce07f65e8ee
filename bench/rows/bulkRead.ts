// A large file of a run through the channel, in the pieces that `files/read` answers, beside `ssh BOX cat` of the same file.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { join } from "node:path";
import { files } from "../../core/protocol/files";
import type { Peer } from "../../core/rpc/peer";
import { findProgram } from "../../scripts/system";
import { openssh, type Bench } from "../bench";
import { counters, meta } from "../rlvrSteps";
import type { Row } from "../row";
import { median, spread, timed } from "../stats";

const PIECE = 192 * 1024;
/** As many as fill the channel while one answer is on its way. */
const IN_FLIGHT = 8;

export const bulkRead: Row = {
  name: "bulk-read",
  missing: () => (findProgram("ssh") ? null : "the peer needs OpenSSH's client"),
  run: async (bench) => {
    const { folder, file, bytes, hash } = makeFile(bench);
    const client = bench.client();
    const megabytes = bytes / 1e6;
    try {
      const peer = await client.session.link.peer();
      await client.session.hub.lease(folder).mirror.loaded();
      const ours: number[] = [];
      const theirs: number[] = [];
      for (let i = 0; i < (bench.quick ? 3 : 7); i++) {
        const ms = await timed(async () => {
          if ((await readThrough(peer, folder, bytes)) !== hash)
            throw new Error("what was read is not what was written");
        });
        ours.push(megabytes / (ms / 1000));
        theirs.push(megabytes / ((await timed(() => cat(bench, file))) / 1000));
      }
      const other = { name: "ssh BOX cat", value: median(theirs) };
      const note = spread(ours);
      return [{ name: "bulk-read", ours: median(ours), unit: "MB/s", budget: { timesPeer: 0.2 }, peer: other, note }];
    } finally {
      await client.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

function makeFile(bench: Bench): { folder: string; file: string; bytes: number; hash: string } {
  const folder = join(bench.folder, "bulk");
  const file = join(folder, "traces", "trace.jsonl");
  mkdirSync(join(folder, "traces"), { recursive: true });
  const lines: string[] = [meta("bulk")];
  for (let step = 1, size = 0; size < (bench.quick ? 8e6 : 40e6); step++) {
    const text = counters(step, step * 20);
    lines.push(text);
    size += text.length;
  }
  const bytes = Buffer.from(lines.join(""));
  writeFileSync(file, bytes);
  return { folder, file, bytes: bytes.length, hash: createHash("sha256").update(bytes).digest("hex") };
}

/** The hash of what came. Pieces are asked for ahead, and taken in their order. */
async function readThrough(peer: Peer, target: string, size: number): Promise<string> {
  const hash = createHash("sha256");
  const path = "traces/trace.jsonl";
  const ask = (offset: number) => peer.request(files.read, { target, path, offset, length: PIECE });
  const waiting: ReturnType<typeof ask>[] = [];
  for (let offset = 0; offset < size || waiting.length > 0;) {
    while (offset < size && waiting.length < IN_FLIGHT) {
      waiting.push(ask(offset));
      offset += PIECE;
    }
    const piece = await waiting.shift();
    if (piece) hash.update(Buffer.from(piece.data, "base64"));
  }
  return hash.digest("hex");
}

async function cat(bench: Bench, file: string): Promise<void> {
  const child = spawn("ssh", openssh(bench, `cat ${file}`), { stdio: ["ignore", "pipe", "ignore"] });
  child.stdout.resume();
  await once(child, "close");
}
