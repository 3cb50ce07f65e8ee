// Logs of framed records through the agent's index: growth, torn ends, truncation, more than 64 MB, a saved index.
import { appendFileSync, closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { crc32c } from "../../core/trace/checksum";
import { Home } from "../../remote-agent/disk/home";
import { Target } from "../../remote-agent/index/target";
import { eventually } from "../support/eventually";
import { atEnd, tempFolder } from "../support/tempFolder";
import { readAtOnce, recordsOf } from "./shown";

const traces = join(import.meta.dirname, "../fixtures/traces");
const events = readFileSync(join(traces, "tensorboard/events.out.tfevents.1700000000.orchard"));
const wandb = readFileSync(join(traces, "wandb-log/run-pear0001.wandb"));

const pointsIn = (target: Target): number =>
  [...target.index.sources].flatMap((s) => [...s.records.series.values()]).reduce((n, c) => n + c.steps.length, 0);
const problems = (target: Target): string[] => target.index.diagnostics().map((d) => d.code);

function world(name: string): { folder: string; file: string; home: string; follow: () => Target } {
  const folder = join(tempFolder("out"), "run");
  const home = tempFolder("home");
  mkdirSync(folder);
  const follow = (): Target => {
    const target = Target.open(folder, new Home(home));
    atEnd(() => target.dispose());
    target.index.follow();
    return target;
  };
  return { folder, file: join(folder, name), home, follow };
}

/** A record's header says how long it is; what it holds is a hole in the file, which costs no disk. */
function appendHole(file: string, size: number): void {
  const header = Buffer.alloc(12);
  header.writeUInt32LE(size, 0);
  const crc = crc32c(header, 0, 8);
  header.writeUInt32LE((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0, 8);
  appendFileSync(file, header);
  const length = readFileSync(file).length;
  const handle = openSync(file, "r+");
  ftruncateSync(handle, length + size + 4);
  closeSync(handle);
}

describe("files of framed records", () => {
  it("are followed from where they were left, over torn ends and truncation", async () => {
    const { folder, file, home, follow } = world("events.out.tfevents.1.orchard");
    writeFileSync(file, events);
    const target = follow();
    await eventually(() => expect(pointsIn(target)).toBeGreaterThan(0));
    const once = pointsIn(target);
    const { generation } = target.index.sources[0] ?? {};
    appendFileSync(file, events.subarray(0, 700));
    await eventually(() => expect(problems(target)).toEqual(["torn-line"]));
    appendFileSync(file, events.subarray(700));
    await eventually(() => expect(pointsIn(target)).toBe(2 * once));
    expect(problems(target)).toEqual([]);
    // What was read before still counts: nothing was read twice.
    expect(target.index.sources[0]?.generation).toBe(generation);
    writeFileSync(file, events);
    await eventually(() => expect(pointsIn(target)).toBe(once));
    expect(problems(target)).toEqual(["truncated"]);
    expect(recordsOf(target.index)).toEqual(recordsOf((await readAtOnce(folder, `${home}/other`)).index));
  });

  it("open when they are longer than 64 MB, and go on behind damage and behind a record that is too long", async () => {
    const { folder, file, home } = world("events.out.tfevents.1.orchard");
    writeFileSync(file, events);
    const once = pointsIn(await readAtOnce(folder, `${home}/first`));
    appendHole(file, 70 << 20);
    appendFileSync(file, Buffer.from("no record at all"));
    appendFileSync(file, events);
    const cold = await readAtOnce(folder, home);
    expect(pointsIn(cold)).toBe(2 * once);
    expect(problems(cold).sort()).toEqual(["damaged-record", "record-too-long"]);
    appendFileSync(file, events);
    const resumed = await readAtOnce(folder, home);
    expect(pointsIn(resumed)).toBe(3 * once);
    expect(recordsOf(resumed.index)).toEqual(recordsOf((await readAtOnce(folder, `${home}/other`)).index));
  });

  it("of W&B go on behind a block that is damaged", async () => {
    const { folder, file, home } = world("run-pear0001.wandb");
    writeFileSync(file, wandb);
    const whole = pointsIn(await readAtOnce(folder, `${home}/first`));
    const damaged = Buffer.from(wandb);
    damaged.fill(0xff, 100, 160);
    writeFileSync(file, damaged);
    const target = await readAtOnce(folder, home);
    expect(problems(target)).toEqual(["damaged-record"]);
    expect(pointsIn(target)).toBeGreaterThan(0);
    expect(pointsIn(target)).toBeLessThan(whole);
  });
});
