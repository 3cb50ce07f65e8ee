// The fault table: what was done, what was shown and how soon, and what became of the lines.
import { SHOWN_WITHIN_S, type Row } from "./row";

/** `all`: nothing may be left out, as where a machine was set up to play them. */
export function isWrong(row: Row, all = false): boolean {
  if ("failed" in row) return true;
  if ("missing" in row) return all;
  return row.lost.length > 0 || row.doubled.length > 0 || row.seconds > SHOWN_WITHIN_S;
}

/** What the whole suite may take on two cores. */
export const WITHIN_S = 20 * 60;

/** Of the whole suite: everything at zero, or what is not. */
function totalOf(rows: readonly Row[], seconds: number): string {
  const played = rows.filter((row) => "shown" in row);
  const count = (of: (row: (typeof played)[number]) => readonly string[]): number =>
    played.reduce((sum, row) => sum + of(row).length, 0);
  const late = played.filter((row) => row.seconds > SHOWN_WITHIN_S).length;
  const failed = rows.filter((row) => "failed" in row).length;
  const left = rows.length - played.length - failed;
  const lines = played.reduce((sum, row) => sum + row.lines, 0);
  const end = `${seconds.toFixed(0)} s${seconds > WITHIN_S ? `, over the ${WITHIN_S} s that the suite may take` : ""}`;
  return (
    `${played.length} faults, ${lines} lines: ${count((row) => row.lost)} lost, ${count((row) => row.doubled)} doubled; ` +
    `${late} shown later than ${SHOWN_WITHIN_S} s, ${failed} failed, ${left} left out; ${end}.`
  );
}

export function markdown(rows: readonly Row[], seconds: number): string {
  const played = rows.filter((row) => "shown" in row);
  const cells = [
    ["fault", "state shown", "s", "lines", "lost", "doubled", "destroyed"],
    ...rows.map((row) => [row.fault, ...cellsOf(row)]),
  ];
  const widths = cells[0]?.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (row: string[]): string => `| ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`;
  const [head = [], ...body] = cells;
  const names = played.flatMap(({ fault, lost, doubled, destroyed }) => [
    ...named(`${fault}: lost`, lost),
    ...named(`${fault}: doubled`, doubled),
    ...named(`${fault}: destroyed by the fault`, destroyed),
  ]);
  return [
    line(head),
    line(widths.map((width) => "-".repeat(width))),
    ...body.map(line),
    "",
    totalOf(rows, seconds),
    ...(names.length > 0 ? ["", ...names] : []),
    "",
  ].join("\n");
}

function cellsOf(row: Row): string[] {
  if ("failed" in row) return [`FAILED: ${short(row.failed)}`, "", "", "", "", ""];
  if ("missing" in row) return [`left out: ${row.missing}`, "", "", "", "", ""];
  const { shown, lines, lost, doubled, destroyed } = row;
  return [short(shown), row.seconds.toFixed(1), ...[lines, lost.length, doubled.length, destroyed.length].map(String)];
}

const short = (text: string): string => {
  const oneLine = text.replace(/\s+/g, " ").replaceAll("|", "/");
  return oneLine.length > 120 ? `${oneLine.slice(0, 119)}…` : oneLine;
};

const NAMED = 5;

function named(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  const further = lines.length > NAMED ? ` and ${lines.length - NAMED} more` : "";
  return [
    `- ${title}: ${lines
      .slice(0, NAMED)
      .map((line) => `\`${short(line)}\``)
      .join(", ")}${further}`,
  ];
}
