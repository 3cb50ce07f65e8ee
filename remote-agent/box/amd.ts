// AMD's GPUs from `amd-smi` (ROCm 6 and later) or `rocm-smi`. Keys and nesting differ between versions, and warnings precede the JSON.
import { isFields, textOf, type Fields } from "../../core/base/json";
import { ask, figure, type Told } from "./gpuTools";
import type { Found, RawGpu, RawProcess } from "./nvidia";

/** null where there is neither tool. */
export async function amdGpus(): Promise<Found | null> {
  const [asic, metric, process] = await Promise.all([
    ask("amd-smi", ["static", "--asic", "--json"]),
    ask("amd-smi", ["metric", "--json"]),
    ask("amd-smi", ["process", "--json"]),
  ]);
  if (!asic.ok && asic.missing) return rocmGpus();
  if (!asic.ok || !metric.ok) return { gpus: [], problem: whyOf(asic) ?? whyOf(metric) };
  const metrics = entriesOf(metric.text);
  const processes = process.ok ? entriesOf(process.text) : [];
  const gpus = entriesOf(asic.text).flatMap((entry): RawGpu[] => {
    const index = numberOf(entry["gpu"]);
    const about = fieldsAt(entry, "asic");
    const uuid = uuidOf(about["asic_serial"]);
    if (index === null || uuid === null) return [];
    const now = metrics.find((each) => numberOf(each["gpu"]) === index) ?? {};
    const memory = fieldsAt(now, "mem_usage");
    const power = fieldsAt(now, "power");
    const temperature = fieldsAt(now, "temperature");
    return [
      {
        uuid,
        vendor: "amd",
        index,
        name: textOf(about["market_name"]) ?? "AMD GPU",
        slice: null,
        utilisation: numberOf(fieldsAt(now, "usage")["gfx_activity"]),
        memoryUsed: numberOf(memory["used_vram"]),
        memoryTotal: numberOf(memory["total_vram"]),
        temperature: numberOf(temperature["hotspot"]) ?? numberOf(temperature["edge"]),
        power: numberOf(power["socket_power"]),
        powerLimit: null,
        processes: processesOf(processes.find((each) => numberOf(each["gpu"]) === index) ?? {}),
      },
    ];
  });
  return { gpus, problem: whyOf(process) };
}

const whyOf = (told: Told): string | null => (told.ok ? null : told.why);

/** `[{"gpu": 0, ...}]`, or since ROCm 6.4 `{"gpu_data": [...]}`. */
function entriesOf(text: string): Fields[] {
  const value = jsonIn(text);
  const list: unknown = isFields(value) ? value["gpu_data"] : value;
  return Array.isArray(list) ? list.filter(isFields) : [];
}

/** Where the JSON begins is the first bracket after which the rest parses. */
function jsonIn(text: string): unknown {
  for (const { index } of text.matchAll(/^\s*[[{]/gm)) {
    try {
      return JSON.parse(text.slice(index));
    } catch {
      continue;
    }
  }
  return null;
}

function fieldsAt(value: Fields, key: string): Fields {
  const inside = value[key];
  return isFields(inside) ? inside : {};
}

/** `5`, `"5"` or `{"value": 5, "unit": "%"}`; "N/A" is null. */
function numberOf(value: unknown): number | null {
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value === "string") return figure(value);
  return isFields(value) ? numberOf(value["value"]) : null;
}

/** ROCR_VISIBLE_DEVICES takes `GPU-` and the unique id in 16 hex digits. */
function uuidOf(serial: unknown): string | null {
  const digits = /^(?:0x)?([0-9a-f]{1,16})$/i.exec(textOf(serial)?.trim() ?? "")?.[1];
  return digits === undefined ? null : `GPU-${digits.toLowerCase().padStart(16, "0")}`;
}

function processesOf(entry: Fields): RawProcess[] {
  const list = entry["process_list"];
  return (Array.isArray(list) ? list.filter(isFields) : []).flatMap((item): RawProcess[] => {
    // "No running processes detected" stands where the fields would.
    const info = fieldsAt(item, "process_info");
    const pid = numberOf(info["pid"]);
    if (pid === null) return [];
    const memory = numberOf(fieldsAt(info, "memory_usage")["vram_mem"]);
    const name = textOf(info["name"]);
    return [
      { pid, name: name === "N/A" ? null : name, memory: memory === null ? null : Math.round(memory / (1 << 20)) },
    ];
  });
}

const ROCM = [
  "--showuniqueid",
  "--showproductname",
  "--showuse",
  "--showmeminfo",
  "vram",
  "--showtemp",
  "--showpower",
  "--json",
];

/** It does not say which process is on which GPU. */
async function rocmGpus(): Promise<Found | null> {
  const told = await ask("rocm-smi", ROCM);
  if (!told.ok) return told.missing ? null : { gpus: [], problem: told.why };
  const cards = jsonIn(told.text);
  const gpus = Object.entries(isFields(cards) ? cards : {}).flatMap(([card, fields]): RawGpu[] => {
    const index = figure(/^card(\d+)$/.exec(card)?.[1]);
    if (index === null || !isFields(fields)) return [];
    // `Card series` became `Card Series`, and sensors come and go.
    const of = (pattern: RegExp): string | undefined =>
      textOf(Object.entries(fields).find(([key]) => pattern.test(key))?.[1]) ?? undefined;
    const uuid = uuidOf(of(/^unique id$/i));
    const megabytes = (text: string | undefined): number | null => {
      const bytes = figure(text);
      return bytes === null ? null : Math.round(bytes / (1 << 20));
    };
    if (uuid === null) return [];
    return [
      {
        uuid,
        vendor: "amd",
        index,
        name: of(/^card series$/i) ?? "AMD GPU",
        slice: null,
        utilisation: figure(of(/^gpu use \(%\)$/i)),
        memoryUsed: megabytes(of(/^vram total used memory \(b\)$/i)),
        memoryTotal: megabytes(of(/^vram total memory \(b\)$/i)),
        temperature: figure(of(/sensor junction\) \(c\)$/i) ?? of(/sensor edge\) \(c\)$/i)),
        power: figure(of(/package power \(w\)$/i)),
        powerLimit: null,
        processes: [],
      },
    ];
  });
  return { gpus, problem: null };
}
