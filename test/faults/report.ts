// The fault table: what was done, what was shown and how soon, and what became of the lines.
import { SHOWN_WITHIN_S, type Row } from "./row";

export function isWrong(row: Row): boolean {
  if ("failed" in row) return true;
  if ("missing" in row) return false;
  return row.lost.length > 0 || row.doubled.length > 0 || row.seconds > SHOWN_WITHIN_S;
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
  const wrong = rows.filter(isWrong).length;
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
    `${played.length} faults in ${seconds.toFixed(0)} s; ${wrong === 0 ? "no line lost, none doubled" : `${wrong} rows are wrong`}.`,
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
  return oneLine.length > 90 ? `${oneLine.slice(0, 89)}…` : oneLine;
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
