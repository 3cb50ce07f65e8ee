// The table at the end: one line per number, aligned.
import { isOver, isUnjudged, limitOf, moreIsBetter, type Line, type Unit } from "./row";

const head = ["", "ours", "budget", "peer", "peer's", "ratio", "", "samples"];

export function table(lines: readonly Line[]): string {
  const cells = [head, ...lines.map(row)];
  const widths = head.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  const right = new Set([1, 2, 4]);
  const print = (line: readonly string[]): string =>
    line
      .map((text, column) =>
        right.has(column) ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd();
  const [first = [], ...rest] = cells;
  return [print(first), widths.map((width) => "-".repeat(width)).join("  "), ...rest.map(print)].join("\n");
}

function row(line: Line): string[] {
  const { name, ours, unit, peer, note = "" } = line;
  return [
    name,
    words(ours, unit),
    budgetWords(line),
    peer?.name ?? "–",
    peer ? words(peer.value, unit) : "–",
    peer ? ratioWords(ours, peer.value, unit) : "–",
    isUnjudged(line) ? "no peer" : isOver(line) ? "over budget" : "ok",
    note,
  ];
}

function words(value: number, unit: Unit): string {
  if (unit === "ms" && value >= 10_000) return `${(value / 1000).toFixed(1)} s`;
  return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ${unit}`;
}

function budgetWords(line: Line): string {
  const { budget, unit } = line;
  if ("atMost" in budget) return words(budget.atMost, unit);
  if (!line.peer) return "–";
  const how = budget.timesPeer < 1 ? `peer / ${Math.round(1 / budget.timesPeer)}` : `peer x ${budget.timesPeer}`;
  return `${how} = ${words(limitOf(line), unit)}`;
}

function ratioWords(ours: number, theirs: number, unit: Unit): string {
  if (theirs === 0 || ours === 0) return "–";
  if (moreIsBetter({ unit })) return faster(ours / theirs);
  const [factor, word] =
    ours <= theirs
      ? [theirs / ours, unit === "ms" ? "faster" : "less"]
      : [ours / theirs, unit === "ms" ? "slower" : "more"];
  return `${factor.toFixed(factor < 10 ? 2 : 1)}x ${word}`;
}

const faster = (ratio: number): string =>
  ratio >= 1 ? `${ratio.toFixed(2)}x faster` : `${(1 / ratio).toFixed(2)}x slower`;
