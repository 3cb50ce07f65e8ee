// Writes TensorBoard event files and W&B run logs as their own libraries frame them (tensorboardX, wandb 0.30), for tests of what a
// run leaves behind: invented values, as many as a test wants.
import { crc32, crc32c } from "../../core/trace/checksum";

const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];
const tagged = (field: number, wire: number): number[] => varint(field * 8 + wire);

const message = (field: number, bytes: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([...tagged(field, 2), ...varint(bytes.length)]), bytes]);
const text = (field: number, value: string): Buffer => message(field, Buffer.from(value));
const whole = (field: number, value: number): Buffer => Buffer.from([...tagged(field, 0), ...varint(value)]);

function double(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Buffer.concat([Buffer.from(tagged(field, 1)), bytes]);
}

function float(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([Buffer.from(tagged(field, 5)), bytes]);
}

const word = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
};

/** One log of a trainer: its step, its time in seconds since 1970, its numbers. */
export interface Logged {
  step: number;
  time: number;
  values: Readonly<Record<string, number>>;
}

export function tensorboardFile(logs: readonly Logged[]): Buffer {
  const masked = (bytes: Uint8Array): Buffer => {
    const crc = crc32c(bytes, 0, bytes.length);
    return word(((crc >>> 15) | (crc << 17)) + 0xa282ead8);
  };
  const record = (data: Buffer): Buffer => {
    const size = Buffer.concat([word(data.length), word(0)]);
    return Buffer.concat([size, masked(size), data, masked(data)]);
  };
  const head = record(Buffer.concat([double(1, logs[0]?.time ?? 0), text(3, "brain.Event:2")]));
  const events = logs.flatMap(({ step, time, values }) =>
    Object.entries(values).map(([tag, value]) => {
      const summary = message(1, Buffer.concat([text(1, tag), float(2, value)]));
      return record(Buffer.concat([double(1, time), whole(2, step), message(5, summary)]));
    }),
  );
  return Buffer.concat([head, ...events]);
}

/** All records must fit into the first block of 32 KB. */
export function wandbFile(logs: readonly Logged[]): Buffer {
  const record = (data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from([1]), data]);
    const length = Buffer.from([data.length & 255, data.length >> 8]);
    return Buffer.concat([word(crc32(body, 0, body.length)), length, body]);
  };
  const item = (key: string, value: number): Buffer =>
    message(1, Buffer.concat([text(2, key), text(16, String(value))]));
  const histories = logs.map(({ step, time, values }, calls) => {
    const named = { ...values, "train/global_step": step, _step: calls, _timestamp: time };
    return record(message(2, Buffer.concat(Object.entries(named).map(([key, value]) => item(key, value)))));
  });
  const file = Buffer.concat([Buffer.from(":W&B\xe1\xbe\x00", "latin1"), ...histories]);
  if (file.length > 32768) throw new Error("too long for one block");
  return file;
}
