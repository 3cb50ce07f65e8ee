// One folder, many sources: what is one curve, what are two, and where curves lie that know only the time.
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { IndexedSeries } from "../../remote-agent/index/mergedSeries";
import { tensorboardFile, wandbFile, type Logged } from "../support/binaryTraces";
import { builtAgent, runside } from "../support/builtAgent";
import { eventually } from "../support/eventually";
import { tempFolder } from "../support/tempFolder";
import { Home } from "../../remote-agent/disk/home";
import { Target } from "../../remote-agent/index/target";
import { atEnd } from "../support/tempFolder";
import { readAtOnce } from "./shown";

beforeAll(() => builtAgent(), 60_000);

const began = 1_700_000_000;

/** What a trainer logs every 5 steps from `first` to `last`; `luck` tells runs apart that follow one schedule. */
function logsOf(first: number, last: number, luck = 0): Logged[] {
  const logs: Logged[] = [];
  for (let step = first; step <= last; step += 5) {
    const loss = 2 / step + Math.sin(step * 7 + luck) / 10;
    const values = { loss, grad_norm: 1 + Math.cos(step + luck) / 3, learning_rate: 5e-6 * (1 - step / 1000) };
    logs.push({ step, time: began + step * 10, values });
  }
  return logs;
}

const prefixed = (logs: readonly Logged[]): Logged[] =>
  logs.map((log) => ({
    ...log,
    values: Object.fromEntries(Object.entries(log.values).map(([key, value]) => [`train/${key}`, value])),
  }));

const stateFile = (logs: readonly Logged[]): string =>
  JSON.stringify({
    global_step: logs.at(-1)?.step ?? 0,
    max_steps: 200,
    log_history: logs.map(({ step, values }) => ({ ...values, epoch: step / 100, step })),
  });

/** As transformers 5 prints them: four significant digits, behind a bar. */
const printed = (logs: readonly Logged[]): string =>
  logs
    .map(({ step, values }) => {
      const pairs = Object.entries(values).map(([key, value]) => `'${key}': '${Number(value.toPrecision(4))}'`);
      return ` 10%|█         | ${step}/200 [00:10<01:30,  1.00s/it]\r{${pairs.join(", ")}, 'epoch': '${step / 100}'}\n`;
    })
    .join("");

