// An index that follows a folder while somebody writes in it ends with what reading all of it at once gives.
import { mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync, appendFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Home } from "../../remote-agent/disk/home";
import { Target } from "../../remote-agent/index/target";
import { seeded } from "../core/random";
import { eventually } from "../support/eventually";
import { FakeTrainer } from "../support/fakeTrainer";
import { atEnd, tempFolder } from "../support/tempFolder";
import { readAtOnce, recordsOf } from "./shown";

function world(seed = 1): { trainer: FakeTrainer; home: string; follow: () => Target } {
  const home = tempFolder("home");
  const trainer = new FakeTrainer(join(tempFolder("out"), "run"), seeded(seed));
  const follow = (): Target => {
    const target = Target.open(trainer.folder, new Home(home));
    atEnd(() => target.dispose());
    target.index.follow();
    return target;
  };
  return { trainer, home, follow };
}

async function expectSameAsFresh(target: Target, home: string): Promise<void> {
  await eventually(async () => {
    const fresh = await readAtOnce(target.id, `${home}/other`);
    expect(recordsOf(target.index)).toEqual(recordsOf(fresh.index));
  }, 6000);
}

const problems = (target: Target): string[] => target.index.diagnostics().map((d) => `${d.code} ${d.line ?? "-"}`);
const lastOf = (target: Target, name: string): number | undefined =>
  target.index.series().find((s) => s.name === name)?.columns.values.last;
const stepsOf = (target: Target, name: string): number[] => [
  ...(target.index
    .series()
    .find((s) => s.name === name)
    ?.columns.steps.view() ?? []),
];

