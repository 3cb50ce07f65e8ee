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

/** From the `%` on. The rate behind the times is not asked for: a narrow terminal cuts it off. */
const behindPercent = /%\|[^|\r\n]*\|\s*([\d.]+[kMG]?)\/([\d.]+[kMG]?)\s*\[[\d:]+<[\d:?]+/y;
const scale: Readonly<Record<string, number>> = { k: 1e3, M: 1e6, G: 1e9 };

const count = (text: string): number => parseFloat(text) * (scale[text.slice(-1)] ?? 1);

/** tqdm's bars in the text, in order. */
export function barsIn(text: string): Bar[] {
  const bars: Bar[] = [];
  let from = 0;
  for (let at = text.indexOf("%|"); at >= 0; at = text.indexOf("%|", at + 2)) {
    behindPercent.lastIndex = at;
    const match = behindPercent.exec(text);
    if (!match) continue;
    bars.push({
      description: descriptionIn(text.slice(from, at)),
      done: count(match[1] ?? ""),
      total: count(match[2] ?? ""),
    });
    from = behindPercent.lastIndex;
  }
  return bars;
}

/** `Train:  12`: what stands before the percentage, without a launcher's prefix. */
function descriptionIn(before: string): string {
  const named = before.replace(/\d+$/, "").trimEnd();
  if (!named.endsWith(":")) return "";
  const line = named.slice(Math.max(named.lastIndexOf("\n"), named.lastIndexOf("\r"), named.lastIndexOf("]")) + 1, -1);
  return line.replace(/^\s*\([\w.]+ pid=\d+[^)]*\)\s*/, "").trim();
}
