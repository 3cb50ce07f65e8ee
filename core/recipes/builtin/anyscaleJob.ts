// Anyscale job files, as openbrowser-ai launches its training: `env_vars` and a shell line (formats/rlvr-openbrowser.md B1).
import { badConfig } from "../../base/errors";
import { isMapping, lineOfKey, numberAt, stringAt, valueAt } from "../configText";
import { factsAt } from "../facts";
import { openbrowserDefaults, openbrowserOutputs, openbrowserProgram } from "../openbrowserPrograms";
import { hasPlaceholder } from "../placeholders";
import { joined, nearestWith } from "../places";
import type { ConfigFile, Recipe } from "../recipe";
import { inputsIn, planOf } from "../trainers";

export const anyscaleJob: Recipe = {
  id: "anyscale-job",
  title: "Anyscale job",

  match: ({ doc }) => (valueAt(doc, "entrypoint") !== undefined && isMapping(valueAt(doc, "compute_config")) ? 0.9 : 0),

  plan(file, { seed }) {
    const { doc, path, text } = file;
    const entrypoint = stringAt(doc, "entrypoint");
    if (entrypoint === null || entrypoint.trim() === "") {
      throw badConfig(path, lineOfKey(text, "entrypoint"), '"entrypoint" is no command');
    }
    if (hasPlaceholder(entrypoint) || entrypoint.includes("\0")) {
      throw badConfig(
        path,
        lineOfKey(text, "entrypoint"),
        '"entrypoint" holds one of Runside\'s words in braces, which would be replaced',
      );
    }
    const env = envOf(file);
    if (seed !== null && env["RANDOM_SEED"] !== undefined) env["RANDOM_SEED"] = String(seed);
    else if (seed !== null) env["RANDOM_SEED"] = "{seed}";
    const module = moduleOf(entrypoint);
    const program = programOf(entrypoint, module);
    const cwd = (program === null ? null : nearestWith(file, [program])) ?? "";
    if (program !== null && module === null && !file.exists(joined(cwd, program))) {
      throw badConfig(path, lineOfKey(text, "entrypoint"), `it runs ${program}, which is not in this workspace`);
    }
    const outputs = openbrowserOutputs(module, env);
    const missing = program !== null && module !== null && !file.exists(joined(cwd, program));
    // Other modules may be installed on the box; these are the project's own code, which travels with the job.
    if (missing && openbrowserProgram(module) !== null) {
      throw badConfig(path, lineOfKey(text, "entrypoint"), `it runs ${program}, which is not in this workspace`);
    }
    return planOf([["sh", "-c", entrypoint]], {
      cwd,
      env: { PYTHONUNBUFFERED: "1", ...env },
      progress: {
        pattern:
          "(?:INFO - |INFO:\\w+:)\\s*(?:Epoch \\d+, )?(?:Step|Prompt) (?<step>\\d+)(?:/(?<total>\\d+))?(?: \\(prompt|:| \\[)",
        total: totalOf(env),
      },
      alsoWatch: outputs,
      inputs: inputsIn(
        file,
        cwd,
        Object.values(env).filter((value) => /^[\w.][^:\s]*\.\w+$/.test(value)),
      ),
      seed: seed ?? numberAt(doc, "env_vars.RANDOM_SEED") ?? (module?.startsWith("infra.") ? 42 : null),
      note: noteOf(doc, missing ? module : null, outputs),
    });
  },

  facts: ({ doc }) => ({
    ...openbrowserDefaults(moduleOf(stringAt(doc, "entrypoint") ?? "")),
    ...factsAt(doc, {
      seed: ["env_vars.RANDOM_SEED"],
      learningRate: ["env_vars.LEARNING_RATE", "env_vars.LR"],
      beta: ["env_vars.KL_COEFF"],
      groupSize: ["env_vars.GROUP_SIZE"],
      model: [
        "env_vars.SFT_CHECKPOINT_PATH",
        "env_vars.FLOW_LLM_SFT_CHECKPOINT",
        "env_vars.FSDFM_SFT_CHECKPOINT",
        "tags.model",
      ],
      dataset: ["env_vars.TRAIN_FILE", "env_vars.FLOW_TRAIN_FILE", "env_vars.VAL_FILE"],
    }),
  }),
};

function envOf({ doc, path, text }: ConfigFile): Record<string, string> {
  const given = valueAt(doc, "env_vars");
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(isMapping(given) ? given : {})) {
    const single = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
    if (!single || !/^[A-Za-z_]\w*$/.test(name) || hasPlaceholder(String(value)) || String(value).includes("\0")) {
      throw badConfig(
        path,
        lineOfKey(text, `env_vars.${name}`),
        `env_vars.${name} is no value that can be exported as it stands`,
      );
    }
    env[name] = String(value);
  }
  return env;
}

/** What the last part of the line runs with `python -m`. */
const moduleOf = (line: string): string | null =>
  /\bpython3?\s+(?:-\w+\s+)*?-m\s+([\w.]+)/.exec(lastPart(line))?.[1] ?? null;

const lastPart = (line: string): string => line.slice(Math.max(0, line.lastIndexOf("&&")));

/** The file behind it, as a path from the job's working folder. */
function programOf(line: string, module: string | null): string | null {
  if (module !== null) return `${module.replaceAll(".", "/")}.py`;
  return /\bpython3?\s+([\w./-]+\.py)\b/.exec(lastPart(line))?.[1]?.replace(/^\.\//, "") ?? null;
}

function totalOf(env: Readonly<Record<string, string>>): number | null {
  for (const name of ["MAX_STEPS", "EARLY_STOP_MAX_STEPS"]) {
    const value = Number(env[name] ?? "");
    if (value > 0) return value;
  }
  const samples = Number(env["MAX_TRAIN_SAMPLES"] ?? "") * Number(env["NUM_EPOCHS"] ?? "1");
  return samples > 0 && env["GROUP_SIZE"] === undefined && env["LEARNING_RATE"] === undefined ? samples : null;
}

function noteOf(doc: unknown, missing: string | null, outputs: readonly string[]): string {
  const image = stringAt(doc, "containerfile") ?? stringAt(doc, "image_uri");
  const retries = numberAt(doc, "max_retries") ?? 0;
  return [
    "Runs the job's own entrypoint as a shell line, exactly as it stands, on this box instead of Anyscale.",
    ...(image === null ? [] : [`Its image ${image} is not used: what it installs must be on the box.`]),
    ...(missing === null ? [] : [`The module ${missing} is not in this workspace.`]),
    ...(outputs.length === 0 ? [] : [`It writes to ${outputs.join(", ")}, where the next run overwrites it.`]),
    ...(retries > 0 ? ["A failed run is not tried again."] : []),
  ].join(" ");
}
