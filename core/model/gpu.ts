// A box's GPUs as the system tells them, who holds each, and what a launch asks for.
import * as z from "zod/mini";

export const gpuProcessSchema = z.object({
  /** As the driver counts: inside a container it may be a number of the host's. */
  pid: z.number(),
  name: z.nullable(z.string()),
  /** Whose it is; null where this box's process table does not hold it. */
  user: z.nullable(z.string()),
  /** MiB. */
  memory: z.nullable(z.number()),
  /** The run of this store that it belongs to. */
  run: z.nullable(z.string()),
});

export const gpuHolderSchema = z.union([
  /** A run of this store: known by a process that carries its name, or by its own record where pids say nothing. */
  z.object({ kind: z.literal("run"), id: z.string() }),
  /** Somebody's run of another store: it holds the lock. */
  z.object({ kind: z.literal("user"), user: z.string() }),
  /** Processes that hold no lock: they were started without Runside. */
  z.object({ kind: z.literal("foreign"), users: z.array(z.string()), pids: z.array(z.number()) }),
  /** Memory is taken and nobody is listed: a process of another container or user that the driver does not name. */
  z.object({ kind: z.literal("unseen") }),
]);

/** One GPU, or one MIG slice of it. Every figure is null where the driver does not tell it. */
export const gpuSchema = z.object({
  /** What locks and CUDA_VISIBLE_DEVICES are keyed by: `GPU-...`, `MIG-...`; for AMD `GPU-` and the unique id in 16 hex digits. */
  uuid: z.string(),
  vendor: z.enum(["nvidia", "amd"]),
  index: z.number(),
  name: z.string(),
  /** Of a slice: its profile (`1g.10gb`) and its number on the GPU. */
  slice: z.nullable(z.object({ profile: z.string(), device: z.number() })),
  /** Percent. Never told for slices. */
  utilisation: z.nullable(z.number()),
  /** MiB. */
  memoryUsed: z.nullable(z.number()),
  memoryTotal: z.nullable(z.number()),
  /** Degrees Celsius. */
  temperature: z.nullable(z.number()),
  /** Watts. */
  power: z.nullable(z.number()),
  powerLimit: z.nullable(z.number()),
  processes: z.array(gpuProcessSchema),
  holders: z.array(gpuHolderSchema),
});

export const gpuReportSchema = z.object({
  gpus: z.array(gpuSchema),
  /** One sentence where a GPU tool is there and fails, in the tool's own words; null also where there is none. */
  problem: z.nullable(z.string()),
});

export type GpuProcess = z.infer<typeof gpuProcessSchema>;
export type GpuHolder = z.infer<typeof gpuHolderSchema>;
export type Gpu = z.infer<typeof gpuSchema>;
export type GpuReport = z.infer<typeof gpuReportSchema>;

/** `none`: the run takes no turn and every GPU stays visible to it. Absent: nothing said, and whoever launches decides. */
export const gpuRequestSchema = z.union([
  z.literal("none"),
  z.object({ count: z.int().check(z.minimum(1), z.maximum(1024)) }),
  /** UUIDs, or the beginning of one that fits a single GPU, or indices. */
  z.object({ ids: z.array(z.string().check(z.minLength(1), z.maxLength(100))).check(z.minLength(1)) }),
]);

export type GpuRequest = z.infer<typeof gpuRequestSchema>;

/** `0` and `none` are none, `4` is four, `0,2` and `GPU-3f2a` name them; null where the text is none of these. */
export function parseGpuRequest(text: string): GpuRequest | null {
  const said = text.trim();
  if (said === "none" || said === "0") return "none";
  if (/^\d+$/.test(said)) return gpuRequestSchema.safeParse({ count: Number(said) }).data ?? null;
  const ids = said.split(",").map((part) => part.trim());
  if (ids.length === 0 || !ids.every((id) => /^(?:\d{1,4}|(?:GPU|MIG)-[\w/-]+)$/.test(id))) return null;
  return gpuRequestSchema.safeParse({ ids: ids.filter((id) => id !== "") }).data ?? null;
}

/** The GPUs that a request may be given: named ones in the order they were named. A sentence where they are not there. */
export function candidatesOf(request: Exclude<GpuRequest, "none">, gpus: readonly Gpu[]): Gpu[] | string {
  if ("count" in request) {
    if (request.count <= gpus.length) return [...gpus];
    const there = gpus.length === 1 ? "one GPU" : `${gpus.length} GPUs`;
    return `The run asks for ${request.count} GPUs and this box has ${there}: ask for fewer, or run it on another box.`;
  }
  const found: Gpu[] = [];
  for (const id of request.ids) {
    const fitting = gpus.filter(
      (gpu) =>
        gpu.uuid === id ||
        (/^\d+$/.test(id) ? gpu.slice === null && gpu.index === Number(id) : gpu.uuid.startsWith(id)),
    );
    const [gpu] = fitting;
    if (!gpu || fitting.length > 1)
      return `${gpu ? `"${id}" fits ${fitting.length} GPUs` : `There is no GPU "${id}" on this box`}; there are ${gpus.map(({ uuid }) => uuid).join(", ")}.`;
    if (!found.includes(gpu)) found.push(gpu);
  }
  return found;
}

export const isFree = (gpu: Gpu): boolean => gpu.holders.length === 0;

/** `GPU 0`, `GPU 0:1` for the slice 1 of it. */
export const gpuLabel = ({ index, slice }: Pick<Gpu, "index" | "slice">): string =>
  slice === null ? `GPU ${index}` : `GPU ${index}:${slice.device}`;

/** `NVIDIA H100 80GB HBM3`, of a slice with its profile. */
export const gpuName = ({ name, slice }: Pick<Gpu, "name" | "slice">): string =>
  slice === null ? name : `${name} ${slice.profile}`;

const gigabytes = (mib: number): string => (mib / 1024).toFixed(mib < 10_240 ? 1 : 0);

/** `87 % · 62/80 GB`; slices tell no utilisation. */
export function usageWords({ utilisation, memoryUsed, memoryTotal, slice }: Gpu): string {
  const busy = utilisation === null ? (slice ? null : "utilisation n/a") : `${Math.round(utilisation)} %`;
  const memory =
    memoryTotal === null ? null : `${memoryUsed === null ? "?" : gigabytes(memoryUsed)}/${gigabytes(memoryTotal)} GB`;
  return [busy, memory].filter((part) => part !== null).join(" · ");
}

/** Who has it, in words; `nameOf` gives a run's name by its id. */
export function holderWords(gpu: Gpu, nameOf: (run: string) => string = (run) => run): string {
  if (isFree(gpu)) return "free";
  return gpu.holders
    .map((holder) => {
      if (holder.kind === "run") return nameOf(holder.id);
      if (holder.kind === "user") return `in use by ${holder.user}`;
      if (holder.kind === "unseen") return "in use, by a process that is not listed";
      const pids = holder.pids.length === 1 ? `process ${holder.pids.join()}` : `processes ${holder.pids.join(", ")}`;
      return `in use by ${holder.users.join(", ") || "somebody"}, outside Runside (${pids})`;
    })
    .join(", ");
}

/** `2 GPUs`, `GPU-3f2a…`, `no GPU`. */
export function requestWords(request: GpuRequest): string {
  if (request === "none") return "no GPU";
  if ("count" in request) return request.count === 1 ? "1 GPU" : `${request.count} GPUs`;
  return request.ids.map((id) => (/^\d+$/.test(id) ? `GPU ${id}` : id)).join(", ");
}
