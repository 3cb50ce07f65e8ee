// The example in examples/login: SFT and GRPO of a small login policy, trained by a Node program beside the config.
import { badConfig } from "../../base/errors";
import { isMapping, lineOfKey, numberAt, stringAt, valueAt } from "../configText";
import { factsAt } from "../facts";
import { folderOf, joined } from "../places";
import type { Recipe } from "../recipe";

const program = "dist/train.mjs";

export const loginExample: Recipe = {
  id: "login-example",
  title: "Login example (SFT and GRPO)",

  match: ({ doc }) => (stringAt(doc, "experiment") === "login" && valueAt(doc, "run") !== undefined ? 0.9 : 0),

  plan(file, { seed }) {
    const { doc, path, text } = file;
    if (!isMapping(valueAt(doc, "run"))) throw badConfig(path, lineOfKey(text, "run"), '"run" is not a mapping');
    const folder = folderOf(path);
    const built = joined(folder, program);
    if (!file.exists(built))
      throw badConfig(path, null, `its program ${built} is not built yet; run \`npm run build\``);
    const kind = isMapping(valueAt(doc, "grpo")) ? "grpo" : "sft";
    const own = numberAt(doc, "run.seed");
    return {
      commands: [
        ["{node}", program, "--config", "{config}", "--out", "{out}", ...(seed === null ? [] : ["--seed", "{seed}"])],
      ],
      cwd: folder,
      env: {},
      // A GRPO run that trains its SFT start first says `optim_step=` meanwhile: those steps are not its own.
      progress: {
        pattern: `\\b${kind === "sft" ? "optim_" : ""}step=(?<step>\\d+)`,
        total: numberAt(doc, `${kind}.steps`),
      },
      outputFromLog: null,
      alsoWatch: [],
      expects: ["eval/eval_*.json"],
      inputs: [built],
      seed: seed ?? own,
      // Trains on the processor.
      gpus: "none",
      note: null,
    };
  },

  facts: ({ doc }) =>
    factsAt(doc, {
      seed: ["run.seed"],
      learningRate: ["grpo.lr", "sft.lr"],
      beta: ["grpo.beta"],
      groupSize: ["grpo.group_size"],
    }),
};
