// `npm run bench [-- --only NAME] [--quick] [--keep]`: measures what design.md section 8 promises, beside named peers in the
// same run. Exit code 1 if anything is over its budget; with CI=true also where a row, or the peer of one, was left out.
import { availableParallelism, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { messageOf } from "../core/base/errors";
import { startBench, warmUp } from "./bench";
import { isOver, isUnjudged, type Line, type Row } from "./row";
import { rows } from "./rows";
import { table } from "./table";

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: "string", multiple: true },
      quick: { type: "boolean", default: false },
      keep: { type: "boolean", default: false },
    },
  });
  const chosen = choose(values.only);
  if (chosen.length === 0) {
    console.error(`There is no such benchmark. There are: ${rows.map((row) => row.name).join(", ")}`);
    return 2;
  }
  const bench = await startBench(values);
  const lines: Line[] = [];
  const without: string[] = [];
  const failed: string[] = [];
  try {
    await warmUp(bench);
    for (const row of chosen) {
      const missing = (await row.missing?.()) ?? null;
      if (missing !== null) {
        without.push(`${row.name}: ${missing}`);
        continue;
      }
      const began = Date.now();
      try {
        lines.push(...(await row.run(bench)));
        console.log(`${row.name}: measured in ${((Date.now() - began) / 1000).toFixed(0)} s`);
      } catch (error) {
        // The others are still worth having.
        failed.push(`${row.name}: ${messageOf(error).slice(-1500)}`);
      }
    }
  } finally {
    await bench.close();
  }
  const load = loadavg()[0]?.toFixed(1) ?? "?";
  console.log(
    `\n${availableParallelism()} cores, load ${load}, Node ${process.versions.node}${values.quick ? ", quick" : ""}\n`,
  );
  console.log(table(lines));
  for (const { name } of lines.filter(isUnjudged)) without.push(`${name}: its peer is not on this machine`);
  for (const sentence of without) console.log(`left out: ${sentence}`);
  for (const sentence of failed) console.log(`failed: ${sentence}`);
  const over = lines.filter(isOver);
  const left = without.length > 0 ? ` ${without.length} left out.` : "";
  console.log(`\n${over.length === 0 ? "Nothing is over its budget." : `${over.length} over budget.`}${left}`);
  const wrong = over.length + failed.length + (process.env["CI"] === "true" ? without.length : 0);
  return wrong === 0 ? 0 : 1;
}

/** By name, or by the beginning of one: `line` is both line rows, `first-curve` is that row alone. */
function choose(only: readonly string[] | undefined): readonly Row[] {
  if (!only) return rows.filter((row) => !row.onRequest);
  return rows.filter((row) =>
    only.some((name) => (rows.some((r) => r.name === name) ? row.name === name : row.name.startsWith(name))),
  );
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.stack : messageOf(error));
    process.exit(1);
  },
);
