// The agent's log: JSON lines on stderr, which the extension host files under its own log.
import type { Logger } from "../core/base/logger";

export const stderrLogger: Logger = {
  log: (level, tag, message, detail) => {
    if (level === "trace" || level === "debug") return;
    process.stderr.write(`${JSON.stringify({ level, tag, message, ...(detail === undefined ? {} : { detail }) })}\n`);
  },
};
