// `npm run test:faults [-- NAME ...]`: every fault against a real sshd and the built agent, and a table of what was shown, how soon, and
// which lines are missing. Exit code 1 where a line was lost or doubled, a state or the suite came late, or a fault failed; with
// CI=true, which root sets to play them all, also where one was left out.
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { rowSchema, type Row } from "../test/faults/row";
import { isWrong, markdown, WITHIN_S } from "../test/faults/report";
import { devFolder, nodeModule, projectRoot } from "./folders";
import { runLive } from "./processes";
import { ensureSystem } from "./system";

const reports = devFolder("reports");
const rowsFolder = join(reports, "fault-rows");

async function main(): Promise<number> {
  for (const { sentence } of await ensureSystem(["openssh-server", "openssh-client", "faketime"]))
    console.log(sentence);
  await rm(rowsFolder, { recursive: true, force: true });
  await mkdir(rowsFolder, { recursive: true });
  const names = process.argv.slice(2);
  const pattern = names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
  const only = names.length > 0 ? ["-t", pattern] : [];
  const vitest = [nodeModule("vitest/vitest.mjs"), "run", "--config", "test/faults/vitest.config.ts", ...only];
  const began = Date.now();
  const code = await runLive(process.execPath, vitest, {
    cwd: projectRoot,
    env: { ...process.env, RUNSIDE_FAULT_ROWS: rowsFolder, RUNSIDE_FAULT_NAMES: pattern },
  });
  const rows = await readRows();
  const seconds = (Date.now() - began) / 1000;
  const text = markdown(rows, seconds);
  await writeFile(join(reports, "faults.md"), text);
  await writeFile(join(reports, "faults.json"), `${JSON.stringify(rows, null, 1)}\n`);
  console.log(`\n${text}\nWritten to ${join(reports, "faults.md")}`);
  return code === 0 &&
    rows.length > 0 &&
    !rows.some((row) => isWrong(row, process.env["CI"] === "true")) &&
    seconds <= WITHIN_S
    ? 0
    : 1;
}

async function readRows(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const name of (await readdir(rowsFolder)).sort())
    rows.push(rowSchema.parse(JSON.parse(await readFile(join(rowsFolder, name), "utf8"))));
  return rows;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
