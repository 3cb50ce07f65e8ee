// `npm run test:desktop`: the suite in a desktop VS Code, downloaded by @vscode/test-electron or named by VSCODE_PATH.
import { runTests } from "@vscode/test-electron";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot } from "../../scripts/folders";
import { buildSuite } from "./buildSuite";

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "runside-desktop-"));
  try {
    await cp(join(projectRoot, "examples"), join(folder, "examples"), { recursive: true });
    const executable = process.env["VSCODE_PATH"];
    await runTests({
      extensionDevelopmentPath: projectRoot,
      extensionTestsPath: await buildSuite(folder),
      extensionTestsEnv: { RUNSIDE_HOME: join(folder, "store") },
      launchArgs: [join(folder, "examples"), "--user-data-dir", join(folder, "data"), "--disable-workspace-trust"],
      ...(executable ? { vscodeExecutablePath: executable } : {}),
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
