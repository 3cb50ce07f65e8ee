// The command line: node dist/train.mjs --config grpo.yaml --out DIR [--seed N]

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";

import { ConfigError, parseConfig, withSeed } from "./config";
import { runExperiment } from "./experiment";

const USAGE = "Usage: node dist/train.mjs --config FILE.yaml --out FOLDER [--seed NUMBER]";

async function main(): Promise<number> {
  const { configPath, outDir, seed } = readArguments();
  let configText = readConfigText(configPath);
  if (seed !== null) configText = withSeed(configText, seed);
  const config = parseConfig(configText);
  const stop = { requested: false };
  let exitCode = 0;
  const onSignal = (signal: "SIGINT" | "SIGTERM"): void => {
    stop.requested = true;
    exitCode = signal === "SIGINT" ? 130 : 143;
    console.error(`${signal}: stopping after this step.`);
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  const print = (line: string): void => console.log(line);
  const { stopped } = await runExperiment({ config, configText, configPath, outDir, print, stop });
  return stopped ? exitCode : 0;
}

function readArguments(): { configPath: string; outDir: string; seed: number | null } {
  const { values } = parseArgs({
    options: { config: { type: "string" }, out: { type: "string" }, seed: { type: "string" } },
  });
  if (values.config === undefined || values.out === undefined) throw new ConfigError(USAGE);
  if (values.seed !== undefined && !/^\d{1,9}$/.test(values.seed)) {
    throw new ConfigError(`--seed must be a whole number, not "${values.seed}".`);
  }
  const seed = values.seed === undefined ? null : Number(values.seed);
  return { configPath: values.config, outDir: resolve(values.out), seed };
}

function readConfigText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    throw new ConfigError(`The config ${path} cannot be read.`);
  }
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const known = error instanceof ConfigError || (error instanceof TypeError && "code" in error);
    console.error(known ? error.message : error);
    process.exitCode = 1;
  },
);
