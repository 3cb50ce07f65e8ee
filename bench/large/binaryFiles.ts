// Binary formats: event files and W&B logs are framed here, parquet is written by pyarrow itself.
import { join } from "node:path";
import { PbfWriter } from "pbf";
import { crc32, crc32c } from "../../core/trace/checksum";
import { projectRoot } from "../../scripts/folders";
import { runQuiet } from "../../scripts/processes";
import { seeded } from "../stats";
import { Output, type LargeFile } from "./largeFile";

const names = ["loss", "reward", "reward_std", "kl", "grad_norm", "learning_rate", "entropy", "completion_length"];

const mask = (crc: number): number => (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;

/** TFRecord: length, its checksum, the data, its checksum. */
function framed(data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(data.length + 16);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length, true);
  view.setUint32(8, mask(crc32c(bytes, 0, 8)), true);
  bytes.set(data, 12);
  view.setUint32(12 + data.length, mask(crc32c(data, 0, data.length)), true);
  return bytes;
}

function scalarEvent(step: number, tag: string, value: number): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeDoubleField(1, 1.7e9 + step);
  pbf.writeVarintField(2, step);
  pbf.writeMessage(
    5,
    (_, summary) => {
      summary.writeMessage(
        1,
        (__, held) => {
          held.writeStringField(1, tag);
          held.writeFloatField(2, value);
        },
        null,
      );
    },
    null,
  );
  return pbf.finish();
}

const tensorboard: LargeFile = {
  reader: "tensorboard",
  name: "events.out.tfevents.1700000000.bench.1.0",
  peer: { kind: "event_file", name: "tensorboard" },
  needs: "tensorboard",
  bytes: 16e6,
  make: (file, bytes) => {
    const random = seeded(5);
    const output = new Output(file);
    const version = new PbfWriter();
    version.writeDoubleField(1, 1.7e9);
    version.writeStringField(3, "brain.Event:2");
    output.add(framed(version.finish()));
    for (let step = 1; output.written < bytes; step++)
      for (const name of names) output.add(framed(scalarEvent(step, `train/${name}`, random())));
    output.close();
  },
};

const BLOCK = 32_768;
const PIECE = 7;

/** LevelDB's log: blocks of 32 KB, a record in pieces of kind full, first, middle, last. */
class BlockLog {
  constructor(private readonly output: Output) {}

  add(data: Uint8Array): void {
    for (let at = 0, first = true; ;) {
      const left = BLOCK - (this.output.written % BLOCK);
      if (left < PIECE) {
        this.output.add(new Uint8Array(left));
        continue;
      }
      const part = data.subarray(at, at + left - PIECE);
      at += part.length;
      const last = at === data.length;
      const bytes = new Uint8Array(PIECE + part.length);
      const view = new DataView(bytes.buffer);
      bytes[6] = first ? (last ? 1 : 2) : last ? 4 : 3;
      bytes.set(part, PIECE);
      view.setUint16(4, part.length, true);
      view.setUint32(0, crc32(bytes, 6, bytes.length), true);
      this.output.add(bytes);
      if (last) return;
      first = false;
    }
  }
}

function historyRecord(step: number, values: readonly [string, string][]): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeVarintField(1, step + 1);
  pbf.writeMessage(
    2,
    (_, history) => {
      for (const [key, json] of values) {
        history.writeMessage(
          1,
          (__, item) => {
            item.writeStringField(2, key);
            item.writeStringField(16, json);
          },
          null,
        );
      }
      history.writeMessage(2, (__, at) => at.writeVarintField(1, step), null);
    },
    null,
  );
  return pbf.finish();
}

const wandb: LargeFile = {
  reader: "wandb-log",
  name: "run-bench001.wandb",
  peer: { kind: "wandb_log", name: "wandb" },
  // The last with a reader of these logs in Python.
  needs: "wandb==0.19.11",
  make: (file, bytes) => {
    const random = seeded(6);
    const output = new Output(file);
    output.add(new Uint8Array([...Buffer.from(":W&B"), 0xe1, 0xbe, 0]));
    const log = new BlockLog(output);
    for (let step = 0; output.written < bytes; step++) {
      const values = names.map((name): [string, string] => [`train/${name}`, String(random())]);
      log.add(historyRecord(step, [...values, ["_step", String(step)], ["_timestamp", String(1.7e9 + step)]]));
    }
    output.close();
  },
};

/** Without it there is no such file. */
export const pyarrow = "pyarrow";

const parquet: LargeFile = {
  reader: "trl-completions",
  name: "completions_00010.parquet",
  peer: { kind: "parquet_rows", name: "pyarrow to_pylist" },
  share: 0.4,
  needs: pyarrow,
  make: async (file, bytes, python) => {
    await runQuiet(python, [join(projectRoot, "bench", "peers", "makeParquet.py"), file, String(bytes)]);
  },
};

export const binaryFiles: readonly LargeFile[] = [tensorboard, parquet, wandb];
