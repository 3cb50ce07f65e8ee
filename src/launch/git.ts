// Runs git without a shell and without the caller's own GIT_* variables, which would point it at another repository.
import { execFile } from "node:child_process";

/** Standard output of a git command, or null where git is missing or says no. */
export const readGit = async (...args: Parameters<typeof askGit>): Promise<Buffer | null> =>
  (await askGit(...args))?.stdout ?? null;

/** The same with what git had to say beside it. */
export function askGit(
  folder: string,
  args: readonly string[],
  signal?: AbortSignal,
  own: Readonly<Record<string, string>> = {},
): Promise<{ stdout: Buffer; stderr: Buffer } | null> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_")));
  // Optional locks off: a status must not disturb what the user runs in the same repository.
  const options = {
    cwd: folder,
    env: { ...env, GIT_OPTIONAL_LOCKS: "0", ...own },
    maxBuffer: 256e6,
    signal,
    windowsHide: true,
  };
  return new Promise((resolve) => {
    execFile("git", [...args], { ...options, encoding: "buffer" }, (error, stdout, stderr) => {
      resolve(error ? null : { stdout, stderr });
    });
  });
}
