// The step before a start that gives a run its GPUs: it takes a ticket, waits until it is first, and then until as many of the GPUs it
// may have are free together. Strictly in order: a run that needs four holds back those behind it, or it would never get them.
import { launchFailed } from "../../core/base/errors";
import { candidatesOf, gpuLabel, holderWords, requestWords, type Gpu, type GpuRequest } from "../../core/model/gpu";
import { findGpus, GRANTED } from "../box/gpus";
import { Home } from "../disk/home";
import type { BeforeStart, StartContext } from "../supervise/beforeStart";
import { close, lockWhenFree, openToLook } from "./flock";
import { gpuLockPath, GpuLock } from "./gpuLocks";
import { locksFolder } from "./locksFolder";
import { Ticket } from "./tickets";

/** Locks wake us; what holds a GPU without one is asked for this often. */
const ASK_AGAIN_MS = 3_000;
const KEEP_MS = 60_000;
/** Without persistence mode a driver starts for seconds; whoever launched is told before giving up. */
const SLOW_MS = 8_000;

type Wanted = Exclude<GpuRequest, "none">;

export const gpuTurn: BeforeStart = async (context) => {
  const request = context.manifest.gpus ?? "none";
  if (request === "none") return {};
  const slow = setTimeout(() => {
    const waitsFor = requestWords(request);
    context.waits(`Waits for ${waitsFor}: the driver has not answered yet.`, { place: 1, waitsFor });
  }, SLOW_MS);
  const found = await candidates(request).finally(() => clearTimeout(slow));
  const folder = locksFolder();
  const ticket = await Ticket.take(folder, context.signal);
  if (!ticket) return {};
  try {
    const asked = requestWords(request);
    const first = await ticket.first(context.signal, (place) =>
      context.waits(`Place ${place} in the queue for ${asked}: ${place - 1} before it.`, { place, waitsFor: asked }),
    );
    const locks = first ? await acquire({ context, request, folder, ticket, found }) : null;
    if (!locks) return {};
    const gpus = locks.map(({ uuid }) => uuid);
    // The supervisor's own duty; the reaper needs only the descriptors.
    setInterval(() => locks.forEach((lock) => lock.keep()), KEEP_MS).unref();
    const vendor = found.find(({ uuid }) => uuid === gpus[0])?.vendor ?? "nvidia";
    return { env: environmentOf(vendor, gpus), inherited: locks.map(({ fd }) => fd), gpus };
  } finally {
    ticket.release();
  }
};

/** Throws where this box can never give what is asked. */
async function candidates(request: Wanted): Promise<Gpu[]> {
  const { gpus, problem } = await findGpus({ home: new Home() });
  if (gpus.length === 0) {
    const why = problem ?? "none was found (neither nvidia-smi, amd-smi nor rocm-smi is there, or they list none)";
    throw launchFailed(
      `The run asks for ${requestWords(request)}, and this box offers none: ${why.replace(/\.$/, "")}. Launch it with no GPU, or on another box.`,
    );
  }
  const found = candidatesOf(request, gpus);
  if (typeof found === "string") throw launchFailed(found);
  return found;
}

interface Head {
  context: StartContext;
  request: Wanted;
  folder: string;
  ticket: Ticket;
  found: readonly Gpu[];
}

/** All at once or none: nothing is held while waiting for the rest. null where the run was stopped. */
async function acquire({ context, request, folder, ticket, found }: Head): Promise<GpuLock[] | null> {
  const { signal } = context;
  const count = "count" in request ? request.count : found.length;
  while (!signal.aborted) {
    ticket.keep();
    const tried = found.map(({ uuid }) => ({ uuid, lock: GpuLock.try(folder, uuid) }));
    const got = tried.flatMap(({ lock }) => (lock ? [lock] : []));
    let given: GpuLock[] = [];
    try {
      // Asked with the locks in hand: between looking and locking nobody of the queue can come.
      const now = await findGpus({ home: new Home(), mine: got.map(({ uuid }) => uuid) });
      const isFree = (uuid: string): boolean => now.gpus.some((gpu) => gpu.uuid === uuid && gpu.holders.length === 0);
      const free = got.filter(({ uuid }) => isFree(uuid));
      if (free.length >= count && !signal.aborted) return (given = free.slice(0, count));
      const missing = found.filter(({ uuid }) => !free.some((lock) => lock.uuid === uuid));
      context.waits(...waitingWords(request, free.length, missing, now.gpus, now.problem));
    } finally {
      for (const lock of got) if (!given.includes(lock)) lock.release();
    }
    await changed(
      folder,
      tried.flatMap(({ uuid, lock }) => (lock ? [] : [uuid])),
      signal,
    );
  }
  return null;
}

function waitingWords(
  request: Wanted,
  free: number,
  missing: readonly Gpu[],
  now: readonly Gpu[],
  problem: string | null,
): Parameters<StartContext["waits"]> {
  const waitsFor = requestWords(request);
  const reasons = missing.map(({ uuid, ...gpu }) => {
    const seen = now.find((each) => each.uuid === uuid);
    const why = seen === undefined ? (problem ?? "not listed any more") : holderWords(seen);
    return `${gpuLabel(gpu)} ${why === "free" ? "was just taken" : why}`;
  });
  const some = "count" in request && request.count > 1 ? ` (${free} free)` : "";
  return [`First in the queue for ${waitsFor}${some}: ${reasons.join("; ")}.`, { place: 1, waitsFor }];
}

/** One of the locks can be had, or it is time to look at the processes again, or the run was stopped. */
async function changed(folder: string, held: readonly string[], signal: AbortSignal): Promise<void> {
  const enough = new AbortController();
  const end = (): void => enough.abort();
  const timer = setTimeout(end, ASK_AGAIN_MS);
  signal.addEventListener("abort", end, { once: true });
  const fds = held.flatMap((uuid) => openToLook(gpuLockPath(folder, uuid)) ?? []);
  try {
    const timeUp = new Promise<void>((resolve) => enough.signal.addEventListener("abort", () => resolve()));
    const waits = fds.map((fd) => lockWhenFree(fd, "exclusive", enough.signal).then(() => undefined));
    await Promise.race([timeUp, ...waits]);
    // The others end before their descriptors do.
    end();
    await Promise.all(waits);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
    fds.forEach(close);
  }
}

/** Of AMD's two variables the first hides devices by UUID, and the second then counts those that are left. */
function environmentOf(vendor: Gpu["vendor"], uuids: readonly string[]): Record<string, string> {
  const all = uuids.join(",");
  const seen: Record<string, string> =
    vendor === "nvidia"
      ? { CUDA_VISIBLE_DEVICES: all }
      : { ROCR_VISIBLE_DEVICES: all, HIP_VISIBLE_DEVICES: uuids.map((_uuid, at) => at).join(",") };
  return { ...seen, [GRANTED]: all };
}
