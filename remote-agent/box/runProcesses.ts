// Who belongs to a run. The marker in the environment finds workers in sessions of their own; it is gone where a program clears its
// environment or writes a title over it (setproctitle, as Ray and vLLM do). Such a one is found by the training's session and process
// group, by whose child it is, and, once seen, by its identity.
import { membersOf } from "./controlGroup";
import { nameOf, processTable, type ProcessEntry } from "./processes";

export interface KnownProcess {
  pid: number;
  start: string;
}

export interface RunProcessesOptions {
  /** The session and process group of the training, which its reaper leads; null where nobody knows it any more. */
  group: number | null;
  /** The folder of the run's control group, where it has one. */
  controlGroup: string | null;
  /** When its first process began, in clock ticks since boot: nothing older is looked at for its marker. */
  since?: number;
  /** Seen before by somebody else: the child on record, what was left when the run ended. */
  known?: readonly KnownProcess[];
}

export class RunProcesses {
  private readonly seen = new Map<number, string>();

  constructor(
    private readonly runId: string,
    private readonly options: RunProcessesOptions,
  ) {
    for (const { pid, start } of options.known ?? []) if (start !== "") this.seen.set(pid, start);
  }

  /** What lives of the run now, this process apart. */
  now(): number[] {
    return this.look().map(({ pid }) => pid);
  }

  /** The same with start times and names, for a record. */
  named(): (KnownProcess & { name: string })[] {
    return this.look().map(({ pid, start }) => ({ pid, start, name: nameOf(pid) }));
  }

  private look(): ProcessEntry[] {
    const { group, controlGroup } = this.options;
    const table = processTable(this.runId, this.options.since);
    const inControl = new Set(controlGroup === null ? [] : membersOf(controlGroup));
    const ours = new Map<number, ProcessEntry>();
    for (const entry of table) {
      const inGroup = group !== null && (entry.session === group || entry.group === group);
      if (entry.tagged || inGroup || inControl.has(entry.pid) || this.seen.get(entry.pid) === entry.start)
        ours.set(entry.pid, entry);
    }
    ours.delete(process.pid);
    // A parent may stand behind its child in the table.
    for (let before = -1; before !== ours.size;) {
      before = ours.size;
      for (const entry of table) if (ours.has(entry.parent) && entry.pid !== process.pid) ours.set(entry.pid, entry);
    }
    for (const { pid, start } of ours.values()) this.seen.set(pid, start);
    return [...ours.values()];
  }
}
