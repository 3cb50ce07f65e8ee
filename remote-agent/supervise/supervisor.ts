// One per attempt, detached: starts the reaper with the training, writes status.json, carries out stop wishes.
// It holds no pipe of the training: the log is an inherited descriptor, so nothing of ours can block or break it.
import { spawn, type ChildProcess } from "node:child_process";
import { accessSync, closeSync, constants, mkdirSync, openSync, readdirSync, rmSync, statSync, watch } from "node:fs";
import { constants as os } from "node:os";
import { delimiter, isAbsolute, join } from "node:path";
import { messageOf } from "../../core/base/errors";
import type { RunManifest, RunStatus } from "../../core/model/run";
import { identify, send, taggedWith } from "../box/processes";
import { readTextOrNull, writeAtomic, writeJson } from "../disk/atomicFile";
import { attemptFiles, readManifest } from "../disk/runFolder";
import reaperScript from "./reaper.sh";

/** After SIGINT, and after SIGTERM, before the next, stronger signal. */
const GRACE_MS = { SIGINT: 10_000, SIGTERM: 5_000 } as const;

const now = (): string => new Date().toISOString();

export function supervise(runFolder: string, attempt: number): Promise<void> {
  return new Supervisor(runFolder, attempt).run();
}

class Supervisor {
  private readonly files;
  private readonly manifest: RunManifest;
  private status: RunStatus;
  private child: ChildProcess | null = null;
  private stopping = false;

  constructor(
    private readonly runFolder: string,
    attempt: number,
  ) {
    this.files = attemptFiles(runFolder, attempt);
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
    const missing = this.whatIsMissing();
    if (missing) {
      this.write({ state: "failed", endedAt: now(), reason: missing });
      return;
    }
    const wishes = this.listenForWishes();
    try {
      const { code, signal } = await this.runReaper();
      this.finish(code, signal);
    } catch (error) {
      this.write({
        state: "failed",
        endedAt: now(),
        reason: `The training could not be started: ${messageOf(error)}.`,
      });
    } finally {
      wishes();
    }
  }

  private runReaper(): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    const script = join(this.runFolder, "reaper.sh");
    writeAtomic(script, reaperScript);
    const counted = this.manifest.commands.flatMap((argv) => [String(argv.length), ...argv]);
    const log = openSync(this.files.log, "a", 0o600);
    return new Promise((resolve, reject) => {
      const child = spawn("/bin/sh", [script, this.files.folder, ...counted], {
        cwd: this.manifest.cwd,
        env: { ...process.env, ...this.manifest.env },
        stdio: ["ignore", log, log],
        // Its own session and process group: a stop reaches all of it, and nothing else.
        detached: true,
      });
      closeSync(log);
      this.child = child;
      child.once("error", reject);
      child.once("spawn", () => this.write({ state: "running", startedAt: now() }));
      child.once("exit", (code, signal) => resolve({ code, signal }));
    });
  }

  private finish(code: number | null, signal: NodeJS.Signals | null): void {
    const recorded = readTextOrNull(this.files.rc);
    const exitCode = recorded === null ? code : Number(recorded);
    const killedBy = signal ?? signalOf(exitCode);
    const ended = { endedAt: now(), exitCode, signal: killedBy };
    if (this.stopping) this.write({ ...ended, state: "cancelled", reason: "Stopped on request." });
    else if (exitCode === 0) this.write({ ...ended, state: "succeeded" });
    else {
      const how = killedBy ? `ended by ${killedBy}` : `exited with code ${exitCode ?? "unknown"}`;
      this.write({ ...ended, state: "failed", reason: `The training ${how}; the log's last lines say why.` });
    }
  }

  private listenForWishes(): () => void {
    mkdirSync(this.files.control, { recursive: true, mode: 0o700 });
    const look = (): void => {
      if (!readdirSync(this.files.control).includes("stop") || this.stopping) return;
      this.stopping = true;
      rmSync(join(this.files.control, "stop"), { force: true });
      void this.stop();
    };
    // Change events are fast where they work; the timer is what holds on a network file system.
    const timer = setInterval(look, 500);
    const watcher = watch(this.files.control, look);
    watcher.on("error", () => watcher.close());
    look();
    return () => {
      clearInterval(timer);
      watcher.close();
    };
  }

  private async stop(): Promise<void> {
    const group = this.child?.pid;
    if (group === undefined) return;
    this.sendToAll(group, "SIGINT");
    if (await this.goneWithin(group, GRACE_MS.SIGINT)) return;
    this.sendToAll(group, "SIGTERM");
    if (await this.goneWithin(group, GRACE_MS.SIGTERM)) return;
    this.sendToAll(group, "SIGKILL");
  }

  /** The group, and whatever carries the run's marker outside it. SIGINT goes to the group alone: workers follow their parent. */
  private sendToAll(group: number, signal: "SIGINT" | "SIGTERM" | "SIGKILL"): void {
    this.write({ sent: [...this.status.sent, signal] });
    const others = signal === "SIGINT" ? [] : taggedWith(this.manifest.id).filter((pid) => pid !== process.pid);
    // The reaper outlives the rest by a moment, so that the exit code is recorded: it is in the group and catches INT and TERM.
    send(-group, signal);
    for (const pid of others) if (pid !== group) send(pid, signal);
  }

  private async goneWithin(group: number, ms: number): Promise<boolean> {
    const end = Date.now() + ms;
    while (Date.now() < end) {
      if (this.status.endedAt !== null) return true;
      const left = taggedWith(this.manifest.id).filter((pid) => pid !== process.pid && pid !== group);
      if (this.child?.exitCode !== null && left.length === 0) return true;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return this.status.endedAt !== null;
  }

  private write(change: Partial<RunStatus>): void {
    this.status = { ...this.status, ...change };
    writeJson(this.files.status, this.status);
  }

  /** A sentence, or null. Found before the start, so that the view says which program it was. */
  private whatIsMissing(): string | null {
    const { cwd } = this.manifest;
    if (!isFolder(cwd)) return `The folder ${cwd}, in which the run should start, does not exist on this box.`;
    const path = this.manifest.env["PATH"] ?? process.env["PATH"] ?? "";
    for (const [program = ""] of this.manifest.commands) {
      if (findProgram(program, path, cwd)) continue;
      return `The program "${program}" was not found on this box: install it, or put its folder on PATH (looked in ${path}).`;
    }
    return null;
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function findProgram(program: string, path: string, cwd: string): boolean {
  const places = program.includes("/")
    ? [isAbsolute(program) ? program : join(cwd, program)]
    : path.split(delimiter).map((folder) => join(folder, program));
  return places.some((place) => {
    try {
      accessSync(place, constants.X_OK);
      return statSync(place).isFile();
    } catch {
      return false;
    }
  });
}

/** A shell reports a child that died of signal n as 128 + n. */
function signalOf(exitCode: number | null): NodeJS.Signals | null {
  if (exitCode === null || exitCode <= 128) return null;
  const found = Object.entries(os.signals).find(([, number]) => number === exitCode - 128);
  return (found?.[0] as NodeJS.Signals | undefined) ?? null;
}
