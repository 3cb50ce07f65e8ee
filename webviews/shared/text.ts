// Text from models, logs and files, made safe to look at: cut where it is endless, its invisible signs made visible.

/** More than this is shown only when asked for: one 10 MB line must not freeze the view. */
export const clipAt = 4000;
/** A text node of many megabytes stalls layout; pieces of this size are laid out only when scrolled to. */
export const pieceSize = 20_000;

export interface Stretch {
  text: string;
  /** Index of the action this stretch was read as, or null. */
  action: number | null;
}

/** Direction overrides and control signs can make text read as something it is not; they are shown by name instead. */
export function visible(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/g,
    (c) => {
      const code = c.charCodeAt(0);
      if (code < 0x20) return String.fromCharCode(0x2400 + code);
      return `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
    },
  );
}

/** Cuts `[start, end)` out of the text around the spans of actions; overlapping spans: the first keeps its place. */
export function stretches(text: string, spans: readonly ([number, number] | undefined)[]): Stretch[] {
  const marks = spans
    .map((span, action) => ({ span, action }))
    .filter((m): m is { span: [number, number]; action: number } => m.span !== undefined && m.span[1] > m.span[0])
    .sort((a, b) => a.span[0] - b.span[0]);
  const out: Stretch[] = [];
  let at = 0;
  for (const { span, action } of marks) {
    const [start, end] = span;
    if (start < at || start >= text.length) continue;
    if (start > at) out.push({ text: text.slice(at, start), action: null });
    out.push({ text: text.slice(start, end), action });
    at = Math.min(end, text.length);
  }
  if (at < text.length) out.push({ text: text.slice(at), action: null });
  return out;
}

export function pieces(text: string, size = pieceSize): string[] {
  if (text.length <= size) return [text];
  const out: string[] = [];
  for (let at = 0; at < text.length; at += size) out.push(text.slice(at, at + size));
  return out;
}
