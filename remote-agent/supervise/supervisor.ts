// One per attempt, detached: starts the reaper with the training, writes status.json, carries out stop wishes.
// It holds no pipe of the training: the log is an inherited descriptor, so nothing of ours can block or break it.
import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, rmSync, watch, type FSWatcher } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Duplex } from "node:stream";
import { isError, messageOf } from "../../core/base/errors";
import type { RunManifest, RunStatus, Stopping } from "../../core/model/run";
import { leaveGroup, ownScope, startInside } from "../box/controlGroup";
import { identify } from "../box/processes";
import { RunProcesses } from "../box/runProcesses";
import { writeAtomic, writeJson } from "../disk/atomicFile";
import { makeReserve, useReserve } from "../disk/reserve";
import { attemptFiles, endOf, manifestOf, readExitCode, readManifest } from "../disk/runFolder";
import { beforeStart, type StartGrant } from "./beforeStart";
import { MemoryKills } from "./memoryKills";
import reaperScript from "./reaper.sh";
import { readSecrets } from "./secretsLine";
import { answerSetup, hasSetup } from "./setupRecord";
import { LOOK_MS, stopEverything } from "./stop";
import { UsageWatch } from "./usage";

const unstoppableWords = (left: Stopping["left"]): string =>
  `Stopped on request, but not even SIGKILL ended ${left.map(({ pid, name }) => `${name} (${pid})`).join(", ")}.`;

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
  /** Where systemd-run gave us a scope, and in it the training's own group; null elsewhere. */
  private readonly scope = ownScope();
  private controlGroup: string | null = null;
  /** Knows what it saw: asked from the start of the training on. */
  private processes: RunProcesses | null = null;
  private unstoppable: Stopping["left"] = [];
  private unsaved: NodeJS.Timeout | null = null;

  constructor(
    private readonly runFolder: string,
    private readonly number: number,
  ) {
    this.files = attemptFiles(runFolder, number);
    const manifest = readManifest(runFolder);
    if (!manifest) throw new Error(`${runFolder} holds no run.json`);
    this.manifest = manifestOf(manifest, runFolder, number);
    this.status = {
      state: "starting",
      supervisor: identify(process.pid),
      startedAt: null,
      endedAt: null,
      exitCode: null,
      signal: null,
      reason: null,
      sent: [],
      stopping: null,
      usage: null,
    };
    // Loaded by now, and of no use to anybody else.
    rmSync(this.files.program, { force: true });
    makeReserve(this.files.reserve);
    makeReserve(this.files.rcReserve);
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
      this.write({ state: "failed", endedAt: now(), reason, queue: null });
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
      waits: (reason, queue) => {
        if (reason !== this.status.reason) this.write({ state: "queued", reason, queue });
      },
    });
    if (this.wasStopped())
      return { state: "cancelled", queue: null, endedAt: now(), reason: "Stopped on request, before it started." };
    const kills = new MemoryKills(this.scope);
    const usage = new UsageWatch(() => {
      kills.look();
      return this.processes?.now() ?? [];
    });
    const { code, signal } = await this.runReaper(secrets, granted);
    let recorded = readExitCode(this.files);
    // The reaper alone was killed: the run lasts as long as what it watched.
    if (recorded === null) while (this.processes && this.processes.now().length > 0) await sleep(LOOK_MS * 4);
    await this.stopping;
    recorded ??= readExitCode(this.files);
    const end = endOf(recorded ?? code, recorded === null ? signal : null, this.wasStopped());
    const reason = kills.reasonOf(end);
    // A worker that outlives the training keeps its GPU and its place in the queue: whoever looks must be able to end it.
    const left = this.processes?.named() ?? [];
    if (this.controlGroup !== null) leaveGroup(this.controlGroup);
    return {
      ...end,
      ...(left.length > 0 ? { left } : {}),
      reason: this.unstoppable.length > 0 ? unstoppableWords(this.unstoppable) : reason,
      stopping: null,
      usage: usage.end(this.files.times),
      endedAt: now(),
    };
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
    // Without it a changed process title may overwrite the environment that names the run.
    const before = { SPT_NOENV: "1", ...process.env, ...secrets, ...this.manifest.env, ...granted.env };
    const stdio: (number | "ignore" | "pipe")[] = ["ignore", log, log, ...granted.inherited];
    const socketAt = hasSetup(this.manifest) ? stdio.push("pipe") - 1 : null;
    return new Promise((resolve, reject) => {
      const { started: child, group } = startInside(this.scope, this.manifest.id, () =>
        spawn("/bin/sh", [script, this.files.folder, ...counted], {
          cwd: this.manifest.cwd,
          env: socketAt === null ? before : { ...before, RUNSIDE_SETUP_FD: String(socketAt) },
          stdio,
          // Its own session and process group: a stop reaches all of it, and nothing else.
          detached: true,
        }),
      );
      closeSync(log);
      this.child = child;
      this.controlGroup = group;
      this.processes = new RunProcesses(this.manifest.id, {
        group: child.pid ?? null,
        controlGroup: group,
        since: child.pid === undefined ? 0 : Number(identify(child.pid).start),
      });
      const socket = socketAt === null ? null : (child.stdio[socketAt] as Duplex | null);
      if (socket) {
        const { runFolder, number: attempt, manifest } = this;
        answerSetup(socket, { runFolder, attempt, manifest, before, gpus: granted.gpus });
        child.once("exit", () => socket.destroy());
      }
      child.once("error", reject);
      child.once("spawn", () =>
        this.write({ state: "running", startedAt: now(), reason: null, queue: null, gpus: [...granted.gpus] }),
      );
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
    if (group === undefined || !this.processes) return;
    this.unstoppable = await stopEverything({
      processes: this.processes,
      group,
      controlGroup: this.controlGroup,
      hasEnded: () => this.hasExited(),
      tell: (sent, stopping) => this.write({ sent: [...sent], stopping }),
    });
  }

  private hasExited(): boolean {
    return this.child === null || this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** A write that fails (a full disk) must not end the supervisor: it is tried again until it is done. */
  private write(change: Partial<RunStatus>): void {
    this.status = { ...this.status, ...change };
    if (this.unsaved) clearTimeout(this.unsaved);
    this.unsaved = null;
    try {
      writeJson(this.files.status, this.status);
    } catch {
      // Read in its place until the disk has room again.
      if (this.status.endedAt !== null) useReserve(this.files.reserve, JSON.stringify(this.status));
      this.unsaved = setTimeout(() => this.write({}), 500);
    }
  }
}
