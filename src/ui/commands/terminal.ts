// Open Terminal on Box: the user's ssh in a terminal of the editor, in the run's folder; on this machine a plain terminal.
import * as vscode from "vscode";
import { agent } from "../../../core/protocol/agent";
import { protocolVersion } from "../../../core/protocol/catalogue";
import type { Platform } from "../../platform";
import { boxTerminal } from "../../runs/boxTerminal";
import type { BoxSession } from "../../runs/boxes";

export async function openTerminal(platform: Platform, session: BoxSession, run: string | null): Promise<void> {
  const folder = run === null ? null : await folderOf(session, run);
  const name = run === null ? session.label : `${session.directory.get(run)?.name ?? run} (${session.label})`;
  const icon = new vscode.ThemeIcon("server");
  const command = boxTerminal(platform, session.id, folder);
  const what = command
    ? { shellPath: command.program, shellArgs: command.args }
    : { ...(folder === null ? {} : { cwd: folder }) };
  vscode.window.createTerminal({ name, iconPath: icon, ...what }).show();
}

/** Where the box cannot be asked, a terminal in the home folder is still one. */
async function folderOf(session: BoxSession, run: string): Promise<string | null> {
  const peer = session.link.current;
  if (!peer) return null;
  const hello = await peer.request(agent.hello, { protocol: protocolVersion }).catch(() => null);
  return hello ? `${hello.runsideHome}/runs/${run}` : null;
}
