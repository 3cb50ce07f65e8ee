// A trace as long runs leave it (formats/rlvr-openbrowser.md A2.1): one snapshot of the buffer per put, pop, use and filter,
// each with the fates of all versions so far, which is what makes 600 MB of 300 steps.
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { counters, meta } from "./rlvrSteps";
import { seeded } from "./stats";

export interface Trace {
  /** What is watched. */
  folder: string;
  file: string;
  bytes: number;
  steps: number;
}

const PROMPTS = 64;
const FILTERED = 36;
const COMPLETIONS = 8;
const PIECE = 8 << 20;

export function makeTrace(folder: string, file: string, size: number): Trace {
  mkdirSync(dirname(file), { recursive: true });
  const handle = openSync(file, "w");
  try {
    let bytes = 0;
    let steps = 0;
    let held = meta("bench_20260207-173012");
    const flush = (): void => {
      bytes += writeSync(handle, held);
      held = "";
    };
    const writer = new Writer((text) => {
      held += text;
      if (held.length > PIECE) flush();
    });
    while (bytes + held.length < size) writer.step(++steps);
    flush();
    return { folder, file, bytes, steps };
  } finally {
    closeSync(handle);
  }
}

type Fate = "used" | "wasted" | "filtered" | "failed";

class Writer {
  private readonly random = seeded(7);
  private ts = 12.5;
  private size = 0;
  private sent = 0;
  /** Earlier versions' counts change no more, so their text is kept. */
  private readonly earlier: Record<Fate, string> = { used: "", wasted: "", filtered: "", failed: "" };
  private now: Record<Fate, number> = { used: 0, wasted: 0, filtered: 0, failed: 0 };

  constructor(private readonly write: (text: string) => void) {}

  step(step: number): void {
    const version = step - 1;
    for (let i = 0; i < PROMPTS + FILTERED; i++) {
      this.prompt(version);
      if (i % 25 === 24) this.now.wasted++;
      if (i % 60 === 59) this.now.failed++;
      if (i >= PROMPTS) this.buffer(version, () => this.now.filtered++);
      else this.buffer(version, () => this.size++);
    }
    this.span("ref_logprobs", 1.2, "");
    for (let i = 0; i < PROMPTS; i++) {
      this.buffer(version, () => this.size--);
      this.buffer(version, () => this.now.used++);
      if (i % 2 === 1) this.span("forward_backward", 0.4, "");
    }
    this.span("optim_step", 0.2, "");
    this.span("sync.nccl_broadcast", 0.6, `, "num_chunks": 34`);
    this.span("sync.trainer_to_vllm", 0.9, "");
    this.write(counters(step, this.ts));
    for (const fate of ["used", "wasted", "filtered", "failed"] as const) {
      if (this.now[fate] > 0) this.earlier[fate] += `${this.earlier[fate] ? ", " : ""}"${version}": ${this.now[fate]}`;
    }
    this.now = { used: 0, wasted: 0, filtered: 0, failed: 0 };
  }

  private prompt(version: number): void {
    const id = `gsm8k_${Math.floor(this.random() * 7473)}`;
    for (let i = 0; i < COMPLETIONS; i++) {
      this.span("vllm.generate_single", 4 + this.random() * 6, `, "replica": ${i % 4}, "slot": ${this.sent++ % 64}`);
    }
    this.span("generate", 10.5, "");
    for (let i = 0; i < COMPLETIONS; i++) {
      const passed = this.random() < 0.5 ? 1 : 0;
      const where = `, "worker": ${i % 4}, "slot": ${i}, "passed": ${passed}, "prompt_id": "${id}"`;
      this.span("verify", this.random() * 0.01, `${where}, "version": ${i % 2 === 0 ? "null" : version}`);
    }
    this.span("verify", 0.02, "");
  }

  private span(name: string, duration: number, more: string): void {
    this.ts += this.random() * 0.01;
    this.write(`{"type": "span", "name": "${name}", "ts": ${this.ts}, "dur": ${duration}${more}}\n`);
  }

  private buffer(version: number, change: () => void): void {
    change();
    this.ts += this.random() * 0.01;
    const fates = (["used", "wasted", "filtered", "failed"] as const).map((fate) => {
      const { earlier, now } = this;
      const current = now[fate] > 0 ? `${earlier[fate] ? ", " : ""}"${version}": ${now[fate]}` : "";
      return `"${fate}": {${earlier[fate]}${current}}`;
    });
    const held = this.size > 0 ? `"by_version": {"${version}": ${this.size}}, ` : "";
    this.write(`{"type": "buffer", "ts": ${this.ts}, "size": ${this.size}, ${held}"fates": {${fates.join(", ")}}}\n`);
  }
}
