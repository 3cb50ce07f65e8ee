// uninstall: what of Runside is on this box, and taking it away; the runs only where that is said.
import { createInterface } from "node:readline/promises";
import { wrongUsage } from "../../core/base/errors";
import { bytesWords } from "../../core/model/diskUse";
import { footprintLines, partOf, type Footprint } from "../../core/model/footprint";
import { footprint } from "../disk/footprint";
import { refuseWhereUsed, uninstall as takeAway } from "../disk/uninstall";
import { home, parse, printJson, printLine, type Verb } from "./io";

export const uninstall: Verb = {
  name: "uninstall",
  usage: "--keep-runs|--delete-runs [--dry-run] [--yes] [--json]",
  summary: "take Runside off this box; --dry-run only shows what would go",
  async run(args) {
    const flag = { type: "boolean" } as const;
    const flags = { "keep-runs": flag, "delete-runs": flag, "dry-run": flag, yes: flag, json: flag };
    const options = parse(uninstall, args, flags, { min: 0, max: 0 });
    const [keeps, deletes] = [options.flag("keep-runs"), options.flag("delete-runs")];
    if (keeps && deletes) throw wrongUsage("Say one of --keep-runs and --delete-runs.");
    const store = home();
    const found = await footprint(store);
    if (options.flag("dry-run")) {
      if (options.flag("json")) printJson(found);
      else print(found, keeps);
      return 0;
    }
    const hasRuns = (partOf(found, "runs")?.count ?? 0) > 0;
    if (hasRuns && !keeps && !deletes)
      throw wrongUsage("There are runs in the store: say --keep-runs or --delete-runs, or --dry-run to look first.");
    refuseWhereUsed(found, keeps ? "keep" : "delete");
    if (!options.flag("json")) print(found, keeps);
    if (!options.flag("yes") && !(await agreed())) {
      process.stderr.write("Nothing was deleted. --yes uninstalls without asking.\n");
      return 1;
    }
    const done = await takeAway(store, keeps ? "keep" : "delete");
    if (options.flag("json")) printJson(done);
    else {
      printLine(`Runside is uninstalled; ${bytesWords(done.bytes)} are free again.`);
      for (const path of done.left) printLine(`  left: ${path}`);
    }
    return 0;
  },
};

function print(found: Footprint, keepsRuns: boolean): void {
  const shown = { ...found, parts: found.parts.filter(({ part }) => part !== "runs" || !keepsRuns) };
  if (shown.parts.length === 0) printLine(`Nothing of Runside is in ${found.root}.`);
  for (const line of footprintLines(shown)) printLine(`  goes: ${line}`);
  if (keepsRuns && shown.parts.length < found.parts.length)
    printLine(`  stays: the runs in ${found.root}/runs, and the code they were started from`);
  for (const line of found.stays) printLine(`  stays: ${line}`);
  for (const { id, state } of found.live) printLine(`  live: ${id} (${state})`);
  for (const id of found.elsewhere) printLine(`  perhaps live on another machine: ${id}`);
  for (const { pid, does } of found.users) printLine(`  in use by: ${does} ${pid}`);
}

async function agreed(): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const asking = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await asking.question("Uninstall Runside from this box? [y/N] ")).trim());
  } finally {
    asking.close();
  }
}
