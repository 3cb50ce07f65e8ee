// What a terminal on a box starts: the user's own ssh, where the workspace is trusted.
import { untrusted } from "../../core/base/errors";
import { terminalCommand, type TerminalCommand } from "../connect/terminalCommand";
import type { Platform } from "../platform";
import { localBox, type BoxId } from "./box";

/** null for this machine, where a plain terminal does. */
export function boxTerminal(
  platform: Pick<Platform, "isTrusted" | "settings">,
  box: BoxId,
  folder: string | null,
): TerminalCommand | null {
  if (box === localBox) return null;
  if (!platform.isTrusted()) throw untrusted(box);
  const configFile = platform.settings()["ssh.configFile"];
  return terminalCommand(box, configFile === "" ? null : configFile, folder);
}
