// The agent as it is shipped: bundled by esbuild with the product's own options, once per test file, into a temporary folder.
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll } from "vitest";
import { agentBundle, supervisorBundle } from "../../scripts/agentBundle";

afterAll(() => {
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** What the agent runs on: this process's Node, or the one that `npm run test:node24` brought. */
export const agentNode = process.env.RUNSIDE_TEST_NODE ?? process.execPath;

let folder: string | null = null;
let built: Promise<string> | null = null;

/** The path of agent.js. */
export function builtAgent(): Promise<string> {
  built ??= bundle();
  return built;
}

async function bundle(): Promise<string> {
  folder = mkdtempSync(join(tmpdir(), "runside-built-"));
  const outfile = join(folder, "agent.js");
  await build(agentBundle(outfile));
  return outfile;
}

export interface Outcome {
  code: number;
  out: string;
  err: string;
}

/** One verb of the command line. */
export async function runside(home: string, args: readonly string[], input = "", cwd?: string): Promise<Outcome> {
  return ran(await builtAgent(), home, args, input, cwd);
}

/** A supervisor in the foreground, to its end, as a launch starts it. */
export async function supervised(runFolder: string, home: string, input = ""): Promise<Outcome> {
  const program = join(dirname(await builtAgent()), "supervisor.js");
  if (!existsSync(program)) await build(supervisorBundle(program));
  return ran(program, home, ["supervise", runFolder, "1"], input);
}

async function ran(
  program: string,
  home: string,
  args: readonly string[],
  input: string,
  cwd?: string,
): Promise<Outcome> {
  const options = { env: { ...process.env, RUNSIDE_HOME: home }, maxBuffer: 64 << 20, ...(cwd ? { cwd } : {}) };
  const running = promisify(execFile)(agentNode, [program, ...args], options);
  running.child.stdin?.end(input);
  try {
    const { stdout, stderr } = await running;
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, err: stderr };
  }
}
