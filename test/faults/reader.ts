// What somebody who looks at a run is answered: by a window that follows it over the channel, and by the command line.
import { createInterface } from "node:readline";
import { files } from "../../core/protocol/files";
import { rollouts } from "../../core/protocol/rollouts";
import { series } from "../../core/protocol/series";
import type { WireNumber } from "../../core/model/number";
import type { Peer } from "../../core/rpc/peer";
import { startGroup } from "../../scripts/processes";
import { builtAgent, runside } from "../support/builtAgent";
import { atEnd } from "../support/tempFolder";
import { compare, hashOf, logName, rolloutLine, type Account } from "./ledger";
import { compareHeld, CURVE, HeldLog, metricLines } from "./held";
import type { Training } from "./training";
import type { Window, World } from "./world";

const PIECE = 192 * 1024;
const PAGE = 200;

/** A window's views of one run: everything that was ever answered, for as long as it is open. */
export class Reader {
  /** Lines of every answer so far. */
  private readonly answered = new Set<string>();
  private readonly rolloutsRead = new Set<string>();
  /** The log as its view holds it, and the beginning of a line whose end is still to come. */
  private readonly log = new HeldLog();
  private rest = "";
  private readonly mirror;
  private catching: Promise<void> | null = null;
  private again = false;

  constructor(
    private readonly window: Window,
    private readonly training: Training,
  ) {
    const lease = window.session.hub.lease(training.id);
    this.mirror = lease.mirror;
    const listening = this.mirror.onDelta(() => this.catchUp());
    atEnd(() => {
      listening.dispose();
      lease.dispose();
    });
    this.catchUp();
  }

  /** What the view's header says of the run; null before anything is known. */
  get state(): string | null {
    return this.mirror.state.status?.state ?? null;
  }

  get reason(): string {
    return this.mirror.state.status?.reason ?? "";
  }

  get attempt(): number {
    return this.mirror.state.status?.attempt ?? 0;
  }

  /** What the view says of how a live run does; "" where all is well. */
  get health(): string {
    return this.mirror.state.status?.health?.sentence ?? "";
  }

  get isHung(): boolean {
    return this.mirror.state.status?.health?.verdict === "hung";
  }

  /** The step that the view shows. */
  get step(): number {
    return this.mirror.state.progress.step ?? 0;
  }

  /** Lines that were answered at some time. */
  has(line: string): boolean {
    return this.answered.has(line);
  }

