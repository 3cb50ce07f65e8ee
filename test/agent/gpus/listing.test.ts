// `runside gpus` over recorded outputs of the vendors' tools: H100s, MIG slices, a container, broken drivers, AMD, none.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import type { GpuReport } from "../../../core/model/gpu";
import { gpus } from "../../../core/protocol/gpus";
import { startAgent } from "../../support/agentProcess";
import { runside } from "../../support/builtAgent";
import { eventually } from "../../support/eventually";
import { h100, h100s, recordedTools, type Recording } from "../../support/gpuTools";
import { atEnd, tempFolder } from "../../support/tempFolder";

async function listed(): Promise<GpuReport> {
  const { out, err, code } = await runside(tempFolder("home"), ["gpus", "--json"]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return JSON.parse(out) as GpuReport;
}

/** A process of this user that stands for one on a GPU. */
async function worker(env: NodeJS.ProcessEnv = {}): Promise<number> {
  const child = spawn("sleep", ["1000"], { stdio: "ignore", env: { ...process.env, ...env } });
  const ended = once(child, "exit");
  await once(child, "spawn");
  atEnd(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return child.pid ?? 0;
}

describe("NVIDIA", () => {
  it("H100s: figures, and a process that was started without Runside by its user", async () => {
    const pid = await worker();
    recordedTools({ "nvidia-smi": h100s(2, [{ gpu: 1, pid }]) });
    const { gpus: found, problem } = await listed();
    expect(problem).toBeNull();
    expect(found.map(({ uuid, index, memoryTotal }) => [uuid, index, memoryTotal])).toEqual([
      [h100(0), 0, 81559],
      [h100(1), 1, 81559],
    ]);
    expect(found[0]).toMatchObject({ name: "NVIDIA H100 80GB HBM3", utilisation: 0, power: 71.42, holders: [] });
    expect(found[1]).toMatchObject({ utilisation: 87, memoryUsed: 63210, processes: [{ pid, name: "python3" }] });
    expect(found[1]?.holders).toMatchObject([{ kind: "foreign", pids: [pid] }]);
    const { out } = await runside(tempFolder("home"), ["gpus"]);
    expect(out).toMatch(/GPU 0 .*0 % · 0\.0\/80 GB +free/);
    expect(out).toMatch(/GPU 1 .*87 % · 62\/80 GB +in use by .*, outside Runside \(process \d+\)/);
  });

  it("every odd value is no figure, and the other columns keep their places", async () => {
    const odd = [
      "[N/A]",
      "N/A",
      "[Not Supported]",
      "[Insufficient Permissions]",
      "[Unknown Error]",
      "[GPU requires reset]",
      "ERR!",
      "",
    ];
    const rows = odd.map(
      (value, at) => `${at}, ${h100(at)}, Quadro, RTX 6000, ${value}, ${value}, 24576, 47, ${value}, 260.00, [N/A]`,
    );
    const out = ["Warning: persistence mode is disabled on device 0, which is slow.", ...rows].join("\n");
    recordedTools({
      "nvidia-smi": {
        answers: [
          { when: "--query-gpu", out },
          { when: "--query-compute-apps", out: "" },
        ],
      },
    });
    const { gpus: found } = await listed();
    expect(found).toHaveLength(odd.length);
    for (const gpu of found)
      expect(gpu).toMatchObject({
        name: "Quadro, RTX 6000",
        utilisation: null,
        memoryUsed: null,
        memoryTotal: 24576,
        temperature: 47,
        power: null,
        powerLimit: 260,
        holders: [],
      });
  });

  it("MIG: the slices stand for the GPU, with their own UUIDs, memory and processes", async () => {
    const pid = await worker();
    recordedTools({ "nvidia-smi": mig(pid) });
    const { gpus: found } = await listed();
    expect(found.map(({ uuid, slice }) => [uuid, slice?.profile ?? null])).toEqual([
      ["MIG-11111111-aaaa-5555-8888-000000000001", "1g.10gb"],
      ["MIG-11111111-aaaa-5555-8888-000000000002", "3g.40gb"],
      [h100(1), null],
    ]);
    expect(found[0]).toMatchObject({
      utilisation: null,
      memoryUsed: 12,
      memoryTotal: 9728,
      processes: [],
      holders: [],
    });
    expect(found[1]).toMatchObject({ memoryUsed: 30126, memoryTotal: 40192, processes: [{ pid, memory: 30100 }] });
    expect(found[1]?.holders).toMatchObject([{ kind: "foreign", pids: [pid] }]);
    const { out } = await runside(tempFolder("home"), ["gpus"]);
    expect(out).toMatch(/GPU 0:1 +NVIDIA H100 80GB HBM3 3g\.40gb +29\/39 GB/);
  });

  it("in a container, where pids are the host's and names are not found", async () => {
    const answers = [
      { when: "--query-gpu", out: `0, ${h100(0)}, NVIDIA H100 80GB HBM3, 99, 70000, 81559, 47, [N/A], [N/A], [N/A]\n` },
      { when: "--query-compute-apps", out: `${h100(0)}, 3999999, [Not Found], 69000\n` },
    ];
    recordedTools({ "nvidia-smi": { answers } });
    const { gpus: found } = await listed();
    expect(found[0]?.processes).toEqual([{ pid: 3_999_999, name: null, memory: 69_000, user: null, run: null }]);
    expect(found[0]?.holders).toEqual([{ kind: "foreign", users: [], pids: [3_999_999] }]);
  });

  it("memory that is taken while no process is listed is somebody's", async () => {
    const answers = [
      { when: "--query-gpu", out: `0, ${h100(0)}, NVIDIA H100 80GB HBM3, 99, 70000, 81559, 47, 300, 700, Disabled\n` },
      { when: "--query-compute-apps", out: "" },
    ];
    recordedTools({ "nvidia-smi": { answers } });
    expect((await listed()).gpus[0]?.holders).toEqual([{ kind: "unseen" }]);
  });

  it("a driver that does not know a field is asked for fewer", async () => {
    const answers = [
      { when: "power.draw", err: 'Field "mig.mode.current" is not a valid field to query.\n', code: 2 },
      { when: "--query-gpu", out: `0, ${h100(0)}, Tesla K80, 12, 300, 11441, 50\n` },
      { when: "--query-compute-apps", out: "" },
    ];
    recordedTools({ "nvidia-smi": { answers } });
    expect((await listed()).gpus[0]).toMatchObject({
      name: "Tesla K80",
      utilisation: 12,
      temperature: 50,
      power: null,
    });
  });

  it.each([
    [9, "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.", "couldn't communicate"],
    [18, "Failed to initialize NVML: Driver/library version mismatch", "version mismatch"],
  ])("a driver that fails with %i says so in its own words", async (code, text, words) => {
    recordedTools({ "nvidia-smi": { answers: [{ when: "", out: `${text}\n`, code }] } });
    const told = await runside(tempFolder("home"), ["gpus"]);
    expect(told).toMatchObject({ code: 1, out: "" });
    expect(told.err).toContain(words);
    expect(told.err.trim().split("\n")).toHaveLength(1);
  });
});

describe("AMD", () => {
  it("amd-smi, in both nestings, with warnings before the JSON", async () => {
    const pid = await worker();
    for (const whole of [
      (list: string) => `${list}\n`,
      (list: string) => `WARNING: not a member of the render group\n{"gpu_data": ${list}}\n`,
    ]) {
      recordedTools({ "amd-smi": amdSmi(pid, whole) });
      const { gpus: found } = await listed();
      expect(found).toMatchObject([
        {
          uuid: "GPU-00c8f1a2b3d4e5f6",
          vendor: "amd",
          index: 0,
          name: "AMD Instinct MI300X",
          utilisation: 40,
          memoryUsed: 8192,
          power: 239,
        },
        {
          uuid: "GPU-1f5ebc0000000042",
          index: 1,
          utilisation: null,
          memoryUsed: null,
          temperature: null,
          processes: [],
          holders: [],
        },
      ]);
      expect(found[0]?.holders).toMatchObject([{ kind: "foreign", pids: [pid] }]);
    }
  });

  it("rocm-smi, where amd-smi is not there", async () => {
    const card = {
      "Unique ID": "0x1234567890abcdef",
      "Card series": "Instinct MI210",
      "GPU use (%)": "62",
      "Temperature (Sensor junction) (C)": "45.0",
      "Average Graphics Package Power (W)": "120.0",
      "VRAM Total Memory (B)": "68702699520",
      "VRAM Total Used Memory (B)": "1048576",
    };
    const out = `======= ROCm System Management Interface =======\n${JSON.stringify({ card0: card, system: { "Driver version": "6.7.0" } })}\n`;
    recordedTools({ "rocm-smi": { answers: [{ when: "--json", out }] } });
    expect((await listed()).gpus).toMatchObject([
      {
        uuid: "GPU-1234567890abcdef",
        name: "Instinct MI210",
        utilisation: 62,
        memoryUsed: 1,
        memoryTotal: 65520,
        temperature: 45,
      },
    ]);
  });
});

it("a box without GPUs says so and is no failure", async () => {
  recordedTools({});
  const { code, out, err } = await runside(tempFolder("home"), ["gpus"]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toContain("No GPU was found");
});

it("changes reach whoever watches, and a list is served without watching", async () => {
  const tools = recordedTools({ "nvidia-smi": h100s(1) });
  const { peer } = await startAgent(tempFolder("home"));
  expect((await peer.request(gpus.list, {})).gpus).toMatchObject([{ utilisation: 0, holders: [] }]);
  const seen: GpuReport[] = [];
  peer.on(gpus.changed, (report) => seen.push(report));
  await peer.request(gpus.watch, {});
  const pid = await worker();
  tools.set("nvidia-smi", h100s(1, [{ gpu: 0, pid }]));
  await eventually(() => expect(seen.at(-1)?.gpus).toMatchObject([{ utilisation: 87, holders: [{ pids: [pid] }] }]));
  await peer.request(gpus.unwatch, {});
});

function mig(pid: number): Recording {
  const device = (index: number, instance: number, used: number, total: number): string =>
    `<mig_device><index>${index}</index><gpu_instance_id>${instance}</gpu_instance_id><compute_instance_id>0</compute_instance_id>` +
    `<fb_memory_usage><total>${total} MiB</total><reserved>0 MiB</reserved><used>${used} MiB</used></fb_memory_usage></mig_device>`;
  const process =
    `<process_info><gpu_instance_id>2</gpu_instance_id><compute_instance_id>0</compute_instance_id><pid>${pid}</pid>` +
    "<type>C</type><process_name>python3</process_name><used_memory>30100 MiB</used_memory></process_info>";
  const xml =
    `<?xml version="1.0" ?>\n<nvidia_smi_log>\n<gpu id="00000000:17:00.0"><uuid>${h100(0)}</uuid>` +
    `<fb_memory_usage><used>30138 MiB</used></fb_memory_usage><mig_devices>${device(0, 9, 12, 9728)}${device(1, 2, 30126, 40192)}</mig_devices>` +
    `<processes>${process}</processes></gpu>\n<gpu id="00000000:65:00.0"><uuid>${h100(1)}</uuid></gpu></nvidia_smi_log>\n`;
  const list =
    `GPU 0: NVIDIA H100 80GB HBM3 (UUID: ${h100(0)})\n` +
    "  MIG 1g.10gb     Device  0: (UUID: MIG-11111111-aaaa-5555-8888-000000000001)\n" +
    "  MIG 3g.40gb     Device  1: (UUID: MIG-11111111-aaaa-5555-8888-000000000002)\n" +
    `GPU 1: NVIDIA H100 80GB HBM3 (UUID: ${h100(1)})\n`;
  const rows =
    `0, ${h100(0)}, NVIDIA H100 80GB HBM3, [N/A], 30138, 81559, 41, 210.10, 700.00, Enabled\n` +
    `1, ${h100(1)}, NVIDIA H100 80GB HBM3, 0, 4, 81559, 34, 71.42, 700.00, Disabled\n`;
  return {
    answers: [
      { when: "--query-gpu", out: rows },
      { when: "--query-compute-apps", out: `${h100(0)}, ${pid}, python3, 30100\n` },
      { when: "-L", out: list },
      { when: "-q -x", out: xml },
    ],
  };
}

function amdSmi(pid: number, whole: (list: string) => string): Recording {
  const asic = [
    { gpu: 0, asic: { market_name: "AMD Instinct MI300X", asic_serial: "0x00C8F1A2B3D4E5F6" } },
    { gpu: 1, asic: { market_name: "AMD Instinct MI300X", asic_serial: "0x1F5EBC0000000042" } },
  ];
  const metric = [
    {
      gpu: 0,
      usage: { gfx_activity: { value: 40, unit: "%" } },
      power: { socket_power: { value: 239, unit: "W" } },
      temperature: { edge: "N/A", hotspot: { value: 36, unit: "C" } },
      mem_usage: { total_vram: { value: 196592, unit: "MB" }, used_vram: { value: 8192, unit: "MB" } },
    },
    { gpu: 1, usage: "N/A", power: { socket_power: "N/A" }, mem_usage: "N/A" },
  ];
  const info = { name: "python3", pid, memory_usage: { vram_mem: { value: 8_388_608, unit: "B" } } };
  const processes = [
    { gpu: 0, process_list: [{ process_info: info }] },
    { gpu: 1, process_list: [{ process_info: "No running processes detected" }] },
  ];
  return {
    answers: [
      { when: "static --asic", out: whole(JSON.stringify(asic)) },
      { when: "metric", out: whole(JSON.stringify(metric)) },
      { when: "process", out: whole(JSON.stringify(processes)) },
    ],
  };
}
