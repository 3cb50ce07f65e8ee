// A stop as its rounds: SIGINT, SIGTERM, SIGKILL, each with the time it is given, to everything that a run started. The supervisor
// carries it out, or where that is gone the agent that got the wish; what was sent and what is left is told at every change.
import { setTimeout as sleep } from "node:timers/promises";
import type { Stopping } from "../../core/model/run";
import { killGroup } from "../box/controlGroup";
import { nameOf, send } from "../box/processes";
import type { RunProcesses } from "../box/runProcesses";

/** What still lives after SIGKILL is looked for this often: a dying process may just have forked. */
const KILL_ROUNDS = 20;
export const LOOK_MS = 50;

/** How long a training has to end after SIGINT, and then after SIGTERM. RUNSIDE_STOP_GRACE_MS="10000,5000" changes both. */
function graceMs(): { SIGINT: number; SIGTERM: number } {
  const [int, term] = (process.env["RUNSIDE_STOP_GRACE_MS"] ?? "").split(",").map((part) => parseInt(part, 10));
  return { SIGINT: int && int > 0 ? int : 10_000, SIGTERM: term && term > 0 ? term : 5_000 };
}

export interface Stoppable {
  processes: RunProcesses;
  /** The process group of the training; null where nobody knows it any more. */
  group: number | null;
  /** The folder of the run's control group, where it has one. */
  controlGroup: string | null;
  /** Whether its leader, the reaper, has ended. */
  hasEnded: () => boolean;
  /** `sent` grows by one with each round; `stopping` changes also while a round is waited for. */
  tell: (sent: readonly string[], stopping: Stopping) => void;
}

/** Resolves with what is left when nothing is, or when even SIGKILL did not help (a process that hangs in the kernel). */
export async function stopEverything({
  processes,
  group,
  controlGroup,
  hasEnded,
  tell,
}: Stoppable): Promise<Stopping["left"]> {
  const sent: string[] = [];
  const grace = graceMs();
  let told = "";
  const look = (until: string | null): Stopping["left"] => {
    const left = processes
      .now()
      // Not the reaper, which leads the group.
      .filter((pid) => pid !== group)
      .map((pid) => ({ pid, name: nameOf(pid) }));
    const text = JSON.stringify([sent, left]);
    if (text !== told) tell(sent, { signal: sent.at(-1) ?? "", until, left });
    told = text;
    return left;
  };
  const goneWithin = async (ms: number, until: string | null): Promise<boolean> => {
    for (const end = performance.now() + ms; ;) {
      if (look(until).length === 0 && hasEnded()) return true;
      if (performance.now() >= end) return false;
      await sleep(LOOK_MS);
    }
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    const until = new Date(Date.now() + grace[signal]).toISOString();
    sent.push(signal);
    // Told before it is done: an end that comes at once was not without a reason.
    look(until);
    // Workers follow their parent after a SIGINT: what carries the run's marker outside the group is spared one round.
    const others = signal === "SIGTERM" || group === null ? processes.now() : [];
    // The reaper is in the group and catches both, so it outlives the rest by a moment and records the exit code.
    if (group !== null) send(-group, signal);
    for (const pid of others) if (pid !== group) send(pid, signal);
    if (await goneWithin(grace[signal], until)) return [];
  }
  sent.push("SIGKILL");
  look(null);
  for (let attempt = 0; attempt < KILL_ROUNDS; attempt++) {
    if (controlGroup !== null) killGroup(controlGroup);
    if (group !== null) send(-group, "SIGKILL");
    for (const pid of processes.now()) send(pid, "SIGKILL");
    if (await goneWithin(LOOK_MS, null)) return [];
  }
  return look(null);
}
