// One per attempt, detached: starts the reaper with the training, writes status.json, carries out stop wishes.
// It holds no pipe of the training: the log is an inherited descriptor, so nothing of ours can block or break it.
import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, rmSync, watch, type FSWatcher } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isError, messageOf } from "../../core/base/errors";
import type { RunManifest, RunStatus } from "../../core/model/run";
import { identify, send, taggedWith } from "../box/processes";
import { readTextOrNull, writeAtomic, writeJson } from "../disk/atomicFile";
import { attemptFiles, endOf, readManifest } from "../disk/runFolder";
import { beforeStart, type StartGrant } from "./beforeStart";
import reaperScript from "./reaper.sh";
import { readSecrets } from "./secretsLine";

/** How long the training has to end after SIGINT, and then after SIGTERM. RUNSIDE_STOP_GRACE_MS="10000,5000" changes both. */
function graceMs(): { SIGINT: number; SIGTERM: number } {
  const [int, term] = (process.env["RUNSIDE_STOP_GRACE_MS"] ?? "").split(",").map((part) => parseInt(part, 10));
  return { SIGINT: int && int > 0 ? int : 10_000, SIGTERM: term && term > 0 ? term : 5_000 };
}

/** What still lives after SIGKILL is looked for this often: a dying process may just have forked. */
const KILL_ROUNDS = 20;
const LOOK_MS = 50;

const now = (): string => new Date().toISOString();

export function supervise(runFolder: string, attempt: number): Promise<void> {
  return new Supervisor(runFolder, attempt).run();
}

class Supervisor {
  private readonly files;
  private readonly manifest: RunManifest;
  private status: RunStatus;
  private child: ChildProcess | null = null;
  /** Set by the first wish to stop; resolves when everything of the run has ended or was killed. */
  private stopping: Promise<void> | null = null;
  private readonly stopAsked = new AbortController();
  private unsaved: NodeJS.Timeout | null = null;

  constructor(
    private readonly runFolder: string,
    private readonly number: number,
  ) {
    this.files = attemptFiles(runFolder, number);
    const manifest = readManifest(runFolder);
    if (!manifest) throw new Error(`${runFolder} holds no run.json`);
    this.manifest = manifest;
    this.status = {
      state: "starting",
      supervisor: identify(process.pid),
      startedAt: null,
      endedAt: null,
      exitCode: null,
      signal: null,
      reason: null,
      sent: [],
    };
  }

  async run(): Promise<void> {
    // Our own end must not be asked for by the terminal or session that started us.
    for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"] as const) process.on(signal, () => undefined);
    this.write({});
    const wishes = this.listenForWishes();
    try {
      this.write(await this.attempt());
    } catch (error) {
      const said = isError(error, "run/launch-failed") ? error.message : null;
      const reason = said ?? `The training could not be started: ${messageOf(error)}.`;
      this.write({ state: "failed", endedAt: now(), reason });
    } finally {
      wishes();
    }
    // A full disk may have refused the last word: nobody else knows it, so stay until it is written.
    while (this.unsaved) await sleep(LOOK_MS);
  }

  private async attempt(): Promise<Partial<RunStatus>> {
    const secrets = await readSecrets(this.manifest.secretNames);
    const granted = await beforeStart({
      runFolder: this.runFolder,
      attempt: this.number,
      manifest: this.manifest,
      signal: this.stopAsked.signal,
      waits: (reason) => this.write({ state: "queued", reason }),
    });
    if (this.wasStopped())
      return { state: "cancelled", endedAt: now(), reason: "Stopped on request, before it started." };
    const { code, signal } = await this.runReaper(secrets, granted);
    let recorded = readTextOrNull(this.files.rc);
    // The reaper alone was killed: the run lasts as long as what it watched.
    if (recorded === null) while (this.left().length > 0) await sleep(LOOK_MS * 4);
    await this.stopping;
    recorded ??= readTextOrNull(this.files.rc);
    const exitCode = recorded === null ? code : Number(recorded);
    return { ...endOf(exitCode, recorded === null ? signal : null, this.wasStopped()), endedAt: now() };
  }

