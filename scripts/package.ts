// `npm run package`: builds and packs the extension as dist/runside-<version>.vsix, and says what it weighs.
import { createVSIX } from "@vscode/vsce";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot, tsx } from "./folders";
import { runQuiet } from "./processes";

const LIMIT = 3 << 20;

async function main(): Promise<void> {
  const [command = "", ...args] = tsx("esbuild.ts");
  await runQuiet(command, args, { cwd: projectRoot });
  const { name, version } = JSON.parse(await readFile(join(projectRoot, "package.json"), "utf8")) as {
    name: string;
    version: string;
  };
  const packagePath = join(projectRoot, "dist", `${name}-${version}.vsix`);
  await createVSIX({
    cwd: projectRoot,
    packagePath,
    dependencies: false,
    skipLicense: false,
    allowMissingRepository: true,
  });
  const { size } = await stat(packagePath);
  console.log(`${packagePath}: ${(size / 1024).toFixed(0)} KB`);
  if (size > LIMIT) throw new Error(`The packaged extension is over ${LIMIT >> 20} MB.`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
