// A window of the desktop VS Code with an extension under development, apart from the user's own windows.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { endGroup, startGroup } from "./processes";

export interface DesktopOptions {
  extension: string;
  userDataDir: string;
  extensionsDir: string;
  /** A folder, then files in it. */
  open: readonly string[];
}

export interface DesktopWindow {
  closed: Promise<void>;
  close(): Promise<void>;
}

export function openDesktop(code: string, options: DesktopOptions): DesktopWindow {
  const args = ["--new-window", "--wait", "--extensionDevelopmentPath", options.extension];
  args.push("--user-data-dir", options.userDataDir, "--extensions-dir", options.extensionsDir, ...options.open);
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VSCODE_|ELECTRON_)/.test(name)));
  const command = startGroup(code, args, { env, stdio: ["ignore", "ignore", "inherit"] });
  return {
    closed: once(command, "exit").then(() => undefined),
    close: async () => {
      endMainProcess(options.userDataDir);
      await endGroup(command);
    },
  };
}

/** The `code` command hands over to a process of its own, which leaves its id in the user data folder. */
function endMainProcess(userDataDir: string): void {
  try {
    process.kill(Number(readFileSync(join(userDataDir, "code.lock"), "utf8")), "SIGTERM");
  } catch {
    // The window was closed by hand.
  }
}
