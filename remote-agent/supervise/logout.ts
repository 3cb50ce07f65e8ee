// Whether the box ends a user's processes when they log out (logind's KillUserProcesses=yes), and what saves a run from it: a scope of
// its own under a user manager that lingers. Where that cannot be had, the launch is preceded by a warning.
import { execFile } from "node:child_process";
import { userInfo } from "node:os";

export interface LogoutPlan {
  /** Stands before a supervisor's command; empty where it needs no help. */
  wrapper: readonly string[];
  /** One sentence where a run would end with the last session, else null. */
  warning: string | null;
}

const TIMEOUT_MS = 3000;
const nothingToDo: LogoutPlan = { wrapper: [], warning: null };
const SCOPE = ["systemd-run", "--user", "--scope", "--collect", "--quiet", "--"];

let plan: Promise<LogoutPlan> | null = null;

/** The box does not change its mind while this process lives. */
export function logoutPlan(): Promise<LogoutPlan> {
  plan ??= findPlan();
  return plan;
}

/** systemd-run finds its user's manager by this, which a session without PAM does not set. */
export const scopeEnvironment = (): NodeJS.ProcessEnv => ({
  XDG_RUNTIME_DIR: process.env["XDG_RUNTIME_DIR"] ?? `/run/user/${process.getuid?.() ?? 0}`,
});

async function findPlan(): Promise<LogoutPlan> {
  if (process.platform !== "linux") return nothingToDo;
  const user = userName();
  if (!(await killsProcessesOf(user))) return nothingToDo;
  const lingers =
    (await answer("loginctl", ["show-user", user, "--property=Linger", "--value"]))?.trim() === "yes" ||
    (await answer("loginctl", ["--no-ask-password", "enable-linger"])) !== null;
  if (lingers && (await answer(SCOPE[0] ?? "", [...SCOPE.slice(1), "true"])) !== null)
    return { wrapper: SCOPE, warning: null };
  const missing = lingers ? "a scope of its own could not be made for it" : "lingering could not be turned on";
  return {
    wrapper: [],
    warning: `This box ends all of a user's processes at logout (KillUserProcesses=yes), and ${missing}: a run ends with your last session. Ask its administrator for \`loginctl enable-linger ${user}\`.`,
  };
}

/** Three properties, one a line, as busctl prints them: `b true`, `as 0`, `as 1 "root"`. No systemd, no answer, no killing. */
async function killsProcessesOf(user: string): Promise<boolean> {
  const manager = ["org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager"];
  const asked = ["KillUserProcesses", "KillOnlyUsers", "KillExcludeUsers"];
  const [kills, only = "", except = ""] =
    (await answer("busctl", ["get-property", ...manager, ...asked]))?.trim().split("\n") ?? [];
  const names = (line: string): string[] => [...line.matchAll(/"([^"]*)"/g)].map(([, name = ""]) => name);
  if (kills !== "b true" || names(except).includes(user)) return false;
  return names(only).length === 0 || names(only).includes(user);
}

/** What it printed, or null where it is not there, failed, or did not answer in time. */
function answer(program: string, args: readonly string[]): Promise<string | null> {
  const env = { ...process.env, ...scopeEnvironment() };
  return new Promise((resolve) => {
    execFile(program, args, { env, timeout: TIMEOUT_MS }, (error, stdout) => resolve(error ? null : stdout));
  });
}

/** A container's uid may have no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "");
  }
}
