// NVIDIA's GPUs and MIG slices from `nvidia-smi`: figures as csv, processes as csv, and slices, which only the XML knows.
import type { Gpu, GpuProcess } from "../../core/model/gpu";
import { ask, figure, type Told } from "./gpuTools";

/** A GPU before anybody has looked up whose its processes are. */
export type RawGpu = Omit<Gpu, "holders" | "processes"> & { processes: RawProcess[] };
export type RawProcess = Pick<GpuProcess, "pid" | "name" | "memory">;
export type Found = { gpus: RawGpu[]; problem: string | null };

/** Around the name, which may hold commas itself. */
const BEFORE = ["index", "uuid"];
const AFTER = [
  "utilization.gpu",
  "memory.used",
  "memory.total",
  "temperature.gpu",
  "power.draw",
  "power.limit",
  "mig.mode.current",
];
/** Known to every driver; one field that a driver does not know fails the whole question. */
const OLD_AFTER = AFTER.slice(0, 4);

const query = (after: readonly string[]): Promise<Told> =>
  ask("nvidia-smi", [`--query-gpu=${[...BEFORE, "name", ...after].join(",")}`, "--format=csv,noheader,nounits"]);

/** null where there is no nvidia-smi. */
export async function nvidiaGpus(): Promise<Found | null> {
  let after = AFTER;
  let told = await query(after);
  if (!told.ok && /not a valid field/i.test(told.why)) told = await query((after = OLD_AFTER));
  if (!told.ok) return told.missing ? null : { gpus: [], problem: `${told.why.replace(/\.?$/, ".")}` };
  const rows = rowsOf(told.text, BEFORE.length, after.length);
  const sliced = rows.some(({ after }) => /enabled/i.test(after[6] ?? ""));
  const [apps, list, xml] = await Promise.all([
    ask("nvidia-smi", ["--query-compute-apps=gpu_uuid,pid,process_name,used_memory", "--format=csv,noheader,nounits"]),
    sliced ? ask("nvidia-smi", ["-L"]) : null,
    sliced ? ask("nvidia-smi", ["-q", "-x"]) : null,
  ]);
  const processes = apps.ok ? processesOf(apps.text) : [];
  const gpus = rows.flatMap(({ before: [index = "", uuid = ""], name, after }): RawGpu[] => {
    const [utilisation, memoryUsed, memoryTotal, temperature, power, powerLimit] = after.map(figure);
    const whole: RawGpu = {
      uuid,
      vendor: "nvidia",
      index: figure(index) ?? 0,
      name,
      slice: null,
      utilisation: utilisation ?? null,
      memoryUsed: memoryUsed ?? null,
      memoryTotal: memoryTotal ?? null,
      temperature: temperature ?? null,
      power: power ?? null,
      powerLimit: powerLimit ?? null,
      processes: processes.filter((each) => each.uuid === uuid).map(({ uuid: _uuid, ...process }) => process),
    };
    if (!/enabled/i.test(after[6] ?? "")) return [whole];
    // Switched to MIG, a GPU runs nothing as a whole: its slices are what can be had, and there may be none.
    return slicesOf(whole, list?.ok ? list.text : "", xml?.ok ? xml.text : "");
  });
  const problem = [apps, list, xml].find((each) => each !== null && !each.ok);
  return { gpus, problem: problem && !problem.ok ? problem.why : null };
}

interface Row {
  before: string[];
  name: string;
  after: string[];
}

/** Lines that are no row (warnings of the driver) are left out: a row's second field is a UUID. */
function rowsOf(text: string, before: number, after: number): Row[] {
  return text
    .split("\n")
    .map((line) => line.split(",").map((field) => field.trim()))
    .filter((fields) => fields.length > before + after && /^(?:GPU|MIG)-/.test(fields[1] ?? ""))
    .map((fields) => ({
      before: fields.slice(0, before),
      name: fields.slice(before, fields.length - after).join(", "),
      after: fields.slice(fields.length - after),
    }));
}

function processesOf(text: string): (RawProcess & { uuid: string })[] {
  return text
    .split("\n")
    .map((line) => line.split(",").map((field) => field.trim()))
    .flatMap((fields) => {
      const [uuid = "", pid] = fields;
      const number = figure(pid);
      if (!/^(?:GPU|MIG)-/.test(uuid) || number === null) return [];
      const name = fields.slice(2, -1).join(", ");
      return [{ uuid, pid: number, name: nameOrNull(name), memory: figure(fields[fields.length - 1]) }];
    });
}

/** `[Not Found]`: a process of another container. */
const nameOrNull = (name: string): string | null => (name === "" || /^\[.*\]$/.test(name) ? null : name);

/** The slices of one GPU: UUIDs stand in `-L`, memory and instance numbers in the XML, and both count devices alike. */
function slicesOf(whole: RawGpu, list: string, xml: string): RawGpu[] {
  const section = listSection(list, whole.uuid);
  const gpu = blocks(xml, "gpu").find((block) => block.includes(`<uuid>${whole.uuid}</uuid>`)) ?? "";
  const devices = blocks(gpu, "mig_device");
  const processes = blocks(gpu, "process_info");
  return [...section.matchAll(/^\s+MIG\s+(\S+)\s+Device\s+(\d+):\s+\(UUID:\s+(MIG-[^)\s]+)\)/gm)].map((found) => {
    const [, profile = "", number = "0", uuid = ""] = found;
    const device = devices.find((block) => tag(block, "index") === number) ?? "";
    const memory = blocks(device, "fb_memory_usage")[0] ?? "";
    const instance = [tag(device, "gpu_instance_id"), tag(device, "compute_instance_id")];
    return {
      ...whole,
      uuid,
      slice: { profile, device: Number(number) },
      utilisation: null,
      memoryUsed: figure(tag(memory, "used")),
      memoryTotal: figure(tag(memory, "total")),
      temperature: null,
      power: null,
      powerLimit: null,
      processes: processes
        .filter(
          (block) => tag(block, "gpu_instance_id") === instance[0] && tag(block, "compute_instance_id") === instance[1],
        )
        .flatMap((block): RawProcess[] => {
          const pid = figure(tag(block, "pid"));
          if (pid === null) return [];
          return [
            { pid, name: nameOrNull(tag(block, "process_name") ?? ""), memory: figure(tag(block, "used_memory")) },
          ];
        }),
    };
  });
}

function listSection(list: string, uuid: string): string {
  const sections = list.split(/^(?=GPU \d+:)/m);
  return sections.find((section) => section.split("\n")[0]?.includes(uuid)) ?? "";
}

/** The insides of every element of that name; elements of one name do not nest in this document. */
const blocks = (xml: string, name: string): string[] =>
  [...xml.matchAll(new RegExp(`<${name}(?: [^>]*)?>([\\s\\S]*?)</${name}>`, "g"))].map(([, inside = ""]) => inside);

const tag = (xml: string, name: string): string | undefined =>
  new RegExp(`<${name}>\\s*([^<]*?)\\s*</${name}>`).exec(xml)?.[1];
