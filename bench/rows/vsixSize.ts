// What people download: the packed extension.
import { stat } from "node:fs/promises";
import { projectRoot, tsx } from "../../scripts/folders";
import { runQuiet } from "../../scripts/processes";
import type { Row } from "../row";

export const vsixSize: Row = {
  name: "vsix-size",
  run: async () => {
    const [node = "", ...args] = tsx("scripts/package.ts");
    const output = await runQuiet(node, args, { cwd: projectRoot });
    const path = /^(.*\.vsix): \d+ KB$/m.exec(output)?.[1];
    if (!path) throw new Error(`the package was not named: ${output}`);
    const { size } = await stat(path);
    return [{ name: "vsix-size", ours: size / (1 << 20), unit: "MB", budget: { atMost: 3 }, peer: null }];
  },
};
