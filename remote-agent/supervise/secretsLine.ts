// Secrets travel to a supervisor as one JSON line on its standard input, closed after it: neither `ps` nor /proc/PID/environ of
// the supervisor nor any file holds them, and they end with the process that was given them.
import { text } from "node:stream/consumers";
import { launchFailed } from "../../core/base/errors";
import { isFields, parseJsonLine, textOf } from "../../core/base/json";

export const secretsLine = (secrets: Readonly<Record<string, string>>): string => `${JSON.stringify(secrets)}\n`;

/** Waits until the other side has closed. Throws `run/launch-failed` where one of `names` did not come. */
export async function readSecrets(names: readonly string[]): Promise<Record<string, string>> {
  if (names.length === 0) return {};
  const line = parseJsonLine(await text(process.stdin).catch(() => ""));
  const given = line.ok && isFields(line.value) ? line.value : {};
  const missing = names.filter((name) => textOf(given[name]) === null);
  if (missing.length > 0)
    throw launchFailed(
      `${missing.join(", ")} did not reach the run, because the link ended while it was launched; launch it again.`,
    );
  return Object.fromEntries(names.map((name) => [name, textOf(given[name]) ?? ""]));
}
