// One experiment from config to files: base evaluation, SFT (unless its checkpoint is there), GRPO, evaluations.

import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

import { hasCheckpoint, loadCheckpoint, saveCheckpoint } from "./checkpoint";
import type { ExperimentConfig, GrpoConfig } from "./config";
import { createEpisode } from "./episode";
import type { Episode } from "./episode";
import { evaluatePolicy } from "./evaluate";
import { trainGrpo } from "./grpo";
import { JsonLines } from "./jsonl";
import type { EvalMetrics } from "./metrics";
import { localIso, writeEpisodes, writeEvaluation, writeTrainerInfo } from "./outputs";
import { LoginPolicy } from "./policy";
import { createRng } from "./rng";
import { ScreenStore } from "./screenStore";
import { trainSft } from "./sft";
import { DATASET, RunTrace } from "./trace";

export interface ExperimentOptions {
  readonly config: ExperimentConfig;
  /** The config as text, copied into the run folder. */
  readonly configText: string;
  readonly configPath: string;
  readonly outDir: string;
  readonly print: (line: string) => void;
  /** Set from outside to end after the step at hand. */
  readonly stop: { requested: boolean };
}

export interface ExperimentResult {
  readonly stopped: boolean;
  readonly evals: Readonly<Record<string, EvalMetrics>>;
  /** Mean reward over everything sampled, per GRPO step. */
  readonly rewards: readonly number[];
}

/** Train layouts are numbered from here, so that no two screenshots of a run share a name. */
const FIRST_TRAIN_EPISODE = 1000;
const EVAL_SCREENS = "screens_eval";
const TRAIN_SCREENS = "screens_train";

export async function runExperiment(options: ExperimentOptions): Promise<ExperimentResult> {
  const startedAt = new Date();
  const { config, outDir, print } = options;
  mkdirSync(outDir, { recursive: true });
  writeFileSync(join(outDir, "config.yaml"), options.configText);
  writeTrainerInfo(outDir, config.run.name, options.configPath, startedAt);
  print(`[runtime] run.name='${config.run.name}' seed=${config.run.seed}`);
  const experiment = new Experiment(options);
  const finished = await experiment.run();
  if (finished) print("=== Training complete ===");
  experiment.saveFinal();
  if (finished) experiment.evaluateFinal();
  print("=== Run Summary ===");
  for (const [name, metrics] of Object.entries(experiment.evals)) print(summaryLine(name, metrics));
  print(`Total time: ${((Date.now() - startedAt.getTime()) / 1000).toFixed(1)}s`);
  return { stopped: !finished, evals: experiment.evals, rewards: experiment.rewards };
}

class Experiment {
  readonly evals: Record<string, EvalMetrics> = {};
  readonly rewards: number[] = [];
  private readonly sftEpisodes: Episode[];
  private readonly grpoEpisodes: Episode[];
  private readonly evalEpisodes: Episode[];
  /** SFT's own screens appear in no rollout, so they are not worth a file. */
  private readonly sftScreens = new ScreenStore(null, TRAIN_SCREENS);
  private readonly trainScreens: ScreenStore;
  private readonly evalScreens: ScreenStore;
  private readonly policy: LoginPolicy;
  private phase: "sft" | "grpo" = "sft";
  private stepsDone = 0;

  constructor(private readonly options: ExperimentOptions) {
    const { config, outDir } = options;
    const { seed } = config.run;
    const train = Array.from({ length: config.data.trainEpisodes }, (_, i) =>
      createEpisode("train", seed, i, FIRST_TRAIN_EPISODE),
    );
    this.sftEpisodes = train.slice(0, config.sft.episodes);
    // GRPO practises on layouts SFT has not memorised; where SFT took them all, on all.
    const unseen = train.slice(config.sft.episodes);
    this.grpoEpisodes = unseen.length > 0 ? unseen : train;
    this.evalEpisodes = Array.from({ length: config.eval.episodes }, (_, i) =>
      createEpisode("eval", config.eval.seed, i),
    );
    this.trainScreens = new ScreenStore(outDir, TRAIN_SCREENS);
    this.evalScreens = new ScreenStore(outDir, EVAL_SCREENS);
    this.policy = new LoginPolicy(config.policy, createRng("init", seed));
  }

  /** False when it was stopped before the end. */
  async run(): Promise<boolean> {
    const { config, outDir } = this.options;
    this.measureMeanScreen();
    writeEpisodes(outDir, EVAL_SCREENS, this.evalEpisodes);
    this.evaluate("base");
    const start = [config.sft.start, join(outDir, "checkpoints", "sft")].find((at) => at !== null && hasCheckpoint(at));
    if (start) {
      this.options.print(`[sft] starting from ${start}`);
      loadCheckpoint(start, this.policy);
    } else if (!(await this.runSft())) {
      return false;
    }
    this.evaluate("sft");
    return config.grpo ? this.runGrpo(config.grpo) : true;
  }

