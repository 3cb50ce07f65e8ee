// du and rm: what runs take of the disk, and deleting one, shown before it is done.
import { createInterface } from "node:readline/promises";
import { wrongUsage } from "../../core/base/errors";
import { bytesWords, diskParts, type DiskUse } from "../../core/model/diskUse";
import { diskUse } from "../disk/diskUse";
import { removeRun } from "../disk/removeRun";
import { idsIn } from "../disk/runIds";
import { home, parse, printJson, printLine, printTable, type Verb } from "./io";

export const du: Verb = {
  name: "du",
  usage: "[RUN...] [--json]",
  summary: "what runs take of the disk, largest first",
  async run(args) {
    const options = parse(du, args, { json: { type: "boolean" } }, { min: 0, max: 10_000 });
    const store = home();
    const ids = options.positionals.length > 0 ? options.positionals : [...idsIn(store.runs)];
    const uses: { id: string; use: DiskUse }[] = [];
    for (const id of ids) uses.push({ id, use: await diskUse(id, store) });
    uses.sort((a, b) => b.use.total - a.use.total);
    if (options.flag("json")) {
      printJson(uses.map(({ id, use }) => ({ id, ...use })));
      return 0;
    }
    if (uses.length === 0) {
      printLine("No runs yet. `runside run CONFIG` starts one.");
      return 0;
    }
    const rows = uses.map(({ id, use }) => [
      id,
      bytesWords(use.total),
      ...diskParts.map((part) => bytesWords(use.parts[part])),
    ]);
    const right = [1, 2, 3, 4, 5, 6, 7];
    printTable(["RUN", "TOTAL", ...diskParts.map((part) => part.toUpperCase())], rows, right);
    const snapshots = new Map(uses.flatMap(({ use }) => (use.snapshot ? [[use.snapshot.id, use.snapshot.bytes]] : [])));
    const shared = [...snapshots.values()].reduce((sum, bytes) => sum + bytes, 0);
    if (snapshots.size > 0) printLine(`\nShared besides: ${snapshots.size} snapshots of code, ${bytesWords(shared)}.`);
    return 0;
  },
};

export const rm: Verb = {
  name: "rm",
  usage: "RUN [--dry-run] [--yes] [--json]",
  summary: "delete a run that has ended; --dry-run only shows what would go",
  async run(args) {
    const flags = { "dry-run": { type: "boolean" }, yes: { type: "boolean" }, json: { type: "boolean" } } as const;
    const options = parse(rm, args, flags, { min: 1, max: 1 });
    const [id = ""] = options.positionals;
    const store = home();
    const dryRun = options.flag("dry-run");
    const use = await removeRun(id, store, true);
    if (options.flag("json")) {
      if (!dryRun && !options.flag("yes")) throw wrongUsage("With --json, say --dry-run or --yes.");
      if (!dryRun) await removeRun(id, store, false);
      printJson({ id, removed: !dryRun, ...use });
      return 0;
    }
    printUse(id, use);
    if (dryRun) return 0;
    if (!options.flag("yes") && !(await agreed())) {
      process.stderr.write("Nothing was deleted. --yes deletes without asking.\n");
      return 1;
    }
    await removeRun(id, store, false);
    printLine(`${id} is deleted.`);
    return 0;
  },
};

function printUse(id: string, use: DiskUse): void {
  printLine(`${id}: ${bytesWords(use.total)} in ${use.files} files`);
  for (const part of diskParts) {
    if (use.parts[part] > 0) printLine(`  ${part.padEnd(12)}${bytesWords(use.parts[part]).padStart(9)}`);
  }
  for (const { path, bytes } of use.checkpoints) printLine(`    ${bytesWords(bytes).padStart(9)}  ${path}`);
  for (const folder of use.outside) printLine(`  stays: ${folder}`);
}

async function agreed(): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const asking = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await asking.question("Delete it? [y/N] ")).trim());
  } finally {
    asking.close();
  }
}
