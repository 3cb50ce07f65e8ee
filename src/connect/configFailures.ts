// One function per way in which the SSH config, a pasted line or known_hosts can be wrong: what, where, and what to do next.
import { RunsideError } from "../../core/base/errors";

export const badAlias = (alias: string): RunsideError =>
  new RunsideError(
    "connect/bad-config",
    `"${printable(alias)}" cannot be used as the name of a box: it begins with "-" or holds characters that a shell would act on; choose a plain host name.`,
    { data: { alias } },
  );

export function badSshConfig(problem: string, path?: string): RunsideError {
  // ssh begins with the file that it names, with or without a colon.
  const what = path && problem.startsWith(path) ? problem.slice(path.length).replace(/^:? /, "") : problem;
  return new RunsideError(
    "connect/bad-config",
    `The SSH config${path ? ` ${path}` : ""} cannot be used: ${what}; correct it there, then retry.`,
    { data: { problem, ...(path ? { path } : {}) } },
  );
}

export const badKnownHosts = (problem: string, file: string): RunsideError =>
  new RunsideError(
    "connect/bad-config",
    `${file} cannot be read (${problem}), so no host key can be checked and nothing was sent: make it a file that you may read, or name another one with UserKnownHostsFile in the SSH config, then retry.`,
    { data: { file } },
  );

/** The next attempt may find it quicker. */
export const sshConfigSlow = (alias: string, seconds: number): RunsideError =>
  new RunsideError(
    "connect/unreachable",
    `The SSH config could not be asked about ${alias}: \`ssh -G ${alias}\` did not answer within ${seconds} s; see what it waits for (a Match exec, a folder on a file server), then retry.`,
    { data: { label: alias, reason: "ssh -G" } },
  );

/** While a config is being edited, a reconnect goes on trying. */
export const sshConfigBroken = (problem: RunsideError): RunsideError =>
  new RunsideError("connect/unreachable", problem.message, { data: problem.data, cause: problem });

export const badSshCommand = (problem: string): RunsideError =>
  new RunsideError(
    "connect/bad-config",
    `That is not an ssh command line Runside can read: ${problem}. Paste a line like "ssh -p 31234 root@1.2.3.4".`,
  );

export const aliasTaken = (alias: string, path: string): RunsideError =>
  new RunsideError(
    "connect/bad-config",
    `${path} already has a host "${alias}": choose another name for the new box.`,
    {
      data: { alias, path },
    },
  );

/** `otherwise`: what ssh would take instead, in words. */
export const blockOverruled = (alias: string, path: string, otherwise: string): RunsideError =>
  new RunsideError(
    "connect/bad-config",
    `"${alias}" was not added to ${path}, because it would reach something else than you pasted: what stands before the first Host there wins (${otherwise}); move that into a Host block further down, then add the box again.`,
    { data: { alias, path } },
  );

export const blockRefused = (alias: string, why: string): RunsideError =>
  new RunsideError(
    "connect/bad-config",
    `"${alias}" was not added, because ssh does not take the line (${why}): correct it and paste it again.`,
    { data: { alias } },
  );

export const jumpLoop = (alias: string, chain: readonly string[]): RunsideError =>
  new RunsideError(
    "connect/bad-config",
    `The jump hosts of "${alias}" lead in a circle or are more than 8 (${chain.join(" > ")}): correct ProxyJump in the SSH config.`,
    { data: { alias, chain } },
  );

function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f]/g, "?").slice(0, 80);
}
