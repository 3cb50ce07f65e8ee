// Files of one JSON object per line, written so that a reader can follow them live: whole lines, flushed once a step.
// The text is spelled as Python's json.dumps spells it, because that is what readers of such traces are used to.

import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";

export class JsonLines {
  private readonly file: number;
  private pending = "";

  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true });
    this.file = openSync(path, "w");
  }

  add(value: object): void {
    this.pending += `${pythonJson(value)}\n`;
  }

  flush(): void {
    if (this.pending) writeSync(this.file, this.pending);
    this.pending = "";
  }

  close(): void {
    this.flush();
    closeSync(this.file);
  }
}

/** json.dumps with its defaults: spaces after separators, escapes beyond ASCII, bare NaN and Infinity. */
export function pythonJson(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "number") return Number.isFinite(value) ? JSON.stringify(value) : String(value);
  if (typeof value === "string") return asciiJson(value);
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(", ")}]`;
  if (typeof value === "object") {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    return `{${entries.map(([key, item]) => `${asciiJson(key)}: ${pythonJson(item)}`).join(", ")}}`;
  }
  return JSON.stringify(value) ?? "null";
}

function asciiJson(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
