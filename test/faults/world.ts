// What a fault happens to: a box behind a real sshd and a cable, windows made as the extension makes its own, and runs.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MemoryLogger } from "../../core/base/logger";
import type { LaunchSpec } from "../../core/model/run";
import { runs } from "../../core/protocol/runs";
import { projectRoot } from "../../scripts/folders";
import { clientConfig, knownHostsLine } from "../../scripts/sshFiles";
import { createApp } from "../../src/app";
import type { BoxSession } from "../../src/runs/boxes";
import { unattended } from "../../src/unattended";
import { defaultSettings, type Settings } from "../../src/settings";
import { builtAgent } from "../support/builtAgent";
import { endRuns, nextId, specOf } from "../support/runsOfAgent";
import { startSshd, type Sshd } from "../support/sshd";
import { atEnd, tempFolder } from "../support/tempFolder";
import { layCable, type Cable } from "./cable";
import { Training, type TrainerOptions } from "./training";

export type Way = Settings["transport"];

export interface WorldOptions {
  /** The transport of every window; our own SSH unless told. */
  way?: Way;
  /** Lines of sh before every command on the box, such as `export NAME=value`. */
  login?: readonly string[];
  /** The run store on the box, where it is not to lie in the box's home. */
  store?: string;
}

export interface Window {
  session: BoxSession;
  log: MemoryLogger;
  close(): Promise<void>;
}

export class World {
  private constructor(
    readonly dir: string,
    readonly sshd: Sshd,
    readonly cable: Cable,
    /** RUNSIDE_HOME on the box. */
    readonly store: string,
    private readonly way: Way,
    private readonly product: string,
  ) {}

  static async make(options: WorldOptions = {}): Promise<World> {
    const dir = tempFolder("fault");
    const store = options.store ?? join(dir, "home", ".runside");
    const login = [
      `export RUNSIDE_HOME='${store}' RUNSIDE_STOP_GRACE_MS=1000,1000 RUNSIDE_MIN_FREE=0`,
      ...(options.login ?? []),
    ];
    const sshd = await startSshd({ dir, login });
    atEnd(() => sshd.stop());
    const cable = await layCable(sshd.port);
    atEnd(() => cable.close());
    atEnd(() => endRuns(store));
    const { user, identityFile, hostKeyPub } = sshd;
    const knownHosts = join(dir, "known_hosts_cable");
    writeFileSync(knownHosts, `${knownHostsLine("127.0.0.1", cable.port, hostKeyPub)}\n`);
    writeFileSync(
      join(dir, "cable_config"),
      clientConfig({ alias: "box", port: cable.port, user, identityFile, knownHosts }),
    );
    const product = join(dir, "product");
    mkdirSync(join(product, "dist"), { recursive: true });
    copyFileSync(await builtAgent(), join(product, "dist", "agent.js"));
    return new World(dir, sshd, cable, store, options.way ?? "ssh2", product);
  }

  /** Not connected yet. */
  window(): Window {
    const log = new MemoryLogger();
    const app = createApp(
      unattended({
        extensionFolder: this.product,
        cacheFolder: join(this.dir, "cache"),
        settings: () => ({
          ...defaultSettings,
          transport: this.way,
          "ssh.configFile": join(this.dir, "cable_config"),
          "local.enabled": false,
        }),
        logger: log,
      }),
    );
    const session = app.boxes.open("box");
    let open = true;
    const close = async (): Promise<void> => {
      if (open) await app.close();
      open = false;
    };
    atEnd(close);
    return { session, log, close };
  }

  async connected(): Promise<Window> {
    const window = this.window();
    await window.session.link.peer();
    return window;
  }

  /** A run that is about to be launched: its spec, and its training's hands. */
  training(options: TrainerOptions = {}, more: Partial<LaunchSpec> = {}): Training {
    const id = nextId();
    const hands = join(this.dir, "hands", id);
    const spec = specOf(this.sshd.home, [this.trainer(hands, options)], {
      id,
      progress: { pattern: "^step (?<step>\\d+)", total: null },
      ...more,
    });
    return new Training(spec, join(this.store, "runs", id), hands, options);
  }

  /** The command of a training that is directed through the folder `hands`. */
  trainer(hands: string, { node = [], ...rest }: TrainerOptions): string[] {
    mkdirSync(hands, { recursive: true });
    writeFileSync(join(hands, "options.json"), JSON.stringify(rest));
    return [process.execPath, ...node, join(projectRoot, "test/faults/trainer.mjs"), hands];
  }

  /** A training whose run was made by somebody else. */
  trainingOf(id: string, hands: string): Training {
    return new Training(specOf(this.sshd.home, [["true"]], { id }), join(this.store, "runs", id), hands, {});
  }

  async launched(window: Window, options: TrainerOptions = {}, more: Partial<LaunchSpec> = {}): Promise<Training> {
    const training = this.training(options, more);
    await this.start(window, training);
    return training;
  }

  async start(window: Window, training: Training): Promise<void> {
    const peer = await window.session.link.peer();
    const outcome = await peer.request(runs.launch, training.spec);
    if (outcome.outcome !== "started") throw new Error(JSON.stringify(outcome));
  }

  /** Pid of the agent that serves a window of this box. */
  agentPids(): number[] {
    return this.processes("serve --token");
  }

  /** Of this box: whose command line or environment names its store. */
  processes(words: string): number[] {
    const found: number[] = [];
    for (const pid of listPids()) {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ");
        if (!line.includes(words)) continue;
        if (line.includes(this.store) || readFileSync(`/proc/${pid}/environ`, "latin1").includes(this.store))
          found.push(pid);
      } catch {
        continue;
      }
    }
    return found;
  }
}

function listPids(): number[] {
  if (!existsSync("/proc")) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}