describe("following a folder", () => {
  it.each([1, 2, 3, 4])("reads odd pieces as if they had come at once (seed %i)", async (seed) => {
    const { trainer, home, follow } = world(seed);
    const target = follow();
    const lines = Array.from({ length: 60 }, () => trainer.metrics() + "\n").join("");
    const groups = Array.from({ length: 20 }, () => (trainer.step++, trainer.group() + "\n")).join("");
    await Promise.all([
      trainer.inPieces("metrics.jsonl", lines, 2),
      trainer.inPieces("traces/rollouts.jsonl", groups, 1),
    ]);
    await expectSameAsFresh(target, home);
    expect(target.index.rolloutCount()).toBe(20);
    expect(stepsOf(target, "reward")).toHaveLength(60);
  });

  it("starts over when a file is truncated, and says so", async () => {
    const { trainer, home, follow } = world();
    trainer.lines("metrics.jsonl", 50);
    const target = follow();
    await eventually(() => expect(stepsOf(target, "reward")).toHaveLength(50));
    trainer.truncate("metrics.jsonl");
    trainer.lines("metrics.jsonl", 3);
    await eventually(() => expect(stepsOf(target, "reward")).toEqual([1, 2, 3]));
    expect(problems(target)).toContain("truncated -");
    await expectSameAsFresh(target, home);
  });

  it.each(["startAgain", "replace"] as const)("notices a file that regrew past the old offset (%s)", async (how) => {
    const { trainer, home, follow } = world();
    trainer.lines("metrics.jsonl", 200);
    const target = follow();
    await eventually(() => expect(stepsOf(target, "reward")).toHaveLength(200));
    trainer[how]("metrics.jsonl", 260);
    await eventually(() => expect(stepsOf(target, "life")).toHaveLength(260));
    expect(lastOf(target, "life")).toBe(1);
    await expectSameAsFresh(target, home);
  });

  it("notices a file that was rewritten in its own size", async () => {
    const { trainer, home, follow } = world();
    const path = trainer.path("metrics.jsonl");
    writeFileSync(path, '{"step": 1, "loss": 0.5}\n{"step": 2, "loss": 0.4}\n');
    const target = follow();
    await eventually(() => expect(lastOf(target, "loss")).toBe(0.4));
    writeFileSync(path, '{"step": 1, "loss": 0.9}\n{"step": 2, "loss": 0.8}\n');
    await eventually(() => expect(lastOf(target, "loss")).toBe(0.8));
    await expectSameAsFresh(target, home);
  });

  it("goes on behind a crash in the middle of a line", async () => {
    const { trainer, home, follow } = world(5);
    trainer.lines("metrics.jsonl", 5);
    const target = follow();
    trainer.crash("metrics.jsonl");
    await eventually(() => expect(problems(target)).toEqual(["torn-line 6"]));
    trainer.append("metrics.jsonl", "\n");
    trainer.lines("metrics.jsonl", 4);
    await eventually(() => expect(stepsOf(target, "reward")).toEqual([1, 2, 3, 4, 5, 7, 8, 9, 10]));
    expect(problems(target)).toEqual(["torn-line 6"]);
    await expectSameAsFresh(target, home);
  });

  it("counts what cannot be read and shows the rest", async () => {
    const { trainer, home, follow } = world();
    const target = follow();
    trainer.append("metrics.jsonl", '{"step": 1, "reward": 0.5, "loss": NaN}\n');
    trainer.append("metrics.jsonl", `{"step": 2, "reward": 0.6, "note": "${"x".repeat(20 << 20)}"}\n`);
    trainer.append(
      "metrics.jsonl",
      Buffer.concat([
        Buffer.from('{"step": 3, "reward": 0.7, "note": "'),
        Buffer.from([0xff, 0xfe]),
        Buffer.from('"}\n'),
      ]),
    );
    trainer.append("metrics.jsonl", "[1, 2]\nnot json\n\n");
    trainer.append("metrics.jsonl", '{"step": 4, "reward": Infinity}\n');
    await eventually(() => expect(stepsOf(target, "reward")).toEqual([1, 3, 4]));
    expect(problems(target).sort()).toEqual(["bad-utf8 3", "line-too-long 2", "not-a-record 4", "not-json 5"]);
    expect(lastOf(target, "reward")).toBe(Infinity);
    expect(lastOf(target, "loss")).toBeNaN();
    await expectSameAsFresh(target, home);
  });

  it("takes a whole last line without its newline when the writer is quiet, and takes it back if it goes on", async () => {
    const { trainer, home, follow } = world();
    trainer.append("metrics.jsonl", '{"step": 1, "loss": 0.5}\n{"step": 2, "loss": 0.4}');
    const target = follow();
    await eventually(() => expect(stepsOf(target, "loss")).toEqual([1, 2]));
    trainer.append("metrics.jsonl", '\n{"step": 3, "loss": 0.3}\nbroken\n');
    await eventually(() => expect(stepsOf(target, "loss")).toEqual([1, 2, 3]));
    expect(problems(target)).toEqual(["not-json 4"]);
    await expectSameAsFresh(target, home);
    // A brace inside the record is no end of it.
    trainer.append("metrics.jsonl", '{"step": 4, "extra": {"a": 1}');
    await new Promise((resolve) => setTimeout(resolve, 2600));
    expect(problems(target)).toContain("torn-line 5");
    trainer.append("metrics.jsonl", ', "loss": 0.2}\n');
    await eventually(() => expect(stepsOf(target, "loss")).toEqual([1, 2, 3, 4]));
    expect(problems(target)).toEqual(["not-json 4"]);
  });

  it("reads a document again when it changes, and keeps the last whole one meanwhile", async () => {
    const { trainer, home, follow } = world();
    await trainer.rewriteEval("eval_ft.json", 0.4);
    const target = follow();
    const accuracy = (): unknown =>
      target.index.evaluations()[0]?.metrics.find((m) => m.name === "action_type_accuracy")?.value;
    await eventually(() => expect(accuracy()).toBe(0.4));
    const seen = new Set<unknown>();
    const looking = setInterval(() => seen.add(accuracy()), 5);
    for (let n = 1; n <= 5; n++) await trainer.rewriteEval("eval_ft.json", 0.4 + n / 20, 60);
    await eventually(() => expect(accuracy()).toBe(0.65));
    clearInterval(looking);
    expect([...seen].every((value) => typeof value === "number")).toBe(true);
    expect(problems(target)).toEqual([]);
    await expectSameAsFresh(target, home);
  });

  it("chooses the reader again when more of a file is there", async () => {
    const { trainer, home, follow } = world();
    const target = follow();
    trainer.append("trace.jsonl", '{"ts": 0.5, "size": 1}\n');
    await eventually(() => expect(target.index.sources[0]?.reader.id).toBe("plain-jsonl"));
    trainer.startAgain("trace.jsonl", 0);
    const events = Array.from(
      { length: 5 },
      (_, i) => `{"type": "counter", "name": "metrics", "ts": ${i}, "step": ${i}, "loss": 0.5}\n`,
    );
    trainer.append("trace.jsonl", `{"type": "meta", "ts": 0.01, "run_name": "x"}\n${events.join("")}`);
    await eventually(() => expect(target.index.sources[0]?.reader.id).toBe("rlvr-trace"));
    await expectSameAsFresh(target, home);
  });

  it("forgets a file that was deleted, and finds it again", async () => {
    const { trainer, home, follow } = world();
    trainer.lines("metrics.jsonl", 10);
    const target = follow();
    await eventually(() => expect(stepsOf(target, "reward")).toHaveLength(10));
    trainer.remove("metrics.jsonl");
    await eventually(() => expect(target.index.sources).toHaveLength(0));
    trainer.startAgain("metrics.jsonl", 12);
    await eventually(() => expect(stepsOf(target, "reward")).toHaveLength(12));
    await expectSameAsFresh(target, home);
  });
});

