// A workspace that takes a while to send, launched as the command of the editor launches it.
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readManifest } from "../../remote-agent/disk/runFolder";
import { buildLaunch } from "../../src/launch/buildSpec";
import { launchOn } from "../../src/runs/launchConfig";
import type { Training } from "./training";
import type { Window, World } from "./world";

const EACH = 200_000;

export class Workspace {
  readonly folder: string;
  private readonly hands: string;
  private readonly names: string[];

  /** Holds about so many bytes that no compression makes fewer. */
  constructor(
    private readonly world: World,
    bytes: number,
  ) {
    this.folder = join(world.dir, "workspace");
    this.hands = join(world.dir, "hands", "workspace");
    mkdirSync(join(this.folder, "data"), { recursive: true });
    mkdirSync(join(this.folder, ".runside"), { recursive: true });
    const command = world.trainer(this.hands, { steps: 40, everyMs: 5 });
    const recipe = { id: "faults", match: { files: ["run.yaml"] }, command };
    // JSON is YAML.
    writeFileSync(join(this.folder, ".runside", "recipes.yaml"), JSON.stringify({ recipes: [recipe] }));
    writeFileSync(join(this.folder, "run.yaml"), "lr: 1.0e-5\n");
    this.names = Array.from({ length: Math.ceil(bytes / EACH) }, (_, n) => `data/part${n}.bin`);
    for (const name of this.names) writeFileSync(join(this.folder, name), randomBytes(EACH));
  }

  async launch(window: Window): Promise<Training> {
    const launch = await buildLaunch(this.folder, "run.yaml");
    const peer = await window.session.link.peer();
    const { id } = await launchOn({ workspace: this.folder, launch, peer, report: () => undefined });
    return this.world.trainingOf(id, this.hands);
  }

  /** Names of files that are not on the box as they are here. */
  differs(training: Training): string[] {
    const cwd = readManifest(training.folder)?.cwd ?? "";
    return this.names.filter((name) => hashOfFile(join(this.folder, name)) !== hashOfFile(join(cwd, name)));
  }
}

function hashOfFile(path: string): string {
  try {
    return createHash("sha256").update(readFileSync(path)).digest("hex");
  } catch {
    return "missing";
  }
}
