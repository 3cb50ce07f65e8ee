// The files around a run that are written once: the config's copy, who ran it, evaluations, and the episodes.

import { mkdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";

import { SCREEN_HEIGHT, SCREEN_WIDTH, stepName } from "./episode";
import type { Episode, Target } from "./episode";
import type { Evaluation } from "./evaluate";
import { JsonLines } from "./jsonl";

export function writeJson(path: string, value: unknown): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** `trainer.json`: which run this folder belongs to, as the trainer itself sees it. */
export function writeTrainerInfo(outDir: string, runName: string, configPath: string, startedAt: Date): void {
  writeJson(join(outDir, "trainer.json"), {
    run_name: runName,
    timestamp: localIso(startedAt).replaceAll(/[-:]/g, "").replace("T", "-"),
    config_path: configPath,
    results_root: dirname(outDir),
    run_dir: outDir,
    host: hostname(),
    sm_model_dir: null,
    git: {},
  });
}

/** Local time without a zone, to the second: `2031-04-05T06:07:08`. */
export function localIso(time: Date): string {
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

export function writeEvaluation(outDir: string, name: string, configPath: string, evaluation: Evaluation): void {
  const lines = new JsonLines(join(outDir, "eval", `samples_${name}.jsonl`));
  for (const sample of evaluation.samples) lines.add(sample);
  lines.close();
  writeJson(join(outDir, "eval", `eval_${name}.json`), {
    config_path: configPath,
    backend: "login-policy",
    dsl_mode: "coord",
    metrics: evaluation.metrics,
  });
}

/** One `episode_0000_login.json` per episode, beside the folder of its screenshots. */
export function writeEpisodes(outDir: string, folder: string, episodes: readonly Episode[]): void {
  for (const episode of episodes) {
    writeJson(join(outDir, folder, `${episode.id}.json`), episodeRecord(episode, folder));
  }
}

function episodeRecord(episode: Episode, folder: string): object {
  return {
    schema_version: "1.0.0",
    episode_id: episode.id,
    task_id: null,
    instruction: episode.goal,
    goal: null,
    steps: episode.targets.map((target, step) => ({
      step_index: step,
      observation: {
        screenshot_path: `${folder}/${episode.folder}/${stepName(episode, step)}.png`,
        screenshot_base64: null,
        a11y_tree: null,
        dom: null,
        window_title: null,
        app_name: null,
        url: null,
        screen_size: [SCREEN_WIDTH, SCREEN_HEIGHT],
        focused_element: null,
        timestamp: null,
        raw: null,
      },
      action: actionRecord(target),
      reasoning: REASONING[step] ?? null,
      reward: null,
      done: null,
      timestamp: step,
      duration_ms: null,
    })),
    success: true,
    final_reward: null,
    source: "synthetic",
    source_file: null,
    created_at: null,
    agent_model: null,
    environment: null,
    tags: null,
    metadata: null,
  };
}

const REASONING = [
  "Wait for the page to load.",
  "Focus the username field.",
  "Type the username.",
  "Focus the password field.",
  "Type the password.",
  "Submit the form.",
  "The welcome page is shown.",
] as const;

function actionRecord({ type, x, y, bbox, text }: Target): object {
  return {
    type,
    coordinates: null,
    start_coordinates: null,
    end_coordinates: null,
    scroll_direction: null,
    scroll_amount: null,
    text,
    key: null,
    modifiers: null,
    element: null,
    url: null,
    app_name: null,
    duration: null,
    monitor_id: null,
    window_title: null,
    normalized_coordinates: x === null || y === null ? null : [x, y],
    normalized_start: null,
    normalized_end: null,
    raw: bbox ? { bbox } : null,
  };
}
