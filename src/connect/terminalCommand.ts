// The program and arguments of a terminal on a box: the user's own ssh, asking on its own, in a folder if it is there.
import { loginShellCommand, shellLine } from "./transport";

export interface TerminalCommand {
  program: string;
  args: string[];
}

/** `configFile` null: ssh's own. The folder reaches the far shell as data; the alias cannot be taken for an option. */
export function terminalCommand(alias: string, configFile: string | null, folder: string | null): TerminalCommand {
  const config = configFile === null ? [] : ["-F", configFile];
  if (folder === null) return { program: "ssh", args: [...config, "--", alias] };
  const line = shellLine('cd "$at" || true; exec "${SHELL:-/bin/sh}" -l', { at: folder });
  return { program: "ssh", args: [...config, "-t", "--", alias, loginShellCommand(line)] };
}
