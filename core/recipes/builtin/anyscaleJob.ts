// Anyscale job files, as openbrowser-ai launches its training: `env_vars` and a shell line (formats/rlvr-openbrowser.md B1).
import { badConfig } from "../../base/errors";
import { isMapping, lineOfKey, numberAt, stringAt, valueAt } from "../configText";
import { factsAt } from "../facts";
import {
  drawsBar,
  evaluates,
  openbrowserDefaults,
  openbrowserLeaves,
  openbrowserOutputs,
  openbrowserProgram,
  openbrowserSteps,
} from "../openbrowserPrograms";
import { joined, nearestWith } from "../places";
import type { ConfigFile, Recipe } from "../recipe";
import { inputsIn, planOf, trainerBar } from "../trainers";

/** The lines of its trainers and evaluations, behind either of their two prefixes. */
const loggedSteps =
  "(?:INFO - |INFO:\\w+:)\\s*(?:Epoch \\d+, )?(?:Step|Prompt) (?<step>\\d+)(?:/(?<total>\\d+))?(?: \\(prompt|:| \\[)";

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
    if (entrypoint.includes("\0")) {
      throw badConfig(path, lineOfKey(text, "entrypoint"), '"entrypoint" holds a zero byte, which no command can');
    }
    const env = envOf(file);
    if (seed !== null) env["RANDOM_SEED"] = String(seed);
    const program = programOf(entrypoint);
    const name = openbrowserProgram(program?.module ?? null);
    const cwd = (program === null ? null : nearestWith(file, [program.file])) ?? "";
    const outputs = openbrowserOutputs(name, env);
    const missing = program !== null && !file.exists(joined(cwd, program.file));
    // Other modules may be installed on the box; these are the project's own code, which travels with the job.
    if (missing && (!program.named || name !== null)) {
      throw badConfig(path, lineOfKey(text, "entrypoint"), `it runs ${program.file}, which is not in this workspace`);
    }
    return planOf([["sh", "-c", entrypoint]], {
      cwd,
      env: { PYTHONUNBUFFERED: "1", ...env },
      // The shell and the job's own programs have braces too.
      literal: true,
      progress: { pattern: drawsBar(name) ? trainerBar : loggedSteps, total: openbrowserSteps(name, env) },
      alsoWatch: outputs,
      expects: openbrowserLeaves(name),
      inputs: inputsIn(
        file,
        cwd,
        Object.values(env).filter((value) => /^[\w.][^:\s]*\.\w+$/.test(value)),
      ),
      seed: seed ?? numberAt(doc, "env_vars.RANDOM_SEED") ?? (program?.module.startsWith("infra.") ? 42 : null),
      note: noteOf(doc, missing ? program.module : null, outputs),
    });
  },

  facts({ doc }) {
    const name = openbrowserProgram(programOf(stringAt(doc, "entrypoint") ?? "")?.module ?? null);
    return {
      ...openbrowserDefaults(name),
      ...factsAt(doc, {
        seed: ["env_vars.RANDOM_SEED"],
        learningRate: ["env_vars.LEARNING_RATE", "env_vars.LR"],
        beta: ["env_vars.KL_COEFF"],
        groupSize: ["env_vars.GROUP_SIZE"],
        model: [...checkpoints.map((key) => `env_vars.${key}`), "tags.model"],
        dataset: datasetsOf(name, stringAt(doc, "env_vars.EVAL_SPLIT")).flatMap((key) => [
          `env_vars.${key}_FILE`,
          `env_vars.FLOW_${key}_FILE`,
        ]),
      }),
    };
  },
};

const checkpoints = ["SFT_CHECKPOINT_PATH", "FLOW_LLM_SFT_CHECKPOINT", "FSDFM_SFT_CHECKPOINT", "FLOW_SFT_CHECKPOINT"];

/** An evaluation reads one split, whatever else the job sets. */
function datasetsOf(name: string | null, split: string | null): string[] {
  if (!evaluates(name)) return ["TRAIN", "VAL", "TEST"];
  return split === "test" ? ["TEST", "VAL"] : ["VAL", "TEST"];
}

function envOf({ doc, path, text }: ConfigFile): Record<string, string> {
  const given = valueAt(doc, "env_vars");
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(isMapping(given) ? given : {})) {
    const single = typeof value === "string" || typeof value === "number" || typeof value === "boolean";
    if (!single || !/^[A-Za-z_]\w*$/.test(name) || String(value).includes("\0")) {
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

interface Program {
  /** As a path from the job's working folder. */
  file: string;
  module: string;
  /** Run by its module's name, which may be of an installed package. */
  named: boolean;
}

/** What the last part of the line runs: `python -m a.b`, `python a/b.py` or `uv run a/b.py`. */
function programOf(line: string): Program | null {
  const last = line.slice(Math.max(0, line.lastIndexOf("&&")));
  const module = /\bpython3?\s+(?:-\w+\s+)*?-m\s+([\w.]+)/.exec(last)?.[1];
  if (module !== undefined) return { file: `${module.replaceAll(".", "/")}.py`, module, named: true };
  const file = /\b(?:python3?|uv\s+run)\s+(?:-\w+\s+)*([\w./-]+\.py)\b/.exec(last)?.[1]?.replace(/^\.\//, "");
  if (file === undefined) return null;
  return { file, module: file.replace(/\.py$/, "").replaceAll("/", "."), named: false };
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
