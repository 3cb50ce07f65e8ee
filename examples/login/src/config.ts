// Reads a config file. Anything odd in it ends the run at once, with one sentence that names the key.

import { isMap, parseDocument } from "yaml";

import type { PolicyShape } from "./policy";

export interface DataConfig {
  /** Layouts to learn from; GRPO draws its prompts from all of them. */
  readonly trainEpisodes: number;
}

export interface SftConfig {
  /** A checkpoint folder to start from instead of training one, relative to the working folder. */
  readonly start: string | null;
  /** How many of the training layouts SFT sees. */
  readonly episodes: number;
  readonly steps: number;
  readonly batchSize: number;
  readonly lr: number;
  readonly warmupSteps: number;
  readonly maxGradNorm: number;
}

export interface GrpoConfig {
  readonly steps: number;
  /** Screens per step; each gets `groupSize` completions. */
  readonly promptsPerStep: number;
  readonly groupSize: number;
  readonly updatesPerStep: number;
  readonly lr: number;
  readonly warmupSteps: number;
  /** Coefficient of the KL penalty to the SFT policy. */
  readonly beta: number;
  readonly clipEps: number;
  readonly temperature: number;
  readonly maxGradNorm: number;
  /** Steps between checkpoints. */
  readonly checkpointInterval: number;
}

export interface EvalConfig {
  readonly episodes: number;
  /** Layouts of the evaluation; they come from another stream than the training ones, whatever the number. */
  readonly seed: number;
  /** 0 takes the most likely text, 1 samples from the policy as it is. */
  readonly temperature: number;
}

export interface ExperimentConfig {
  readonly run: { readonly name: string; readonly seed: number };
  readonly data: DataConfig;
  readonly policy: PolicyShape;
  readonly sft: SftConfig;
  /** Absent for an experiment that ends with SFT. */
  readonly grpo: GrpoConfig | null;
  readonly eval: EvalConfig;
}

/** Something the user must change; its message is all they need to see. */
export class ConfigError extends Error {}

interface Range {
  readonly min: number;
  readonly max?: number;
}

/** Hands out the values of one mapping and complains about what nobody asked for. */
class Section {
  private readonly asked = new Set<string>();
  private missing: string | null = null;

  constructor(
    private readonly path: string,
    private readonly values: Readonly<Record<string, unknown>>,
  ) {}

  has(key: string): boolean {
    return this.values[key] !== undefined;
  }

  section(key: string): Section {
    const value = this.take(key, null);
    if (value === null && this.missing === key) throw new ConfigError(`${this.name(key)} is missing.`);
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new ConfigError(`${this.name(key)} must be a section with keys of its own.`);
    }
    return new Section(this.name(key), value as Record<string, unknown>);
  }

  string(key: string): string {
    const value = this.take(key, "");
    if (this.missing === key) return "";
    if (typeof value !== "string" || value === "") throw this.wrong(key, "some text", value);
    return value;
  }

  number(key: string, { min, max = Infinity }: Range): number {
    const value = this.take(key, min);
    const kind = max === Infinity ? `a number of at least ${min}` : `a number from ${min} to ${max}`;
    if (typeof value !== "number" || !(value >= min && value <= max)) throw this.wrong(key, kind, value);
    return value;
  }

  integer(key: string, { min, max = Infinity }: Range): number {
    const value = this.take(key, min);
    const kind = `a whole number ${max === Infinity ? `of at least ${min}` : `from ${min} to ${max}`}`;
    if (!Number.isSafeInteger(value) || !((value as number) >= min && (value as number) <= max)) {
      throw this.wrong(key, kind, value);
    }
    return value as number;
  }

  /** The last call: every key must have been asked for, and then all that were asked for must be there. */
  end(): void {
    this.refuseOthers([...this.asked]);
    if (this.missing !== null) throw new ConfigError(`${this.name(this.missing)} is missing.`);
  }

  refuseOthers(known: readonly string[]): void {
    const unknown = Object.keys(this.values).find((key) => !known.includes(key));
    if (unknown !== undefined) {
      throw new ConfigError(`Unknown key ${this.name(unknown)}: expected one of ${known.join(", ")}.`);
    }
  }

  /** A missing key is held back until `end`: a misspelt one beside it explains it better. */
  private take(key: string, standIn: unknown): unknown {
    this.asked.add(key);
    const value = this.values[key];
    if (value === undefined) this.missing ??= key;
    return value === undefined ? standIn : value;
  }

  private name(key: string): string {
    return this.path ? `${this.path}.${key}` : key;
  }

  private wrong(key: string, expected: string, value: unknown): ConfigError {
    return new ConfigError(`${this.name(key)} must be ${expected}, not ${JSON.stringify(value) ?? String(value)}.`);
  }
}

