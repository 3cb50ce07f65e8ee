// The last lines of the log, in memory: the editor's channel cannot be read back, and a report is of no use without them.
import type { Logger, LogLevel } from "../../core/base/logger";

const KEPT = 400;
const MOST_CHARACTERS = 2000;

export class RecentLog {
  private readonly lines: string[] = [];

  /** A logger that writes to `next` and is remembered here; trace is not. */
  over(next: Logger): Logger {
    return {
      log: (level, tag, message, detail) => {
        next.log(level, tag, message, detail);
        if (level !== "trace") this.keep(level, `[${tag}] ${message}${detailText(detail)}`);
      },
    };
  }

  /** Oldest first. */
  last(): readonly string[] {
    return this.lines;
  }

  private keep(level: LogLevel, text: string): void {
    const cut = text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
    this.lines.push(`${new Date().toISOString()} ${level} ${cut}`);
    if (this.lines.length > KEPT) this.lines.shift();
  }
}

function detailText(detail: unknown): string {
  if (detail === undefined) return "";
  return ` ${typeof detail === "string" ? detail : JSON.stringify(detail)}`;
}
