// Terminal output as styled pieces: colours kept as class names, every other escape dropped, progress bars folded.
export interface LogPiece {
  text: string;
  /** `c1` to `c6` and `c9` to `c14` for the terminal's colours, `bold`, `dim`; empty for plain. */
  style: string;
}

const colour = /\u001b\[([\d;]*)m/g;
/** Cursor moves, titles, links (OSC) and the rest: they say nothing in a scrolled text. */
const others =
  /\u001b\[[\d;?]*[A-Za-ln-z@`]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b[()][A-Z0-9]|\u001b[=>78cDEHMNOZ]/g;

/** A progress bar writes one line over and over with carriage returns; what a terminal would show is the last. */
export function foldReturns(line: string): string {
  const whole = line.endsWith("\r") ? line.slice(0, -1) : line;
  return whole.slice(whole.lastIndexOf("\r") + 1);
}

export function ansiPieces(line: string): LogPiece[] {
  const text = foldReturns(line).replace(others, "");
  const out: LogPiece[] = [];
  let at = 0;
  let hue = "";
  let weight = "";
  const push = (end: number): void => {
    if (end > at) out.push({ text: text.slice(at, end), style: [hue, weight].filter(Boolean).join(" ") });
  };
  for (const match of text.matchAll(colour)) {
    push(match.index);
    at = match.index + match[0].length;
    const codes = (match[1] || "0").split(";").map(Number);
    for (let i = 0; i < codes.length; i++) {
      const code = codes[i] ?? 0;
      if (code === 0) hue = weight = "";
      else if (code === 1) weight = "bold";
      else if (code === 2) weight = "dim";
      else if (code === 22) weight = "";
      else if (code === 39) hue = "";
      else if (code >= 31 && code <= 36) hue = `c${code - 30}`;
      else if (code >= 91 && code <= 96) hue = `c${code - 82}`;
      else if (code === 38 || code === 48) i += codes[i + 1] === 5 ? 2 : 4;
    }
  }
  push(text.length);
  return out;
}

export const plainText = (line: string): string =>
  ansiPieces(line)
    .map((p) => p.text)
    .join("");