  private wasStopped(): boolean {
    return this.stopping !== null;
  }

  private runReaper(
    secrets: Readonly<Record<string, string>>,
    granted: Required<StartGrant>,
  ): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    const script = join(this.runFolder, "reaper.sh");
    writeAtomic(script, reaperScript);
    const counted = this.manifest.commands.flatMap((argv) => [String(argv.length), ...argv]);
    const log = openSync(this.files.log, "a", 0o600);
    return new Promise((resolve, reject) => {
      const child = spawn("/bin/sh", [script, this.files.folder, ...counted], {
        cwd: this.manifest.cwd,
        env: { ...process.env, ...secrets, ...this.manifest.env, ...granted.env },
        stdio: ["ignore", log, log, ...granted.inherited],
        // Its own session and process group: a stop reaches all of it, and nothing else.
        detached: true,
      });
      closeSync(log);
      this.child = child;
      child.once("error", reject);
      child.once("spawn", () => this.write({ state: "running", startedAt: now(), reason: null }));
      child.once("exit", (code, signal) => resolve({ code, signal }));
    });
  }

  private listenForWishes(): () => void {
    const look = (): void => {
      if (!existsSync(this.files.stopWish)) return;
      rmSync(this.files.stopWish, { force: true });
      this.stopAsked.abort();
      this.stopping ??= this.stop();
    };
    // Change events are fast where they work; the timer is what holds on a network file system and without free watches.
    const timer = setInterval(look, 500);
    let watcher: FSWatcher | null = null;
    try {
      mkdirSync(this.files.control, { recursive: true, mode: 0o700 });
      watcher = watch(this.files.control, look);
      watcher.on("error", () => watcher?.close());
    } catch {
      watcher = null;
    }
    look();
    return () => {
      clearInterval(timer);
      watcher?.close();
    };
  }

  /** Ends when nothing of the run is left; the run's end waits for it, or workers in sessions of their own would outlive us. */
  private async stop(): Promise<void> {
    const group = this.child?.pid;
    if (group === undefined) return;
    const grace = graceMs();
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      this.sendToAll(group, signal);
      if (await this.goneWithin(grace[signal])) return;
    }
    this.write({ sent: [...this.status.sent, "SIGKILL"] });
    for (let round = 0; round < KILL_ROUNDS; round++) {
      send(-group, "SIGKILL");
      this.left().forEach((pid) => send(pid, "SIGKILL"));
      if (await this.goneWithin(LOOK_MS)) return;
    }
  }

  /** The group, and after a SIGINT that did not do whatever carries the run's marker outside it: workers follow their parent. */
  private sendToAll(group: number, signal: "SIGINT" | "SIGTERM"): void {
    this.write({ sent: [...this.status.sent, signal] });
    const others = signal === "SIGINT" ? [] : this.left();
    // The reaper is in the group and catches both, so it outlives the rest by a moment and records the exit code.
    send(-group, signal);
    for (const pid of others) if (pid !== group) send(pid, signal);
  }

  private async goneWithin(ms: number): Promise<boolean> {
    for (const end = Date.now() + ms; ;) {
      if (this.hasExited() && this.left().length === 0) return true;
      if (Date.now() >= end) return false;
      await sleep(LOOK_MS);
    }
  }

  private hasExited(): boolean {
    return this.child === null || this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Of this run: the reaper, the training, and its children wherever they went. */
  private left(): number[] {
    return taggedWith(this.manifest.id).filter((pid) => pid !== process.pid);
  }

  /** A write that fails (a full disk) must not end the supervisor: it is tried again until it is done. */
  private write(change: Partial<RunStatus>): void {
    this.status = { ...this.status, ...change };
    if (this.unsaved) clearTimeout(this.unsaved);
    this.unsaved = null;
    try {
      writeJson(this.files.status, this.status);
    } catch {
      this.unsaved = setTimeout(() => this.write({}), 500);
    }
  }
}
