import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { check, parseCounts, parseVitest, preparation, runner, runSteps, type Step } from "../../scripts/aggregate";

const exitWith = (code: number) => [process.execPath, "-e", `process.exit(${code})`];

describe("the closing line", () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "runside-aggregate-"));
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  const closing = async (...steps: Step[]) => {
    const lines: string[] = [];
    const code = await runSteps(steps, (line) => lines.push(line));
    return `${lines.at(-1)} (${code})`;
  };
  /** A runner that writes `report` as its result. */
  const reporting = (report: string, code: number) => {
    const file = join(dir, "report.json");
    const script = `require("node:fs").writeFileSync(process.argv[1], process.argv[2]); process.exit(${code})`;
    return runner("tests", [process.execPath, "-e", script, file, report], file, parseCounts);
  };

  it("adds up what passed, and names skipped tests only where there are some", async () => {
    const ten = reporting('{"passed":10,"failed":0,"skipped":0}', 0);
    expect(await closing(ten, check("check", exitWith(0)))).toBe("11 passed, 0 failed (0)");
    expect(await closing(reporting('{"passed":1,"failed":0,"skipped":2}', 0))).toBe(
      "1 passed, 0 failed, 2 skipped (0)",
    );
  });

  it("goes on after a failure and ends with exit code 1", async () => {
    const some = reporting('{"passed":3,"failed":2,"skipped":0}', 1);
    expect(await closing(check("check", exitWith(1)), some)).toBe("3 passed, 3 failed (1)");
  });

  it("counts a crash as a failure, whatever was reported", async () => {
    expect(await closing(reporting('{"passed":5,"failed":0,"skipped":0}', 134))).toBe("5 passed, 1 failed (1)");
    expect(await closing(reporting('{"passed":5,', 0))).toBe("0 passed, 1 failed (1)");
    const silent = runner("silent", exitWith(0), join(dir, "never-written.json"), parseCounts);
    expect(await closing(silent)).toBe("0 passed, 1 failed (1)");
    expect(await closing(check("absent", [join(dir, "no-such-program")]))).toBe("0 passed, 1 failed (1)");
    expect(await closing(preparation("build", exitWith(2)), preparation("more", exitWith(0)))).toBe(
      "0 passed, 1 failed (1)",
    );
  });

  it("does not take the report of an earlier run for this one's", async () => {
    const file = join(dir, "stale.json");
    await writeFile(file, '{"passed":5,"failed":0,"skipped":0}');
    expect(await closing(runner("stale", exitWith(0), file, parseCounts))).toBe("0 passed, 1 failed (1)");
  });
});

describe("vitest's report", () => {
  const report = (testResults: unknown[]) => ({
    numPassedTests: 4,
    numFailedTests: 1,
    numPendingTests: 2,
    numTodoTests: 1,
    testResults,
  });

  it("counts a file that could not be loaded as a failure of its own", () => {
    const broken = { status: "failed", assertionResults: [] };
    const failed = { status: "failed", assertionResults: [{ status: "failed" }] };
    expect(parseVitest(report([failed]))).toEqual({ passed: 4, failed: 1, skipped: 3 });
    expect(parseVitest(report([failed, broken]))).toEqual({ passed: 4, failed: 2, skipped: 3 });
  });
});
