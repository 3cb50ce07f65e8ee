// Runs several test runners one after another and adds up what they report, down to one closing line.
import { mkdir, readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { projectRoot } from "./folders";
import { runLive } from "./processes";

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

export interface Step {
  name: string;
  /** A rejection counts as one failure. */
  run(): Promise<Counts>;
}

export const nothing: Counts = { passed: 0, failed: 0, skipped: 0 };

/** Runs every step, whatever became of those before it, and resolves to the exit code. */
export async function runSteps(steps: readonly Step[], print: (line: string) => void = console.log): Promise<number> {
  let total = nothing;
  const failed: string[] = [];
  for (const step of steps) {
    print(`\n== ${step.name}`);
    const counts = await step.run().catch((error: unknown) => {
      print(error instanceof Error ? error.message : String(error));
      return { ...nothing, failed: 1 };
    });
    if (counts.failed > 0) failed.push(step.name);
    total = add(total, counts);
  }
  if (failed.length > 0) print(`\nFailed: ${failed.join(", ")}`);
  print(closingLine(total));
  return total.failed > 0 ? 1 : 0;
}

export function closingLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed` + (skipped > 0 ? `, ${skipped} skipped` : "");
}

/** A program that says nothing but its exit code: one passed or one failed. */
export function check(name: string, command: readonly string[]): Step {
  return { name, run: async () => ({ ...nothing, ...((await start(command)) === 0 ? { passed: 1 } : { failed: 1 }) }) };
}

/** A program that later steps need: it counts only when it fails. */
export function preparation(name: string, command: readonly string[]): Step {
  return { name, run: async () => ({ ...nothing, failed: (await start(command)) === 0 ? 0 : 1 }) };
}

/** A program that writes its counts to `file`, read by `parse`. */
export function runner(name: string, command: readonly string[], file: string, parse: (json: unknown) => Counts): Step {
  return {
    name,
    run: async () => {
      await mkdir(dirname(file), { recursive: true });
      await rm(file, { force: true });
      const code = await start(command);
      const counts = await readCounts(file, parse);
      if (!counts)
        throw new Error(`${name} ended with exit code ${code} and no readable report: counted as a failure.`);
      if (code === 0 || counts.failed > 0) return counts;
      console.log(`${name} reported no failure, but ended with exit code ${code}: counted as a failure.`);
      return { ...counts, failed: 1 };
    },
  };
}

async function start([command, ...args]: readonly string[]): Promise<number> {
  return await runLive(command!, args, { cwd: projectRoot });
}

async function readCounts(file: string, parse: (json: unknown) => Counts): Promise<Counts | undefined> {
  try {
    return parse(JSON.parse(await readFile(file, "utf8")));
  } catch {
    return undefined;
  }
}

const countsReport = z.object({ passed: z.int(), failed: z.int(), skipped: z.int() });

/** Our own report: `{passed, failed, skipped}`. */
export function parseCounts(json: unknown): Counts {
  return countsReport.parse(json);
}

const vitestReport = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.object({ status: z.string() })) })),
});

/** What `vitest --reporter=json` writes. */
export function parseVitest(json: unknown): Counts {
  const report = vitestReport.parse(json);
  // A file that could not be loaded, or failed in a hook, has no failed test to its name.
  const brokenFiles = report.testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.every((test) => test.status !== "failed"),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

function add(a: Counts, b: Counts): Counts {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}
