// Where a run has a setup, its shell tells the supervisor the environment that came of it, over a socket that both inherit, and
// is answered with what an earlier attempt had otherwise. Values pass through memory; only what is no secret is written down.
import { basename, sep } from "node:path";
import type { Duplex } from "node:stream";
import { setupRecordSchema, type SetupRecord } from "../../core/model/environment";
import { statusSchema, type RunManifest } from "../../core/model/run";
import { tellsEnvironment } from "../../core/model/setup";
import { setupChanges, withEarlier, type Variables } from "../../core/recipes/setupChanges";
import { readJson, writeJson } from "../disk/atomicFile";
import { attemptFiles, type AttemptFiles } from "../disk/runFolder";

export const hasSetup = ({ commands }: RunManifest): boolean => commands.some(tellsEnvironment);

/** More than the kernel lets a program have is no environment. */
const LARGEST = 8 << 20;

export interface SetupContext {
  runFolder: string;
  attempt: number;
  manifest: RunManifest;
  /** What the shell was given. */
  before: Readonly<Record<string, string | undefined>>;
  /** UUIDs of this attempt's GPUs. */
  gpus: readonly string[];
}

/** Answers each command's shell, one after the other, until the socket closes. The shell goes on without an answer too. */
export function answerSetup(socket: Duplex, context: SetupContext): void {
  let heard: Buffer = Buffer.alloc(0);
  socket.on("error", () => socket.destroy());
  socket.on("data", (piece: Buffer) => {
    heard = Buffer.concat([heard, piece]);
    if (heard.length > LARGEST) return void socket.destroy();
    // Each entry ends with a NUL, and one more ends them all.
    const end = heard.indexOf("\0\0");
    if (end < 0) return;
    const after = variablesIn(heard.subarray(0, end));
    heard = heard.subarray(end + 2);
    const values = record(after, context);
    socket.write(
      `${Object.entries(values)
        .map(([name, value]) => `${name}=${value}\0`)
        .join("")}\0`,
    );
  });
}

function record(after: Variables, context: SetupContext): Variables {
  const { runFolder, attempt, manifest, before } = context;
  const now = setupChanges(definedOf(before), after, manifest.secretNames);
  const earlier = earlierRecord(runFolder, attempt);
  const { record: whole, values } = earlier
    ? withEarlier({ now, after, earlier, isOfOneAttempt: ofOneAttempt(context) })
    : { record: now, values: {} };
  try {
    writeJson(attemptFiles(runFolder, attempt).environment, whole);
  } catch {
    // A full disk: the training is worth more than the record of its surroundings.
  }
  return values;
}

/** Says of a value whether it names a GPU that any attempt was granted, or the folder of another attempt than this. */
function ofOneAttempt({ runFolder, attempt, gpus }: SetupContext): (value: string) => boolean {
  const others = Array.from({ length: attempt - 1 }, (_, at) => at + 1);
  const granted = others.flatMap((each) => readJson(attemptFiles(runFolder, each).status, statusSchema)?.gpus ?? []);
  // A setup may cut the vendor's `GPU-` off.
  const ids = [...granted, ...gpus].map((id) => id.replace(/^(?:GPU|MIG)-/, ""));
  // By the run's id, which is its own: the path to it may be written in several ways.
  const folders = others.map((each) => `${[basename(runFolder), "attempts", each].join(sep)}${sep}`);
  return (value) => ids.some((id) => value.includes(id)) || folders.some((folder) => `${value}${sep}`.includes(folder));
}

/** Null where there was no setup, or it has not ended. */
export const readSetupRecord = (files: AttemptFiles): SetupRecord | null =>
  readJson(files.environment, setupRecordSchema);

/** Of the nearest attempt that got as far, with this attempt's output folder in the place of its own. */
function earlierRecord(runFolder: string, attempt: number): SetupRecord | null {
  const { out } = attemptFiles(runFolder, attempt);
  for (let number = attempt - 1; number > 0; number--) {
    const files = attemptFiles(runFolder, number);
    const found = readSetupRecord(files);
    if (!found) continue;
    const before = files.out;
    const rebound = Object.entries(found.set).map(([name, value]) => [name, value.replaceAll(before, out)]);
    return { ...found, set: Object.fromEntries(rebound) as Record<string, string> };
  }
  return null;
}

/** Those that are text; one of other bytes passes from shell to training as it is. */
function variablesIn(bytes: Buffer): Variables {
  const entries = bytes.toString("latin1").split("\0");
  return Object.fromEntries(
    entries.flatMap((entry) => {
      const raw = Buffer.from(entry, "latin1");
      const text = raw.toString("utf8");
      const at = text.indexOf("=");
      return at > 0 && Buffer.from(text, "utf8").equals(raw) ? [[text.slice(0, at), text.slice(at + 1)]] : [];
    }),
  );
}

const definedOf = (given: SetupContext["before"]): Variables =>
  Object.fromEntries(Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
