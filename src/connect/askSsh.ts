// `ssh -G`: what ssh itself reads from its config about a host.
import { execFile } from "node:child_process";
import { cancelled } from "../../core/base/errors";
import { badSshConfig, sshConfigSlow } from "./configFailures";
import type { HostOverride, RawConfig, SshConfigOptions } from "./sshConfig";
import { defaultConfigFile } from "./sshConfigFile";

const ASK_MS = 5000;

export function askSsh(
  program: string,
  alias: string,
  options: SshConfigOptions,
  over: HostOverride,
): Promise<RawConfig> {
  const args = ["-G"];
  if (options.configFile !== null) args.push("-F", options.configFile);
  if (over.user !== undefined) args.push("-l", over.user);
  if (over.port !== undefined) args.push("-p", String(over.port));
  return new Promise((resolve, reject) => {
    const settings = { timeout: ASK_MS, maxBuffer: 1 << 20, signal: options.signal, windowsHide: true };
    execFile(program, [...args, "--", alias], settings, (error, stdout, stderr) => {
      if (!error) resolve(parseDump(stdout));
      else if (options.signal?.aborted) reject(cancelled());
      else if (error.killed) reject(sshConfigSlow(alias, ASK_MS / 1000));
      else
        reject(badSshConfig(complaint(stderr) || error.message, options.configFile ?? defaultConfigFile(options.home)));
    });
  });
}

/** The line that names a place in the file; the last one only counts how many there were. */
function complaint(text: string): string {
  const lines = text
    .trim()
    .split(/\r?\n/)
    .filter((line) => !line.startsWith("Pseudo-terminal"));
  return (lines.find((line) => /line \d+/.test(line)) ?? lines.pop() ?? "").replace(/\.$/, "");
}

function parseDump(text: string): RawConfig {
  const raw: RawConfig = new Map();
  for (const line of text.split(/\r?\n/)) {
    const at = line.indexOf(" ");
    if (at <= 0) continue;
    const key = line.slice(0, at).toLowerCase();
    raw.set(key, [...(raw.get(key) ?? []), line.slice(at + 1).trim()]);
  }
  return raw;
}
