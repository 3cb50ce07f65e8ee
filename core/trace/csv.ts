// Comma-separated values (RFC 4180; commas, semicolons or tabs): cells, rows and the line of names.
import { numberOf } from "../base/json";

/** A quoted cell may hold line breaks; more than this is a quote that nobody closed. */
export const LONGEST_ROW = 1 << 20;

/** The cells of a row; null where it ends inside quotes. */
export function cellsOf(row: string, delimiter: string): string[] | null {
  if (!row.includes('"')) return row.split(delimiter);
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    let cell: string;
    if (row[at] === '"') {
      let close = row.indexOf('"', at + 1);
      while (close >= 0 && row[close + 1] === '"') close = row.indexOf('"', close + 2);
      if (close < 0) return null;
      cell = row.slice(at + 1, close).replaceAll('""', '"');
      at = close + 1;
    } else cell = "";
    const next = row.indexOf(delimiter, at);
    cells.push(cell + row.slice(at, next < 0 ? undefined : next));
    if (next < 0) return cells;
    at = next + 1;
  }
}

export function delimiterOf(row: string): string {
  const count = (d: string): number => row.split(d).length;
  return [",", "\t", ";"].reduce((best, d) => (count(d) > count(best) ? d : best));
}

/** The cells of whole rows; a quoted cell's line breaks do not end one. */
export function rowsOf(lines: readonly string[], delimiter: string): string[][] {
  const rows: string[][] = [];
  let open = "";
  for (const line of lines) {
    const text = open === "" ? line : `${open}\n${line}`;
    const cells = cellsOf(text, delimiter);
    open = cells ? "" : text;
    if (cells && text.trim() !== "") rows.push(cells);
  }
  return rows;
}

/** At least two names, no two alike, none a number; pandas leaves its index without a name. */
export function headerOf(row: string, delimiter: string): string[] | null {
  const cells = cellsOf(row.replace(/^\uFEFF/, ""), delimiter)?.map((cell) => cell.trim());
  if (!cells || cells.length < 2 || new Set(cells).size < cells.length) return null;
  const named = cells.every((cell, i) => (cell !== "" || i === 0) && cell.length < 200 && numberOf(cell) === null);
  return named && !/^[[{]/.test(row) ? cells : null;
}

/** A cell's number; monitors such as nvidia-smi write the unit of each. */
export const numberInCell = (cell: string | undefined): number | null =>
  numberOf(cell) ?? numberOf(/^\s*([-+\d.e]+) ?(?:%|[KMGT]i?B|m?W|C|MHz|m?s)\s*$/.exec(cell ?? "")?.[1]);
