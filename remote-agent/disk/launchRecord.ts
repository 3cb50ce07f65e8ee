// What a run needs to be launched again: launch.json, the launch as it was asked for but for its secrets, and patch.diff. Both
// are written once, before the run starts, and are readable by their owner alone.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { launchSpecSchema, type LaunchSpec } from "../../core/model/run";
import { readJson, writeAtomic, writeJson } from "./atomicFile";

const files = (runFolder: string): { spec: string; patch: string } => ({
  spec: join(runFolder, "launch.json"),
  patch: join(runFolder, "patch.diff"),
});

export function writeSpec(runFolder: string, { patch = null, ...spec }: LaunchSpec): void {
  writeJson(files(runFolder).spec, { ...spec, secrets: {} });
  if (patch !== null) writeAtomic(files(runFolder).patch, Buffer.from(patch, "base64"));
}

export function readSpec(runFolder: string): LaunchSpec | null {
  const spec = readJson(files(runFolder).spec, launchSpecSchema);
  const { patch } = files(runFolder);
  return spec && { ...spec, patch: existsSync(patch) ? readFileSync(patch, "base64") : null };
}
