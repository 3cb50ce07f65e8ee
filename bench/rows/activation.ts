// The built extension in a fresh process without a code cache: loading the module and `activate()`, as the editor pays it.
import { buildSync } from "esbuild";
import { join } from "node:path";
import { projectRoot } from "../../scripts/folders";
import { runQuiet } from "../../scripts/processes";
import type { ActivationTimes } from "../children/activation";
import type { Row } from "../row";
import { median, spread, timed } from "../stats";

export const activation: Row = {
  name: "activation",
  run: async (bench) => {
    const child = join(bench.folder, "activation.cjs");
    const entryPoints = [join(projectRoot, "bench", "children", "activation.ts")];
    buildSync({ entryPoints, outfile: child, bundle: true, platform: "node", format: "cjs" });
    const extension = join(bench.product, "dist", "extension.js");
    const both: number[] = [];
    const loads: number[] = [];
    const bare: number[] = [];
    for (let i = 0; i < (bench.quick ? 5 : 15); i++) {
      const { load, activate } = JSON.parse(await runQuiet(process.execPath, [child, extension])) as ActivationTimes;
      both.push(load + activate);
      loads.push(load);
      bare.push(await timed(() => runQuiet(process.execPath, ["-e", 'require("node:fs")'])));
    }
    const peer = { name: "bare node's start", value: median(bare) };
    const note = `${spread(both)}; loading ${median(loads).toFixed(1)} ms`;
    return [{ name: "activation", ours: median(both), unit: "ms", budget: { atMost: 50 }, peer, note }];
  },
};