  /** Asks until the answers are what lies on the disk, or 15 s have passed; then by the command line too. */
  async account(
    world: World,
    further: { logs?: string[]; metrics?: string[]; witnessed?: string[] } = {},
  ): Promise<Account> {
    const end = Date.now() + 15_000;
    let found = await this.compareNow(world, further);
    while (found.lost.length + found.doubled.length > 0 && Date.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 250));
      found = await this.compareNow(world, further);
    }
    return found;
  }

  private async compareNow(
    world: World,
    further: { logs?: string[]; metrics?: string[]; witnessed?: string[] },
  ): Promise<Account> {
    const peer = await this.window.session.link.peer();
    this.catchUp();
    await this.catching;
    const { lines: disk, torn } = this.training.onDisk(further);
    const live = this.training.onDisk().lines;
    const window = await this.everything(peer);
    const verbs = await this.byCommandLine(world);
    window.forEach((line) => this.answered.add(line));
    verbs.forEach((line) => this.answered.add(line));
    // What a view has gathered from one answer after the other, beside answers that are whole.
    const found = [compare(live, window), compare(live, verbs), compareHeld(live, this.mirror.state, this.log)];
    const missing = [...disk, ...(further.witnessed ?? [])].filter((line) => !this.answered.has(line));
    const there = new Set(disk);
    const gone = this.training.journal().filter((line) => !there.has(line) && !this.answered.has(line));
    return {
      lost: [...new Set([...found.flatMap(({ lost }) => lost), ...missing])],
      doubled: [...new Set(found.flatMap(({ doubled }) => doubled))],
      destroyed: [...new Set([...gone, ...torn])],
      hash: hashOf(disk),
      lines: disk.length,
    };
  }

  /** Every answer of a window that opens now: whole log, whole curve, all rollouts. */
  private async everything(peer: Peer): Promise<string[]> {
    const target = this.training.id;
    const log: string[] = [];
    let rest = "";
    for (let after = 0; ;) {
      const piece = await peer.request(files.log, { target, after, maxBytes: PIECE });
      const parts = (rest + piece.text).split("\n");
      rest = parts.pop() ?? "";
      log.push(...parts.map(logName));
      if (piece.end >= piece.size || piece.end === after) break;
      after = piece.end;
    }
    const curve = await peer.request(series.read, { target, names: [CURVE], points: 1e9 });
    const groups: string[] = [];
    for (let offset = 0; ; offset += PAGE) {
      const page = await peer.request(rollouts.page, { target, offset, limit: PAGE, sort: "oldest" });
      for (const { id } of page.rows) {
        const { header, samples } = await peer.request(rollouts.read, { target, id });
        groups.push(
          rolloutLine(
            header.promptId ?? "",
            header.step,
            samples.map((s) => s.text),
          ),
        );
      }
      if (offset + PAGE >= page.total) break;
    }
    return [...log, ...curve.series.flatMap(metricLines), ...groups];
  }

  /** The same from the disk by a process of its own, as somebody in tmux asks. */
  private async byCommandLine(world: World): Promise<string[]> {
    const { id } = this.training;
    const verb = async (...args: string[]): Promise<string> => (await runside(world.store, args)).out;
    const [log, curve, page] = [
      await printedLog(world, id),
      await verb("series", id, "reward", "--points", "1000000", "--json"),
      await verb("rollouts", id, "--limit", "1000000", "--sort", "oldest", "--json"),
    ];
    const curves = (curve === "" ? [] : JSON.parse(curve)) as {
      source: string;
      steps: WireNumber[];
      values: WireNumber[];
    }[];
    const { rows } = (page === "" ? { rows: [] } : JSON.parse(page)) as { rows: { promptId: string; step: number }[] };
    const groups = new Map(this.training.groups().map((group) => [group.key, group.line]));
    return [
      ...log,
      ...curves.filter(({ source }) => source === "metrics.jsonl").flatMap(metricLines),
      // Pages hold no texts: the window's answers are compared by those.
      ...rows.map(({ promptId, step }) => groups.get(`${promptId} at ${step}`) ?? `rollout ${promptId} at ${step}`),
    ];
  }

  /** As the log view does: what is new since the last answer; from the start where the file has become shorter. */
  private catchUp(): void {
    this.again = true;
    this.catching ??= this.follow().finally(() => (this.catching = null));
  }

  private async follow(): Promise<void> {
    while (this.again) {
      this.again = false;
      const { state } = this.mirror;
      const curve = state.series.get(CURVE);
      if (curve) metricLines(curve).forEach((line) => this.answered.add(line));
      const peer = this.window.session.link.current;
      if (!peer) return;
      try {
        await this.followLog(peer, state.logSize);
        if (state.counts.rollouts > 0) await this.newestRollouts(peer);
      } catch {
        // The link went; the next delta asks again.
        return;
      }
    }
  }

  /** As the rollout list does: the newest page, and what is not held of it yet. */
  private async newestRollouts(peer: Peer): Promise<void> {
    const target = this.training.id;
    const page = await peer.request(rollouts.page, { target, offset: 0, limit: 50, sort: "newest" });
    for (const { id, step, promptId } of page.rows) {
      const name = `${promptId} at ${step}`;
      if (this.rolloutsRead.has(name)) continue;
      const { samples } = await peer.request(rollouts.read, { target, id });
      this.rolloutsRead.add(name);
      this.answered.add(
        rolloutLine(
          promptId ?? "",
          step,
          samples.map((s) => s.text),
        ),
      );
    }
  }

  private async followLog(peer: Peer, size: number): Promise<void> {
    if (size < this.log.end) this.restartLog();
    while (this.log.end < size) {
      const { after, end } = this.log;
      const piece = await peer.request(files.log, { target: this.training.id, after, maxBytes: PIECE });
      if (!this.log.take(piece)) return this.restartLog();
      if (piece.end <= end) return;
      // What is asked for again begins at a line.
      const parts = ((after === end ? this.rest : "") + piece.text).split("\n");
      this.rest = parts.pop() ?? "";
      parts.forEach((line) => this.answered.add(logName(line)));
    }
  }

  private restartLog(): void {
    this.log.restart();
    this.rest = "";
    this.again = true;
  }
}

/** Line by line: a log may be larger than what is well held at once. */
async function printedLog(world: World, id: string): Promise<string[]> {
  const verb = startGroup(process.execPath, [await builtAgent(), "logs", id], {
    env: { ...process.env, RUNSIDE_HOME: world.store },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const lines: string[] = [];
  if (verb.stdout) for await (const line of createInterface(verb.stdout)) lines.push(logName(line));
  return lines;
}
