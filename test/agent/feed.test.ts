// What a watcher holds after any sequence of deltas is what a new watcher is told at the end.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { applyRunDelta, emptyRunState, type RunDelta, type RunState } from "../../core/model/runState";
import { Home } from "../../remote-agent/disk/home";
import { Feed } from "../../remote-agent/index/feed";
import { Target } from "../../remote-agent/index/target";
import { seeded } from "../core/random";
import { eventually } from "../support/eventually";
import { FakeTrainer, type Random } from "../support/fakeTrainer";
import { atEnd, tempFolder } from "../support/tempFolder";
import { readAtOnce, stateWords } from "./shown";

/** Holds a state by deltas alone; asks again after a gap, as the host does. */
class Watcher {
  state: RunState = emptyRunState;
  deltas: RunDelta[] = [];
  gaps = 0;
  readonly feed: Feed;

  constructor(
    readonly target: Target,
    isBusy: () => boolean = () => false,
  ) {
    this.feed = new Feed(target, (delta) => this.take(JSON.parse(JSON.stringify(delta)) as RunDelta), isBusy);
    atEnd(() => this.feed.dispose());
    this.ask(undefined);
    this.feed.start();
  }

  ask(since: string | undefined): RunDelta {
    const delta = this.feed.answer(since);
    this.take(delta);
    return delta;
  }

  private take(delta: RunDelta): void {
    const next = applyRunDelta(this.state, delta);
    if (next === "gap") {
      this.gaps++;
      this.ask(this.state.cursor ?? undefined);
      return;
    }
    this.deltas.push(delta);
    this.state = next;
  }
}

function follow(folder: string, home: string): Target {
  const target = Target.open(folder, new Home(home));
  atEnd(() => target.dispose());
  target.index.follow();
  return target;
}

async function freshState(folder: string, home: string): Promise<RunState> {
  const target = await readAtOnce(folder, home);
  const state = applyRunDelta(emptyRunState, new Feed(target, () => undefined).answer(undefined));
  if (state === "gap") throw new Error("a snapshot is no gap");
  return state;
}

const heldPoints = (state: RunState): number => Math.max(0, ...[...state.series.values()].map((s) => s.steps.length));

/** What happens to a folder in one moment. */
async function something(trainer: FakeTrainer, random: Random): Promise<void> {
  const name = random() < 0.7 ? "metrics.jsonl" : "more/values.jsonl";
  const dice = random();
  if (dice < 0.4) trainer.lines(name, 1 + Math.floor(random() * 20));
  else if (dice < 0.5) trainer.lines(name, 500 + Math.floor(random() * 2500));
  else if (dice < 0.6) trainer.lines("traces/rollouts.jsonl", 3, () => trainer.group());
  else if (dice < 0.68) await trainer.inPieces(name, `${trainer.metrics()}\n${trainer.metrics()}\n`, 3);
  else if (dice < 0.74) trainer.startAgain(name, Math.floor(random() * 3000));
  else if (dice < 0.8) trainer.replace(name, Math.floor(random() * 100));
  else if (dice < 0.84) trainer.append(name, `{"step": ${trainer.step}, "only_now": 1}\n`);
  else if (dice < 0.88) trainer.crash(name);
  else if (dice < 0.91) trainer.remove(name);
  else await trainer.rewriteEval("eval_ft.json", random(), 5);
  await sleep(random() ** 2 * 200);
}

