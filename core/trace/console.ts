// Lines of a terminal kept in a file: colours, carriage returns and progress bars (formats/gui-and-trainers.md 3.1).

const colours = /\u001b\[[0-9;?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)/g;

/** Without colours and cursor movements. */
export function plain(text: string): string {
  return text.includes("\u001b") ? text.replace(colours, "") : text;
}

export interface Bar {
  /** What stands before the percentage; "" where nothing does. */
  description: string;
  done: number;
  total: number;
}

const bar =
  /(?:([^:\r\n|]+):\s+)?\d+%\|[^|\r\n]*\|\s*([\d.]+[kMG]?)\/([\d.]+[kMG]?)\s*\[[\d:]+<[\d:?]+,\s*[\d.?]+(?:[kMG])?(?:s\/\w+|\w+\/s)/g;
const scale: Readonly<Record<string, number>> = { k: 1e3, M: 1e6, G: 1e9 };

const count = (text: string): number => parseFloat(text) * (scale[text.slice(-1)] ?? 1);

/** tqdm's bars in the text, in order. */
export function barsIn(text: string): Bar[] {
  if (!text.includes("%|")) return [];
  return Array.from(text.matchAll(bar), (m) => ({
    description: (m[1] ?? "").replace(/^\([\w.]+ pid=\d+[^)]*\)\s*/, "").trim(),
    done: count(m[2] ?? ""),
    total: count(m[3] ?? ""),
  }));
}
