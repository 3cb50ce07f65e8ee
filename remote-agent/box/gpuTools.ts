// Running a vendor's tool: what it printed, or why it could not tell. Each way of failing keeps the tool's own words.
import { execFile } from "node:child_process";

export type Told = { ok: true; text: string } | { ok: false; missing: boolean; why: string };

/** A driver that hangs must not hang us; without persistence mode the first call starts the driver, which takes seconds. */
const PATIENCE_MS = 20_000;

export function ask(program: string, args: readonly string[]): Promise<Told> {
  return new Promise((resolve) => {
    const options = {
      timeout: PATIENCE_MS,
      maxBuffer: 16 << 20,
      encoding: "utf8",
      env: { ...process.env, LC_ALL: "C" },
    };
    execFile(program, args, options as { encoding: "utf8" }, (error, out, err) => {
      if (!error) return resolve({ ok: true, text: out });
      const { code, killed } = error;
      if (code === "ENOENT" || code === "EACCES")
        return resolve({ ok: false, missing: true, why: `${program} is not there` });
      // Some versions print their reason to stdout.
      const words = `${err}\n${out}`.split("\n").map((line) => line.trim());
      const said = words.find((line) => line !== "") ?? `it ended with ${String(code)}`;
      const why = killed ? `it did not answer within ${PATIENCE_MS / 1000} s` : said;
      resolve({ ok: false, missing: false, why: `${program}: ${why.slice(0, 300)}` });
    });
  });
}

/**
 * A figure, or null for everything else that drivers write in its place: `[N/A]`, `N/A`, `[Not Supported]`, `ERR!`, `[Unknown Error]`,
 * `[Insufficient Permissions]`, `[GPU requires reset]`, nothing. A unit behind it is taken off.
 */
export function figure(text: string | undefined): number | null {
  const found = /^\s*(-?\d+(?:\.\d+)?)\s*(?:%|MiB|MB|W|C|B)?\s*$/.exec(text ?? "");
  return found ? Number(found[1]) : null;
}
