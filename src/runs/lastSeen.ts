// What each box showed last, on this machine's disk: a box that is gone, or that a reloaded window cannot reach, is shown with its age.
// A small file per box and one per open run, for this user alone, bounded, checked on reading, and replaced whole.
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import type { Logger } from "../../core/base/logger";
import { thin } from "../../core/metrics/thin";
import { fromWire, toWire } from "../../core/model/number";
import { runSummarySchema } from "../../core/model/run";
import { applyRunDelta, emptyRunState, runDeltaSchema, snapshotOf, type RunState } from "../../core/model/runState";
import type { BoxId } from "./box";

/** A remembered state continues nothing: whoever holds it is sent the whole. */
const REMEMBERED = "remembered";
/** Rented boxes come and go under new names. */
const BOXES = 40;
const RUNS = 50;
const STATES = 8;
const POINTS = 300;
const LARGEST = 2e6;

const seenSchema = z.object({
  schema: z.literal(1),
  box: z.string(),
  /** ms of Date.now(). */
  seenAt: z.number(),
  /** False after an uninstall: nothing connects by itself, which would install it again. */
  installed: z.boolean(),
  /** Newest first. */
  runs: z.array(runSummarySchema),
});
export type Seen = z.infer<typeof seenSchema>;

const stateSchema = z.object({
  schema: z.literal(1),
  target: z.string(),
  seenAt: z.number(),
  state: runDeltaSchema,
});

export interface SeenState {
  /** When the box said so, in ms of Date.now(). */
  seenAt: number;
  state: RunState;
}

export interface SeenStates {
  read(target: string): SeenState | null;
  keep(target: string, state: RunState): void;
}

export class LastSeen {
  /** `folder`: null where nothing can be kept. */
  constructor(
    private readonly folder: string | null,
    private readonly logger: Logger,
  ) {}

  of(box: BoxId): Seen | null {
    const seen = this.read(`${nameOf(box)}.json`, seenSchema);
    return seen?.box === box ? seen : null;
  }

  keep(box: BoxId, { installed, runs }: Pick<Seen, "installed" | "runs">): void {
    const seen: Seen = { schema: 1, box, seenAt: Date.now(), installed, runs: runs.slice(0, RUNS) };
    this.write(`${nameOf(box)}.json`, seen);
    // A file and a folder for each.
    this.drop(".", 2 * BOXES);
    if (!installed && this.folder !== null) remove(join(this.folder, nameOf(box)));
  }

  /** The states of the runs of a box that were looked at last. */
  statesOf(box: BoxId): SeenStates {
    const fileOf = (target: string): string => join(nameOf(box), `${nameOf(target)}.json`);
    return {
      read: (target) => {
        const held = this.read(fileOf(target), stateSchema);
        const state = held?.target === target ? applyRunDelta(emptyRunState, held.state) : "gap";
        return !held || state === "gap" ? null : { seenAt: held.seenAt, state: { ...state, cursor: REMEMBERED } };
      },
      keep: (target, state) => {
        if (this.folder === null) return;
        this.write(fileOf(target), { schema: 1, target, seenAt: Date.now(), state: snapshotOf(thinned(state)) });
        this.drop(nameOf(box), STATES);
      },
    };
  }

  private read<T>(name: string, schema: z.ZodMiniType<T>): T | null {
    if (this.folder === null) return null;
    try {
      const path = join(this.folder, name);
      if (statSync(path).size > LARGEST) return null;
      const parsed = schema.safeParse(JSON.parse(readFileSync(path, "utf8")));
      return parsed.success ? parsed.data : null;
    } catch {
      // Not there, or damaged: nothing is known, as before the first connection.
      return null;
    }
  }

  private write(name: string, value: unknown): void {
    if (this.folder === null) return;
    const path = join(this.folder, name);
    const beside = `${path}.tmp-${randomBytes(6).toString("hex")}`;
    try {
      const text = JSON.stringify(value);
      // Too much to keep, and what was kept before would pass for the last.
      if (Buffer.byteLength(text) > LARGEST) return remove(path);
      mkdirSync(join(path, ".."), { recursive: true, mode: 0o700 });
      writeFileSync(beside, text, { mode: 0o600 });
      renameSync(beside, path);
    } catch (error) {
      this.logger.log("warn", "view", "what a box showed last could not be kept", String(error));
      remove(beside);
    }
  }

  /** Only the newest files stay. */
  private drop(name: string, most: number): void {
    if (this.folder === null) return;
    const folder = join(this.folder, name);
    try {
      const files = readdirSync(folder).map((file) => ({ file, at: statSync(join(folder, file)).mtimeMs }));
      files.sort((a, b) => b.at - a.at);
      for (const { file } of files.slice(most)) remove(join(folder, file));
    } catch {
      // Another window was faster.
    }
  }
}

/** Whatever speaks against it: it is only a memory. */
function remove(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // It lies where nothing can be deleted, and so where nothing could be written.
  }
}

/** Boxes and paths may hold any character. */
const nameOf = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 24);

function thinned(state: RunState): RunState {
  const series = [...state.series].map(([key, held]) => {
    const numbers = (column: typeof held.steps): number[] => column.map((value) => fromWire(value) ?? NaN);
    const { steps, values } = thin(numbers(held.steps), numbers(held.values), POINTS);
    return [key, { ...held, steps: steps.map(toWire), values: values.map(toWire) }] as const;
  });
  return { ...state, series: new Map(series) };
}
