// One logger for every process. A tag is required; secrets and message bodies are never arguments to it.
export type LogLevel = "trace" | "debug" | "info" | "warn" | "error";
export type LogTag = "connect" | "agent" | "rpc" | "trace" | "view" | "launch" | "supervise";

export interface Logger {
  log(level: LogLevel, tag: LogTag, message: string, detail?: unknown): void;
}

export const nullLogger: Logger = { log: () => undefined };

export interface LogRecord {
  level: LogLevel;
  tag: LogTag;
  message: string;
  detail?: unknown;
}

/** Keeps the last `limit` records: the tail of a diagnostics report, and what tests look at. */
export class MemoryLogger implements Logger {
  readonly records: LogRecord[] = [];

  constructor(private readonly limit = 500) {}

  log(level: LogLevel, tag: LogTag, message: string, detail?: unknown): void {
    this.records.push({ level, tag, message, detail });
    if (this.records.length > this.limit) this.records.shift();
  }
}
