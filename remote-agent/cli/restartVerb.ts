// restart: another attempt of a run that failed, was cancelled or is lost.
import { wrongUsage } from "../../core/base/errors";
import { readStatus } from "../disk/runFolder";
import { Target } from "../index/target";
import { restart as restartRun } from "../supervise/restart";
import { home, parse, printJson, printLine, type Verb } from "./io";

export const restart: Verb = {
  name: "restart",
  usage: "RUN [--json]",
  summary: "start a run that ended badly again, as it was; its secrets are taken from your environment",
  async run(args) {
    const options = parse(restart, args, { json: { type: "boolean" } }, { min: 1, max: 1 });
    const [spec = ""] = options.positionals;
    const { id, runFolder, manifest } = Target.open(spec, home(), process.cwd());
    if (!runFolder || !manifest) throw wrongUsage(`${spec} is no run; only what Runside launched can be restarted.`);
    const named = manifest.secretNames.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value] as const];
    });
    const after = readStatus(runFolder).attempt;
    const outcome = await restartRun({ id, after, secrets: Object.fromEntries(named) }, home());
    if (options.flag("json")) printJson(outcome);
    else if (outcome.outcome !== "failed") printLine(id);
    else process.stderr.write(`${[outcome.reason, ...outcome.log].join("\n")}\n`);
    return outcome.outcome === "failed" ? 1 : 0;
  },
};
