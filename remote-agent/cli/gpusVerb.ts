// gpus: what the sidebar shows under a box.
import { gpuLabel, gpuName, holderWords, usageWords } from "../../core/model/gpu";
import { findGpus } from "../box/gpus";
import { home, parse, printJson, printLine, printTable, type Verb } from "./io";

export const gpus: Verb = {
  name: "gpus",
  usage: "[--json]",
  summary: "the GPUs of this box, how busy they are and who holds them",
  async run(args) {
    const options = parse(gpus, args, { json: { type: "boolean" } }, { min: 0, max: 0 });
    const report = await findGpus({ home: home() });
    if (options.flag("json")) {
      printJson(report);
      return 0;
    }
    if (report.problem !== null) process.stderr.write(`${report.problem}\n`);
    if (report.gpus.length === 0 && report.problem === null)
      printLine("No GPU was found: neither nvidia-smi, amd-smi nor rocm-smi is there, or they list none.");
    if (report.gpus.length > 0)
      printTable(
        ["GPU", "NAME", "USE", "HELD BY", "UUID"],
        report.gpus.map((gpu) => [gpuLabel(gpu), gpuName(gpu), usageWords(gpu), holderWords(gpu), gpu.uuid]),
      );
    return report.gpus.length === 0 && report.problem !== null ? 1 : 0;
  },
};
