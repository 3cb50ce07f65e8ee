// Programs named nvidia-smi, amd-smi and rocm-smi on PATH that print what real ones printed on machines we do not have. What they
// print lies in files, so that a test can change it while the agent looks.
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { atEnd, tempFolder } from "./tempFolder";

export interface Recording {
  /** By what the arguments hold; the first that fits is printed. */
  answers: readonly { when: string; out?: string; err?: string; code?: number }[];
}

const quoted = (text: string): string => `'${text.replace(/'/g, "'\\''")}'`;

/** A folder with these programs alone in front of PATH, and a folder of locks of its own, until the test ends. */
export function recordedTools(
  tools: Readonly<Record<string, Recording>>,
  more: { locks?: string } = {},
): RecordedTools {
  const bin = join(tempFolder("tools"), "bin");
  mkdirSync(bin);
  const set = (program: string, { answers }: Recording): void => {
    const cases = answers.map(({ when, out = "", err = "", code = 0 }, at) => {
      const files = [`${program}.${at}.out`, `${program}.${at}.err`].map((name) => join(bin, "..", name));
      writeFileSync(files[0] ?? "", out);
      writeFileSync(files[1] ?? "", err);
      return `case "$*" in *${quoted(when)}*) cat ${quoted(files[0] ?? "")}; cat ${quoted(files[1] ?? "")} >&2; exit ${code};; esac`;
    });
    const path = join(bin, program);
    // Replaced whole: it may be running.
    rmSync(path, { force: true });
    writeFileSync(path, `#!/bin/sh\n${cases.join("\n")}\necho "unknown question: $*" >&2\nexit 2\n`);
    chmodSync(path, 0o755);
  };
  for (const [program, recording] of Object.entries(tools)) set(program, recording);
  const locks = more.locks ?? join(tempFolder("locks"), "shared");
  const before = { PATH: process.env.PATH, RUNSIDE_LOCKS: process.env.RUNSIDE_LOCKS };
  process.env.PATH = `${bin}:${before.PATH ?? ""}`;
  process.env.RUNSIDE_LOCKS = locks;
  atEnd(() => {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  });
  return { bin, locks, set };
}

export interface RecordedTools {
  bin: string;
  locks: string;
  set(program: string, recording: Recording): void;
}

export const h100 = (index: number): string => `GPU-a7f3c1d2-0b4e-4c55-9e10-00000000000${index}`;

/** `nvidia-smi` of a box with so many H100s, idle but for these processes. */
export function h100s(
  count: number,
  processes: readonly { gpu: number; pid: number; name?: string }[] = [],
): Recording {
  const busy = (index: number): boolean => processes.some(({ gpu }) => gpu === index);
  const row = (index: number): string =>
    `${index}, ${h100(index)}, NVIDIA H100 80GB HBM3, ${busy(index) ? "87, 63210" : "0, 4"}, 81559, 34, 71.42, 700.00, Disabled`;
  const apps = processes.map(({ gpu, pid, name = "python3" }) => `${h100(gpu)}, ${pid}, ${name}, 63196`);
  return {
    answers: [
      { when: "--query-gpu", out: Array.from({ length: count }, (_, index) => `${row(index)}\n`).join("") },
      { when: "--query-compute-apps", out: apps.map((line) => `${line}\n`).join("") },
    ],
  };
}