function folderOf(files: Readonly<Record<string, string | Buffer>>): string {
  const folder = join(tempFolder("merge"), "run");
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

async function seriesOf(folder: string): Promise<IndexedSeries[]> {
  return (await readAtOnce(folder, tempFolder("home"))).index.series();
}

const named = (series: readonly IndexedSeries[], name: string): IndexedSeries[] =>
  series.filter((s) => s.name === name);
const points = (series: IndexedSeries | undefined): [number, number][] =>
  series ? [...series.columns.steps.view()].map((step, row) => [step, series.columns.values.at(row)]) : [];
const places = (series: readonly IndexedSeries[]): string[][] =>
  series.map((s) => [s.source.path, ...[...s.alsoIn].sort()]);

const tb = "runs/Nov21_10-00-00_orchard/events.out.tfevents.1700000000.orchard.1.0";
const wandb = "wandb/offline-run-20260102_100000-pear0001/run-pear0001.wandb";

describe("one metric in several files", () => {
  it("is one curve, and the other files are named: W&B, TensorBoard, state file and stdout", async () => {
    const logs = logsOf(5, 200);
    const folder = folderOf({
      [tb]: tensorboardFile(prefixed(logs)),
      [wandb]: wandbFile(prefixed(logs)),
      "checkpoint-200/trainer_state.json": stateFile(logs),
      "train.log": printed(logs),
    });
    const series = await seriesOf(folder);
    for (const name of ["loss", "grad_norm", "lr"]) {
      const [curve, ...more] = named(series, name);
      expect(more).toEqual([]);
      expect(curve?.columns.steps.length).toBe(40);
      expect(places(curve ? [curve] : [])[0]?.sort()).toEqual(
        ["checkpoint-200/trainer_state.json", tb, "train.log", wandb].sort(),
      );
      expect(curve?.source.path).not.toMatch(/log$|json$/);
    }
    const said = JSON.parse((await runside(tempFolder("home"), ["inspect", folder, "--json"])).out) as {
      series: { name: string; source?: string; alsoIn?: string[] }[];
    };
    expect(said.series.find((s) => s.name === "loss")?.alsoIn).toHaveLength(3);
    const found = JSON.parse(
      (await runside(tempFolder("home"), ["series", folder, "loss", "--json"])).out,
    ) as unknown[];
    expect(found).toMatchObject([{ name: "loss", total: 40, alsoIn: expect.any(Array) as unknown }]);
  });

  it("stays two where the values differ, each with its file", async () => {
    const folder = folderOf({
      "a/metrics.jsonl": logsOf(5, 100).map(jsonLine).join(""),
      "b/metrics.jsonl": logsOf(5, 100)
        .map((log) => ({ ...log, values: { ...log.values, loss: log.step / 100 } }))
        .map(jsonLine)
        .join(""),
    });
    const series = await seriesOf(folder);
    expect(places(named(series, "loss"))).toEqual([["a/metrics.jsonl"], ["b/metrics.jsonl"]]);
    expect(places(named(series, "grad_norm"))).toEqual([["a/metrics.jsonl", "b/metrics.jsonl"]]);
    const text = (await runside(tempFolder("home"), ["inspect", folder])).out;
    expect(text).toMatch(/^loss +loss +20 +\S+ +a\/metrics\.jsonl\n/m);
    expect(text).toMatch(/^grad_norm .* a\/metrics\.jsonl \(also in b\/metrics\.jsonl\)$/m);
  });

  it("is no duplicate where two runs share nothing but their schedule", async () => {
    const folder = folderOf({
      "seed0/metrics.jsonl": logsOf(5, 100, 0).map(jsonLine).join(""),
      "seed1/metrics.jsonl": logsOf(5, 100, 1).map(jsonLine).join(""),
    });
    expect(places(named(await seriesOf(folder), "lr"))).toEqual([["seed0/metrics.jsonl"], ["seed1/metrics.jsonl"]]);
  });

  it("an all-zero curve is not what another rounds to", async () => {
    const folder = folderOf({
      "a.jsonl": [1, 2, 3].map((step) => `{"step": ${step}, "kl": 0}\n`).join(""),
      "b.jsonl": [1, 2, 3].map((step) => `{"step": ${step}, "kl": 0.0${step}}\n`).join(""),
    });
    expect(named(await seriesOf(folder), "kl")).toHaveLength(2);
  });

  it("a console without steps repeats the file's curve", async () => {
    const logs = logsOf(5, 200);
    const folder = folderOf({
      "metrics.jsonl": logs.map(jsonLine).join(""),
      "out.log": printed(logs).replaceAll(/^.*?\{/gm, "{"),
    });
    expect(places(named(await seriesOf(folder), "loss"))).toEqual([["metrics.jsonl", "out.log"]]);
  });

  it("begins where any of its files begins", async () => {
    const logs = logsOf(5, 200);
    const folder = folderOf({
      "metrics.jsonl": logs.slice(10).map(jsonLine).join(""),
      "checkpoint-100/trainer_state.json": stateFile(logs.slice(0, 20)),
    });
    const [loss, ...more] = named(await seriesOf(folder), "loss");
    expect(more).toEqual([]);
    expect(points(loss)).toEqual(logs.map((log) => [log.step, log.values.loss]));
  });
});

const jsonLine = ({ step, time, values }: Logged): string =>
  `${JSON.stringify({ step, timestamp: time, ...values })}\n`;

describe("a run that was resumed", () => {
  const first = logsOf(5, 140, 0);
  const second = logsOf(105, 200, 3);
  const whole = [...first.filter((log) => log.step < 105), ...second].map((log) => [
    log.step,
    Math.fround(log.values.loss ?? NaN),
  ]);

  it.each([
    ["in one folder", "events.out.tfevents.1700000000.orchard.1.0", "events.out.tfevents.1700001500.orchard.9.0"],
    [
      "in a folder for each launch",
      "runs/Nov21_10-00-00_orchard/events.out.tfevents.1700000000.orchard.1.0",
      "runs/Nov21_11-30-00_orchard/events.out.tfevents.1700001500.orchard.9.0",
    ],
  ])("is one curve, and the later file wins from its first step on: %s", async (_where, before, after) => {
    const folder = folderOf({
      [before]: tensorboardFile(prefixed(first)),
      [after]: tensorboardFile(prefixed(second)),
    });
    const [loss, ...more] = named(await seriesOf(folder), "loss");
    expect(more).toEqual([]);
    expect(points(loss)).toEqual(whole);
    expect([loss?.source.path, ...(loss?.alsoIn ?? [])]).toEqual([before, after]);
  });

  it("two launches that both begin at the beginning are two runs", async () => {
    const folder = folderOf({
      "runs/Nov21_10-00-00_orchard/events.out.tfevents.1700000000.orchard.1.0": tensorboardFile(logsOf(5, 100, 0)),
      "runs/Nov21_11-30-00_orchard/events.out.tfevents.1700001500.orchard.9.0": tensorboardFile(logsOf(5, 100, 3)),
    });
    expect(named(await seriesOf(folder), "loss")).toHaveLength(2);
  });

  it("W&B: runs of one id are joined, and followed while the later one goes on", async () => {
    const later = "wandb/run-20260102_120000-pear0001/run-pear0001.wandb";
    const folder = folderOf({ [wandb]: wandbFile(first), [later]: wandbFile(second.slice(0, 3)) });
    const target = Target.open(folder, new Home(tempFolder("home")));
    atEnd(() => target.dispose());
    target.index.follow();
    await target.index.ready();
    const before = named(target.index.series(), "loss")[0];
    expect(points(before)).toHaveLength(23);
    writeFileSync(join(folder, later), wandbFile(second));
    await eventually(() => expect(points(named(target.index.series(), "loss")[0])).toHaveLength(whole.length));
  });
});

describe("a source that knows only the time", () => {
  const gpu = (times: readonly number[]): string =>
    "timestamp, utilization.gpu [%], memory.used [MiB]\n" +
    times
      .map((time, i) => {
        const at = new Date(time * 1000).toISOString();
        return `${at.slice(0, 10).replaceAll("-", "/")} ${at.slice(11, 23)} UTC, ${40 + i} %, ${1000 + i} MiB\n`;
      })
      .join("");

  it("gets its steps through a source that has both, and follows it", async () => {
    const folder = folderOf({
      "metrics.jsonl": logsOf(5, 20).map(jsonLine).join(""),
      "gpu.csv": gpu([began, began + 75, began + 200, began + 260]),
    });
    const target = Target.open(folder, new Home(tempFolder("home")));
    atEnd(() => target.dispose());
    target.index.follow();
    await target.index.ready();
    const used = (): IndexedSeries | undefined => named(target.index.series(), "utilization.gpu [%]")[0];
    expect(used()?.axis).toBe("step");
    // Before the first step it stands at it, behind the last it waits there.
    expect(points(used())).toEqual([
      [5, 40],
      [7.5, 41],
      [20, 42],
      [20, 43],
    ]);
    appendFileSync(join(folder, "metrics.jsonl"), logsOf(25, 30).map(jsonLine).join(""));
    await eventually(() => expect(points(used()).at(-1)).toEqual([26, 43]));
  });

  it("counts seconds where nothing in the folder tells steps", async () => {
    const folder = folderOf({ "gpu.csv": gpu([began, began + 2.5]) });
    const [used] = await seriesOf(folder);
    expect([used?.axis, points(used)]).toEqual([
      "seconds",
      [
        [0, 40],
        [2.5, 41],
      ],
    ]);
  });
});
