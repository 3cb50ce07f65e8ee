// The user's setup text before a training: its environment arrives, the command's arguments stay exactly themselves, a failure tells.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { setupOf, withSetup } from "../../core/recipes/setup";
import { hostileNames } from "../security/names";
import { startAgent } from "../support/agentProcess";
import { attemptFolder, inState, node, specOf, started } from "../support/runsOfAgent";
import { tempFolder } from "../support/tempFolder";

const print = "console.log(JSON.stringify({ argv: process.argv.slice(1), pear: process.env.PEAR }))";

async function logOf(setup: string, command: string[], state: string): Promise<string> {
  const home = tempFolder("home");
  const { peer } = await startAgent(home);
  const { id } = await started(peer, home, specOf(tempFolder("place"), withSetup([command], setup)));
  await inState(home, id, state, 20_000);
  return readFileSync(join(attemptFolder(home, id), "output.log"), "utf8");
}

it("gives the training the environment that it leaves, functions and quotes as written", async () => {
  const canary = join(tempFolder("canary"), "canary");
  const names = hostileNames(canary).filter((name) => !name.includes("{"));
  const setup = `pick() { export PEAR="$1 and '$(printf two)'"; }\npick 'one "ripe"'`;
  const log = await logOf(setup, node(print, "--", ...names), "succeeded");
  expect(JSON.parse(log.trim().split("\n").at(-1) ?? "")).toEqual({ argv: names, pear: `one "ripe" and 'two'` });
  expect(existsSync(canary)).toBe(false);
});

it("that fails ends the run with its code before the training starts, and the log has the line", async () => {
  const log = await logOf("false-program-of-nobody", node("console.log('trained')"), "failed");
  expect(log).toContain("The setup line failed with code 127: false-program-of-nobody");
  expect(log).not.toContain("trained");
});

it("is found again in what was launched, and blank text changes nothing", () => {
  expect(setupOf(withSetup([["python", "a.py"]], "module load cuda"))).toBe("module load cuda");
  expect(withSetup([["python", "a.py"]], "  \n")).toEqual([["python", "a.py"]]);
  expect(setupOf([["bash", "-lc", "echo"]])).toBe("");
});
