// A run's state and progress as people read them, in the sidebar, the status bar and the command line's style.
import { fromWire, type WireNumber } from "./number";
import type { ProgressView, RunSummary, RunViewStatus, Stopping, Usage } from "./run";

export function durationWords(seconds: number): string {
  if (seconds < 1) return "under 1 s";
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${(seconds / 3600).toFixed(1)} h`;
  return `${(seconds / 86_400).toFixed(1)} days`;
}

export function numberWords(value: WireNumber): string {
  const number = fromWire(value);
  if (number === null) return "–";
  if (!Number.isFinite(number)) return String(value);
  const size = Math.abs(number);
  if (Number.isInteger(number) && size < 1e6) return String(number);
  return size !== 0 && (size < 1e-3 || size >= 1e6)
    ? number.toExponential(1)
    : number.toPrecision(3).replace(/\.?0+$/, "");
}

/** `step 120/500 · reward 0.61 · 2 min left` */
export function progressWords({ step, total, reward, secondsLeft }: ProgressView): string {
  return [
    step === null ? null : total === null ? `step ${step}` : `step ${step}/${total}`,
    reward === null ? null : `reward ${numberWords(reward)}`,
    secondsLeft === null ? null : `${durationWords(secondsLeft)} left`,
  ]
    .filter((part) => part !== null)
    .join(" · ");
}

/** `slow` or `hung`; null for a run that does as it should, or has ended. */
export function troubleOf({ health }: RunViewStatus): "slow" | "hung" | null {
  return health?.verdict === "slow" || health?.verdict === "hung" ? health.verdict : null;
}

export function stateWords(status: RunViewStatus): string {
  if (status.but !== null) return "finished, but";
  switch (status.state) {
    case "queued":
      return status.queue ? `queued, place ${status.queue.place}` : "queued";
    case "starting":
      return "starting";
    case "running":
      return status.sent.length > 0 ? "stopping" : troubleOf(status) ? `running, ${troubleOf(status)}` : "running";
    case "unsupervised":
      return "running, unsupervised";
    case "succeeded":
      return "succeeded";
    case "failed":
      return "failed";
    case "cancelled":
      return "cancelled";
    case "lost":
      return "lost";
  }
}

/** `SIGTERM sent; left: python (4711), ray (4712)` */
export function stoppingWords({ signal, left }: Stopping): string {
  return `${signal} sent; left: ${processWords(left) || "nothing"}`;
}

function processWords(processes: Stopping["left"]): string {
  const shown = processes.slice(0, 8).map(({ pid, name }) => `${name} (${pid})`);
  const more = processes.length > shown.length ? [`${processes.length - shown.length} more`] : [];
  return [...shown, ...more].join(", ");
}

/** `2 processes are left: python (4711), ray (4712)` */
export function leftWords(left: Stopping["left"]): string {
  const one = left.length === 1;
  return `${left.length} ${one ? "process is" : "processes are"} left: ${processWords(left)}`;
}

/** `2.1 GB of memory at most, 35 min of processor time` */
export function usageWords({ maxRssBytes, cpuSeconds }: Usage): string {
  const memory = maxRssBytes === null ? null : `${numberWords(maxRssBytes / 1e9)} GB of memory at most`;
  const time = cpuSeconds === null ? null : `${durationWords(cpuSeconds)} of processor time`;
  return [memory, time].filter((part) => part !== null).join(", ");
}

/** The line beside a run's name in the sidebar. */
export function summaryWords(run: RunSummary): string {
  const progress = progressWords(run.progress);
  const left = run.status.left?.length ?? 0;
  return run.status.state === "running" && run.status.sent.length === 0 && !troubleOf(run.status)
    ? progress || "running"
    : [stateWords(run.status), left === 0 ? "" : `${left} left running`, progress].filter(Boolean).join(" · ");
}

/** A command for reading and copying; it runs as its arguments, never as this text. */
export const commandWords = (argv: readonly string[]): string => argv.map(quoted).join(" ");

export const quoted = (arg: string): string => (/^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replace(/'/g, `'\\''`)}'`);

export function agoWords(ms: number): string {
  const seconds = Math.max(0, ms / 1000);
  return seconds < 5 ? "just now" : `${durationWords(seconds)} ago`;
}
