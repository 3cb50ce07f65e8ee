// Checkpoints: a folder with the weights as little-endian float32 and a config.json that says what they are.

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { ConfigError } from "./config";
import type { LoginPolicy, PolicyShape } from "./policy";

interface CheckpointInfo {
  readonly model_type: "login-policy";
  readonly run_name: string;
  readonly phase: "sft" | "grpo";
  readonly step: number;
  readonly seed: number;
  readonly shape: PolicyShape;
  readonly parameters: readonly { readonly name: string; readonly size: number }[];
}

/** Written beside its place and moved there, so that a checkpoint folder is always whole. */
export function saveCheckpoint(
  folder: string,
  policy: LoginPolicy,
  about: Pick<CheckpointInfo, "run_name" | "phase" | "step" | "seed">,
): void {
  const draft = `${folder}.part`;
  mkdirSync(draft, { recursive: true });
  const info: CheckpointInfo = {
    model_type: "login-policy",
    ...about,
    shape: policy.shape,
    parameters: policy.saved.map(({ name, size }) => ({ name, size })),
  };
  const arrays = policy.saved.map(({ value }) => Buffer.from(value.buffer, value.byteOffset, value.byteLength));
  writeFileSync(join(draft, "weights.bin"), Buffer.concat(arrays));
  writeFileSync(join(draft, "config.json"), `${JSON.stringify(info, null, 2)}\n`);
  rmSync(folder, { recursive: true, force: true });
  renameSync(draft, folder);
}

export function hasCheckpoint(folder: string): boolean {
  return existsSync(join(folder, "config.json"));
}

/** Fills a policy of the same shape with a checkpoint's weights. */
export function loadCheckpoint(folder: string, policy: LoginPolicy): void {
  const info = JSON.parse(readFileSync(join(folder, "config.json"), "utf8")) as CheckpointInfo;
  const wanted = JSON.stringify(policy.saved.map(({ name, size }) => ({ name, size })));
  if (JSON.stringify(info.parameters) !== wanted) {
    throw new ConfigError(
      `The checkpoint ${folder} holds a policy of another shape than the policy section describes.`,
    );
  }
  const bytes = readFileSync(join(folder, "weights.bin"));
  let offset = 0;
  for (const { value } of policy.saved) {
    for (let i = 0; i < value.length; i++) value[i] = bytes.readFloatLE(offset + 4 * i);
    offset += 4 * value.length;
  }
}
