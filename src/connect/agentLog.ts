// What the agent writes to stderr: its log as JSON lines, or whatever a crashing Node prints. Into our log, under "agent".
import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import type { Logger, LogLevel } from "../../core/base/logger";

const levels: readonly string[] = ["trace", "debug", "info", "warn", "error"] satisfies LogLevel[];
const MAX_LINE = 64 * 1024;
const KEEP = 20;

export interface AgentLog {
  /** The last thing it said that was no log record: the reason when it crashed. */
  lastWords(): string;
}

export function followAgentLog(stderr: Readable, logger: Logger): AgentLog {
  const plain: string[] = [];
  const decoder = new StringDecoder("utf8");
  let rest = "";
  const take = (line: string): void => {
    if (line.trim() === "") return;
    const record = parseRecord(line);
    if (record) logger.log(record.level, "agent", record.message, record.detail);
    else {
      logger.log("info", "agent", line.trimEnd());
      plain.push(line.trim());
      if (plain.length > KEEP) plain.shift();
    }
  };
  stderr.on("data", (bytes: Buffer) => {
    const lines = (rest + decoder.write(bytes)).split("\n");
    rest = (lines.pop() ?? "").slice(-MAX_LINE);
    lines.forEach(take);
  });
  stderr.on("end", () => take(rest));
  stderr.on("error", () => undefined);
  return { lastWords: () => plain.find((line) => /Error\b/.test(line)) ?? plain.at(-1) ?? "" };
}

function parseRecord(line: string): { level: LogLevel; message: string; detail?: unknown } | null {
  if (!line.startsWith("{")) return null;
  try {
    const value = JSON.parse(line) as { level?: unknown; message?: unknown; detail?: unknown };
    if (typeof value.message !== "string" || !levels.includes(String(value.level))) return null;
    return { level: value.level as LogLevel, message: value.message, detail: value.detail };
  } catch {
    return null;
  }
}