describe("what a folder holds", () => {
  it("passes by pipes, links that lead back, and other people's loops", async () => {
    const { trainer, home } = world();
    const elsewhere = tempFolder("elsewhere");
    trainer.lines("metrics.jsonl", 3);
    execFileSync("mkfifo", [trainer.path("pipe.jsonl")]);
    symlinkSync("..", join(trainer.folder, "up"));
    symlinkSync(elsewhere, join(trainer.folder, "linked"));
    symlinkSync(elsewhere, join(trainer.folder, "linked-again"));
    symlinkSync(elsewhere, join(elsewhere, "itself"));
    symlinkSync("nowhere.jsonl", join(trainer.folder, "dangling.jsonl"));
    writeFileSync(join(elsewhere, "more.jsonl"), '{"step": 1, "loss": 1}\n');
    const target = await readAtOnce(trainer.folder, home);
    expect(target.index.sources.map((s) => s.path)).toEqual(["metrics.jsonl", "linked/more.jsonl"]);
  });

  it("finds the trace beside more screenshots than it looks through", async () => {
    const { trainer, home } = world();
    const many = join(trainer.folder, "a-screenshots");
    mkdirSync(many);
    for (let i = 0; i < 60_050; i++) writeFileSync(join(many, `${i}.png`), "");
    trainer.lines("trace.jsonl", 3);
    const target = await readAtOnce(trainer.folder, home);
    expect(target.index.sources.map((s) => s.path)).toEqual(["trace.jsonl"]);
    expect(problems(target)).toEqual(["folder-too-large -"]);
  });
});

describe("a saved index", () => {
  const line = (step: number): string =>
    `{"step": ${step}, "loss": ${(1 / step).toFixed(8)}, "pad": "${"p".repeat(900)}"}\n`;

  async function bigFile(): Promise<{ trainer: FakeTrainer; home: string; read: () => Promise<Target> }> {
    const { trainer, home } = world();
    trainer.append("metrics.jsonl", Array.from({ length: 6000 }, (_, i) => line(i + 1)).join(""));
    const read = (): Promise<Target> => readAtOnce(trainer.folder, home);
    const first = await read();
    expect(stepsOf(first, "loss")).toHaveLength(6000);
    return { trainer, home, read };
  }

  it("is resumed, and gives what reading it all gives", async () => {
    const { trainer, home, read } = await bigFile();
    trainer.append("metrics.jsonl", line(6001) + line(6002) + "oops\n" + line(6003));
    const resumed = await read();
    const fresh = await readAtOnce(trainer.folder, `${home}/other`);
    expect(recordsOf(resumed.index)).toEqual(recordsOf(fresh.index));
    expect(problems(resumed)).toEqual(["not-json 6003"]);
    expect(resumed.index.stamp()).toBe(fresh.index.stamp());
  });

  it.each(["regrown", "replaced by a copy"])("is dropped without a word when the file was %s", async (how) => {
    const { trainer, home, read } = await bigFile();
    const path = trainer.path("metrics.jsonl");
    if (how !== "regrown") rmSync(path);
    writeFileSync(path, "");
    for (let i = 0; i < 6500; i += 500) {
      appendFileSync(path, Array.from({ length: 500 }, (_, k) => line(i + k + 1).replace("0.", "7.")).join(""));
    }
    const again = await read();
    const fresh = await readAtOnce(trainer.folder, `${home}/other`);
    expect(recordsOf(again.index)).toEqual(recordsOf(fresh.index));
    expect(stepsOf(again, "loss")).toHaveLength(6500);
    expect(problems(again)).toEqual([]);
  });

  it("counts for nothing when it is damaged", async () => {
    const { home, read, trainer } = await bigFile();
    execFileSync("sh", ["-c", 'for f in "$0"/cache/*/*.index; do printf garbage > "$f"; done', home]);
    utimesSync(trainer.path("metrics.jsonl"), new Date(), new Date());
    expect(stepsOf(await read(), "loss")).toHaveLength(6000);
  });
});

describe("a log that begins long before its first metric", () => {
  it("is opened once metrics show at its end, and gives way to what goes back", async () => {
    const folder = join(tempFolder("late"), "run");
    mkdirSync(folder);
    const log = join(folder, "train.log");
    writeFileSync(log, "INFO loading one more shard of the pears\n".repeat(3000));
    const target = Target.open(folder, new Home(tempFolder("home")));
    atEnd(() => target.dispose());
    target.index.follow();
    await target.index.ready();
    expect(target.index.sources).toEqual([]);
    const said = (step: number): string =>
      `\r ${step}%|# | ${step}/100 [00:01<00:10, 1.00it/s]{'loss': ${1 / step}, 'learning_rate': 5e-05, 'epoch': ${step / 100}}\n`;
    appendFileSync(log, [1, 2, 3, 4].map(said).join(""));
    await eventually(() => expect(stepsOf(target, "loss")).toEqual([1, 2, 3, 4]), 30_000);
    appendFileSync(log, [3, 4, 5].map(said).join(""));
    await eventually(() => expect(stepsOf(target, "loss")).toEqual([1, 2, 3, 4, 5]), 30_000);
    await expectSameAsFresh(target, tempFolder("home"));
  });
});
