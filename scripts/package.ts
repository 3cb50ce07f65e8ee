// `npm run package`: builds and packs the extension as dist/runside-<version>.vsix, and says what it weighs.
import { createVSIX } from "@vscode/vsce";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot, tsx } from "./folders";
import { runQuiet } from "./processes";

const LIMIT = 3 << 20;

/** Builds and packs; returns the file's path and size in bytes. */
export async function packExtension(): Promise<{ path: string; size: number }> {
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
    // The README's pictures lie beside it in the repository, which the package does not know the address of.
    rewriteRelativeLinks: false,
  });
  const { size } = await stat(packagePath);
  if (size > LIMIT) throw new Error(`The packaged extension is over ${LIMIT >> 20} MB.`);
  return { path: packagePath, size };
}

if (require.main === module) {
  packExtension().then(
    ({ path, size }) => console.log(`${path}: ${(size / 1024).toFixed(0)} KB`),
    (error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exit(1);
    },
  );
}