describe("a feed", () => {
  it("brings a watcher to where a new one starts, whatever happens to the files (16 seeds)", async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 16 }, async (_, seed) => {
        const random = seeded(100 + seed);
        const home = tempFolder("home");
        const trainer = new FakeTrainer(join(tempFolder("out"), "run"), random);
        const watcher = new Watcher(follow(trainer.folder, home), () => random() < 0.2);
        let most = 0;
        for (let n = 0; n < 25; n++) {
          await something(trainer, random);
          most = Math.max(most, heldPoints(watcher.state));
          // A window that was reloaded asks with what it held.
          if (random() < 0.1) watcher.ask(watcher.state.cursor ?? undefined);
        }
        // Enough whole lines at the end, so that a newcomer recognises the format too.
        for (const name of ["metrics.jsonl", "more/values.jsonl"]) {
          trainer.append(name, "\n");
          trainer.lines(name, 8);
        }
        await eventually(async () => {
          const fresh = await freshState(trainer.folder, `${home}/other`);
          expect(stateWords(watcher.state)).toEqual(stateWords(fresh));
        }, 60_000);
        return { most: Math.max(most, heldPoints(watcher.state)), deltas: watcher.deltas.length };
      }),
    );
    expect(Math.max(...outcomes.map((o) => o.most))).toBeLessThanOrEqual(3000);
    expect(outcomes.every((o) => o.deltas > 3)).toBe(true);
  });

  it("sends appended points alone, and thins when there are too many", async () => {
    const home = tempFolder("home");
    const trainer = new FakeTrainer(tempFolder("out"), seeded(7));
    trainer.lines("metrics.jsonl", 1500);
    const watcher = new Watcher(follow(trainer.folder, home));
    const reward = () => watcher.state.series.get("metrics.jsonl#reward");
    await eventually(() => expect(reward()?.total).toBe(1500));
    trainer.lines("metrics.jsonl", 5);
    await eventually(() => expect(reward()?.total).toBe(1505));
    const last = watcher.deltas[watcher.deltas.length - 1];
    expect(last?.series?.every((s) => s.mode === "append" && s.steps.length === 5)).toBe(true);
    expect(Object.keys(last ?? {})).not.toContain("evals");
    trainer.lines("metrics.jsonl", 4000);
    await eventually(() => expect(reward()?.total).toBe(5505));
    expect(reward()?.steps.length).toBeLessThanOrEqual(2000);
    expect(reward()?.steps[0]).toBe(1);
    expect(reward()?.steps[reward()!.steps.length - 1]).toBe(5505);
    expect(watcher.gaps).toBe(0);
  });

  it("answers a cursor that is up to date with nothing, also another agent's", async () => {
    const home = tempFolder("home");
    const trainer = new FakeTrainer(tempFolder("out"), seeded(8));
    trainer.lines("metrics.jsonl", 2500);
    await trainer.rewriteEval("eval_ft.json", 0.5);
    const watcher = new Watcher(follow(trainer.folder, home));
    await eventually(() => expect(watcher.state.indexing).toBe(false));
    const cursor = watcher.state.cursor ?? "";
    expect(watcher.ask(cursor)).toEqual({ from: cursor, to: cursor });

    const other = new Watcher(follow(trainer.folder, `${home}/other`));
    await eventually(() => expect(other.state.indexing).toBe(false));
    expect(other.ask(cursor)).toEqual({ from: cursor, to: cursor });
    // It cannot know how thinly the curves were sent, so what is held never grows past the bound.
    other.state = watcher.state;
    trainer.lines("metrics.jsonl", 900);
    await eventually(() => expect(other.state.series.get("metrics.jsonl#reward")?.total).toBe(3400));
    expect(heldPoints(other.state)).toBeLessThanOrEqual(3000);
  });

  it("tells another agent's cursor from a file that was rewritten in its own size", async () => {
    const home = tempFolder("home");
    const trainer = new FakeTrainer(tempFolder("out"), seeded(9));
    trainer.append("metrics.jsonl", '{"step": 1, "loss": 0.5}\n');
    const before = await freshState(trainer.folder, home);
    trainer.truncate("metrics.jsonl");
    trainer.append("metrics.jsonl", '{"step": 1, "loss": 0.9}\n');
    const target = await readAtOnce(trainer.folder, `${home}/other`);
    const answer = new Feed(target, () => undefined).answer(before.cursor ?? undefined);
    expect(answer.from).toBeNull();
    expect(answer.series?.[0]?.values).toEqual([0.9]);
  });
});