  saveFinal(): void {
    const { config, outDir, print } = this.options;
    const folder = join(outDir, "checkpoints", `${config.run.name}_final`);
    print(`Saving final checkpoint to ${folder}`);
    this.save(folder);
  }

  evaluateFinal(): void {
    if (this.options.config.grpo) this.evaluate("grpo");
  }

  private async runSft(): Promise<boolean> {
    const { config, outDir, print, stop } = this.options;
    const metrics = new JsonLines(join(outDir, "sft", "metrics.jsonl"));
    const rng = createRng("sft", config.run.seed);
    for (const line of trainSft(this.policy, this.sftEpisodes, this.sftScreens, config.sft, rng)) {
      metrics.add(line);
      metrics.flush();
      this.stepsDone = line.step;
      print(`[epoch 0] optim_step=${line.step} loss=${line.loss.toFixed(4)} grad_norm=${line.grad_norm.toFixed(4)}`);
      // Lets signals in between steps.
      await new Promise(setImmediate);
      if (stop.requested) break;
    }
    metrics.close();
    // An unfinished start must not be taken for the real one by the next run in this folder.
    if (stop.requested) return false;
    this.save(join(outDir, "checkpoints", "sft"));
    return true;
  }

  private async runGrpo(grpo: GrpoConfig): Promise<boolean> {
    const { config, outDir, print, stop, configPath } = this.options;
    const { seed, name } = config.run;
    this.phase = "grpo";
    this.stepsDone = 0;
    const trace = new RunTrace(outDir, this.trainScreens);
    print(`[runtime] tracing to ${trace.path}`);
    trace.meta({
      config_file: basename(configPath),
      run_name: name,
      model_path: "checkpoints/sft",
      dataset: DATASET,
      vllm_batch_size: 0,
      prompts_per_batch: 0,
      n_completions: grpo.groupSize,
      titan_parallelism: { trainer: { dp_replicate: 1, dp_shard: 1, tp: 1 } },
      start_time: localIso(new Date()),
      // Two facts the format does not ask for, and every progress bar wants.
      max_steps: grpo.steps,
      seed,
    });
    const reference = this.policy.clone(createRng("reference"));
    const rng = createRng("grpo", seed);
    for (const step of trainGrpo(
      this.policy,
      reference,
      this.grpoEpisodes,
      this.trainScreens,
      grpo,
      rng,
      trace.timed,
    )) {
      const reward = trace.step(step);
      this.rewards.push(reward.overall);
      this.stepsDone = step.step;
      print(
        `step=${step.step} loss=${step.loss.toFixed(4)} grad_norm=${step.gradNorm.toFixed(4)} ` +
          `reward=${reward.used.toFixed(2)} reward_all=${reward.overall.toFixed(2)}`,
      );
      if (step.step % grpo.checkpointInterval === 0) {
        this.save(join(outDir, "checkpoints", `${name}_step${step.step}`));
      }
      await new Promise(setImmediate);
      if (stop.requested) break;
    }
    trace.close();
    return !stop.requested;
  }

  private evaluate(name: string): void {
    const { config, outDir, configPath, print } = this.options;
    // One stream for all three, so that they differ by the policy alone.
    const rng = createRng("eval", config.run.seed);
    const result = evaluatePolicy(this.policy, this.evalEpisodes, this.evalScreens, config.eval.temperature, rng);
    writeEvaluation(outDir, name, configPath, result);
    this.evals[name] = result.metrics;
    print(summaryLine(name, result.metrics));
  }

  private save(folder: string): void {
    const { name, seed } = this.options.config.run;
    saveCheckpoint(folder, this.policy, { run_name: name, phase: this.phase, step: this.stepsDone, seed });
  }

  /** The mean of SFT's screens, which the policy takes off its inputs. */
  private measureMeanScreen(): void {
    const mean = this.policy.meanScreen.value;
    const screens = this.sftEpisodes.flatMap((episode) =>
      episode.targets.map((_, step) => this.sftScreens.input(episode, step)),
    );
    for (const screen of screens) for (let i = 0; i < mean.length; i++) mean[i]! += screen[i]! / screens.length;
  }
}

function summaryLine(name: string, metrics: EvalMetrics): string {
  const show = (value: number | null): string => (value === null ? "N/A" : value.toFixed(4));
  return (
    `[eval ${name}] action_type_accuracy=${show(metrics.action_type_accuracy)} ` +
    `mean_coord_error=${show(metrics.mean_coord_error)} click_hit_rate=${show(metrics.click_hit_rate)} ` +
    `episode_success_rate=${show(metrics.episode_success_rate)}`
  );
}
