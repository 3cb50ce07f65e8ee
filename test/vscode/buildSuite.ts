// The suite as one file that an extension host can load.
import { build } from "esbuild";
import { join } from "node:path";
import { projectRoot } from "../../scripts/folders";

export async function buildSuite(folder: string): Promise<string> {
  const outfile = join(folder, "suite.js");
  await build({
    entryPoints: [join(projectRoot, "test", "vscode", "suite.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    external: ["vscode"],
  });
  return outfile;
}
