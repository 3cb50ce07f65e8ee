// The one file on the box: the agent (`serve`), and `runside`, the command line for people. It carries the supervisor as text.
import { isMainThread } from "node:worker_threads";
import { asRunsideError } from "../core/base/errors";
import { actions } from "./cli/actionsVerb";
import { compare } from "./cli/compareVerb";
import { du, rm } from "./cli/diskVerbs";
import { evals } from "./cli/evalsVerb";
import { episodes, inspect, rollouts, series } from "./cli/inspectVerbs";
import { gpus } from "./cli/gpusVerb";
import { printLine, printTable, usageLine, type Verb } from "./cli/io";
import { lens } from "./cli/lensVerb";
import { lenses } from "./cli/lensesVerb";
import { restart } from "./cli/restartVerb";
import { cancel, logs, ls, show } from "./cli/runsVerbs";
import { run } from "./cli/runVerb";
import { uninstall } from "./cli/uninstallVerb";
import { keepInUse } from "./disk/keepInUse";
import { runLensThread } from "./judge/lensThread";
import { serve } from "./serve";
import { agentVersion } from "./version";

const verbs: readonly Verb[] = [
  run,
  ls,
  show,
  logs,
  cancel,
  gpus,
  du,
  rm,
  restart,
  compare,
  inspect,
  series,
  rollouts,
  episodes,
  evals,
  actions,
  lens,
  lenses,
  uninstall,
];

function help(): void {
  printLine("runside: run and inspect training on this box\n");
  printTable(
    ["VERB", "", ""],
    verbs.map((v) => [v.name, v.usage, v.summary]),
  );
  printLine("\nPATH is a run's id, a folder or a file. RUNSIDE_HOME moves the run store (default ~/.runside).");
}

async function main(argv: string[]): Promise<number> {
  const [name, ...args] = argv;
  keepInUse(name === "serve");
  if (name === "serve") {
    const given = (name: string): string | null =>
      args.includes(name) ? (args[args.indexOf(name) + 1] ?? null) : null;
    await serve(given("--token") ?? "-", given("--locks"));
    return 0;
  }
  if (name === "--version" || name === "-v") {
    printLine(agentVersion);
    return 0;
  }
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    help();
    return name === undefined ? 2 : 0;
  }
  const verb = verbs.find((v) => v.name === name);
  if (!verb) {
    process.stderr.write(`runside: there is no verb "${name}"; \`runside --help\` lists them.\n`);
    return 2;
  }
  if (args.includes("--help") || args.includes("-h")) {
    printLine(`${usageLine(verb)}\n${verb.summary}`);
    return 0;
  }
  return verb.run(args);
}

function begin(): void {
  if (!isMainThread) return runLensThread();
  // `runside ls | head` closes our stdout early: that is an end, not a failure.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
  });

  main(process.argv.slice(2)).then(
    (code) => {
      process.exitCode = code;
      // Timers of readers may still be pending; what was asked for is done. Flush before leaving.
      process.stdout.write("", () => process.exit(code));
    },
    (error: unknown) => {
      const ours = asRunsideError(error);
      const stack = ours.code === "internal" && error instanceof Error ? `\n${error.stack ?? ""}` : "";
      process.stderr.write(`runside: ${ours.message}${stack}\n`);
      process.exit(ours.code === "usage" ? 2 : 1);
    },
  );
}

begin();