export function parseConfig(text: string): ExperimentConfig {
  const document = parseDocument(text);
  const problem = document.errors[0];
  if (problem) throw new ConfigError(`The config is not valid YAML: ${problem.message.split("\n")[0] ?? ""}`);
  if (!isMap(document.contents))
    throw new ConfigError("The config must be a mapping with sections such as run and sft.");
  const root = new Section("", document.toJS() as Record<string, unknown>);
  root.refuseOthers(["experiment", "run", "data", "policy", "sft", "grpo", "eval"]);
  const experiment = root.string("experiment");
  if (root.has("experiment") && experiment !== "login")
    throw new ConfigError(`experiment must be "login", not ${JSON.stringify(experiment)}.`);
  const config: ExperimentConfig = {
    run: section(root, "run", (s) => ({ name: runName(s), seed: s.integer("seed", { min: 0 }) })),
    data: section(root, "data", (s) => ({ trainEpisodes: s.integer("train_episodes", { min: 1, max: 8000 }) })),
    policy: section(root, "policy", (s) => ({
      hidden: s.integer("hidden", { min: 4, max: 1024 }),
      xBins: s.integer("x_bins", { min: 2, max: 200 }),
      yBins: s.integer("y_bins", { min: 2, max: 200 }),
    })),
    sft: section(root, "sft", (s) => ({
      start: s.has("start") ? s.string("start") : null,
      episodes: s.integer("episodes", { min: 1 }),
      steps: s.integer("steps", { min: 1 }),
      batchSize: s.integer("batch_size", { min: 1 }),
      lr: s.number("lr", { min: 0 }),
      warmupSteps: s.integer("warmup_steps", { min: 0 }),
      maxGradNorm: s.number("max_grad_norm", { min: 0 }),
    })),
    grpo: root.has("grpo") ? section(root, "grpo", grpoConfig) : null,
    eval: section(root, "eval", (s) => ({
      episodes: s.integer("episodes", { min: 1, max: 999 }),
      seed: s.integer("seed", { min: 0 }),
      temperature: s.number("temperature", { min: 0 }),
    })),
  };
  root.end();
  if (config.sft.episodes > config.data.trainEpisodes) {
    throw new ConfigError("sft.episodes must not be larger than data.train_episodes.");
  }
  return config;
}

function grpoConfig(s: Section): GrpoConfig {
  return {
    steps: s.integer("steps", { min: 1 }),
    promptsPerStep: s.integer("prompts_per_step", { min: 1 }),
    groupSize: s.integer("group_size", { min: 2 }),
    updatesPerStep: s.integer("updates_per_step", { min: 1 }),
    lr: s.number("lr", { min: 0 }),
    warmupSteps: s.integer("warmup_steps", { min: 0 }),
    beta: s.number("beta", { min: 0 }),
    clipEps: s.number("clip_eps", { min: 0, max: 1 }),
    temperature: s.number("temperature", { min: 0.01 }),
    maxGradNorm: s.number("max_grad_norm", { min: 0 }),
    checkpointInterval: s.integer("checkpoint_interval", { min: 1 }),
  };
}

function section<T>(root: Section, key: string, read: (section: Section) => T): T {
  const inner = root.section(key);
  const value = read(inner);
  inner.end();
  return value;
}

/** The name becomes part of folder names. */
function runName(run: Section): string {
  const name = run.string("name");
  if (run.has("name") && !/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) {
    throw new ConfigError(`run.name may hold letters, digits, dots, dashes and underscores only, not "${name}".`);
  }
  return name;
}

/** The config's own text with another seed in it; comments stay. */
export function withSeed(text: string, seed: number): string {
  const document = parseDocument(text);
  document.setIn(["run", "seed"], seed);
  return document.toString({ lineWidth: 0 });
}
