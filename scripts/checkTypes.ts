// `npm run check:types`: each part of the house against its own tsconfig, then everything together.
import { availableParallelism } from "node:os";
import { nodeModule, projectRoot } from "./folders";
import { ProgramFailed, runQuiet } from "./processes";

/** The strict ones say what a part may know (no node in core, no DOM in the agent); the root adds tests and scripts. */
const projects = ["core", "remote-agent", "src", "webviews", "examples", "."];

async function checkProject(project: string): Promise<boolean> {
  try {
    const pretty = process.stdout.isTTY ? ["--pretty"] : [];
    const args = [nodeModule("typescript/bin/tsc"), "--noEmit", ...pretty, "-p", project];
    await runQuiet(process.execPath, args, { cwd: projectRoot });
    return true;
  } catch (error) {
    console.error(
      `Types of ${project === "." ? "the whole project" : project}:\n${error instanceof ProgramFailed ? error.output : String(error)}`,
    );
    return false;
  }
}

async function main(): Promise<void> {
  const waiting = [...projects];
  let wrong = 0;
  const work = async () => {
    for (let project = waiting.shift(); project; project = waiting.shift()) {
      if (!(await checkProject(project))) wrong++;
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));
  process.exitCode = wrong > 0 ? 1 : 0;
}

void main();
