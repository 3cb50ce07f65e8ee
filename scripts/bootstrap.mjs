// Plain JavaScript, not TypeScript: it runs before anything is installed. `npm start` and `npm test` begin here.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const oldestNode = [20, 9];
const [job, ...args] = process.argv.slice(2);

if (job !== "start" && job !== "test") fail("Usage: node scripts/bootstrap.mjs start|test [arguments]", 2);
if (process.platform === "win32") fail("npm start and npm test need Linux or macOS; on Windows run them in WSL.");
if (isOlder(process.versions.node)) {
  fail(`Runside needs Node ${oldestNode.join(".")} or later to be built, and this is ${process.version}: update Node.`);
}
if (!isInstalled()) {
  console.log("Installing the project's packages (npm ci) ...");
  const code = await run(npmCommand(), ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
  if (code !== 0) fail("npm ci failed, see above: without the packages nothing can be built.", code);
}
// One process instead of npx's three, so that Ctrl-C reaches the script and nothing else has to pass it on.
process.exitCode = await run([process.execPath, "--import", "tsx"], [join(root, "scripts", `${job}.ts`), ...args]);

/** Whether npm's own record of what lies in node_modules agrees with the lockfile. */
function isInstalled() {
  const record = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(record)) return false;
  const installed = JSON.parse(readFileSync(record, "utf8")).packages;
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === "" || (entry.optional && !installed[path])) return true;
    return installed[path]?.version === entry.version && installed[path]?.integrity === entry.integrity;
  });
}

function npmCommand() {
  // The npm that started this, where there is one.
  const started = process.env.npm_execpath;
  if (started?.endsWith("npm-cli.js")) return [process.execPath, started];
  if (spawnSync("npm", ["--version"]).status !== 0) fail("npm was not found: install Node with npm.");
  return ["npm"];
}

function run([command, ...first], further) {
  return new Promise((resolve) => {
    const child = spawn(command, [...first, ...further], { cwd: root, stdio: "inherit" });
    // A terminal sends Ctrl-C to both; anything else sends it to this process alone.
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
    child.on("error", (error) => fail(`${command} could not be started: ${error.message}`));
    child.on("exit", (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}

function isOlder(version) {
  const [major, minor] = version.split(".").map(Number);
  return major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1]);
}

function fail(sentence, code = 1) {
  console.error(sentence);
  process.exit(code);
}
