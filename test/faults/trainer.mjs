// The training of the faults suite: each step writes one numbered line to the log, to a metrics file and to a rollout trace,
// and says in a journal outside the run what it is about to write. Its end is asked for through a folder of its own.
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";

/**
 * steps: after so many it ends by itself; everyMs: the pace; then: how it ends ("exit", "code", "memory", "deadlock");
 * keepOpen: holds the files' descriptors for good, as most trainers do with their log, instead of opening them at each step;
 * bytesPerSecond: instead of steps at a pace, as many log lines as make this rate, with metrics for each piece; pad: letters added to
 * each log line.
 */
const hands = process.argv[2] ?? ".";
const options = JSON.parse(readFileSync(join(hands, "options.json"), "utf8"));
const { steps = Infinity, everyMs = 20, then = "exit", keepOpen = false, pad = 0 } = options;
const out = process.env.RUNSIDE_OUT ?? ".";
const metricsFile = join(out, "metrics.jsonl");
const traceFile = join(out, "traces", "rollouts.jsonl");
mkdirSync(join(out, "traces"), { recursive: true });

/** A value that no other step has, the same in every run. */
const valueOf = (step) => Number(((step * 0.6180339887) % 1).toFixed(8));
const logLine = (step) => `step ${step} reward ${valueOf(step)}${pad > 0 ? ` ${"x".repeat(pad)}` : ""}`;
const metricsLine = (step) => JSON.stringify({ step, reward: valueOf(step) });
const group = (step) => ({
  prompt_id: `p_${step}`,
  prompt: `What is ${step} + 1?`,
  completions: [` It is ${step + 1}.`, ` Perhaps ${valueOf(step)}.`],
  rewards: [1, 0],
  step,
  generated_at_version: step - 1,
});

const descriptors = new Map();
function write(file, line) {
  const bytes = Buffer.from(`${line}\n`);
  try {
    if (file === 1) return writeAll(1, bytes);
    if (!keepOpen) return appendFileSync(file, bytes);
    if (!descriptors.has(file)) descriptors.set(file, openSync(file, "a"));
    writeAll(descriptors.get(file), bytes);
  } catch (error) {
    // A full disk ends no training that only wanted to log.
    appendFileSync(join(hands, "failed"), `${file === 1 ? "log" : file} ${error.code}\n`);
  }
}

function writeAll(fd, bytes) {
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
}

const journal = openSync(join(hands, "journal"), "a");
const asked = (what) => existsSync(join(hands, what));
/** As trainers resume from a checkpoint: where the attempt before had come to. */
const before = join(process.env.RUNSIDE_PREVIOUS_OUT ?? "", "metrics.jsonl");
const resumed = process.env.RUNSIDE_PREVIOUS_OUT && existsSync(before) ? readFileSync(before, "utf8").trim() : "";
let step = resumed === "" ? 0 : JSON.parse(resumed.slice(resumed.lastIndexOf("\n") + 1)).step;

function one() {
  step++;
  writeAll(journal, Buffer.from(`${step}\n`));
  write(1, logLine(step));
  write(metricsFile, metricsLine(step));
  write(traceFile, JSON.stringify(group(step)));
}

/** Many steps' log lines in one piece, as a buffered stdout writes them. */
function many(lines) {
  const first = step + 1;
  const count = Math.min(lines, steps - step);
  const numbers = Array.from({ length: count }, (_, n) => first + n);
  step += count;
  writeAll(journal, Buffer.from(numbers.map((n) => `${n}\n`).join("")));
  write(1, numbers.map(logLine).join("\n"));
  write(metricsFile, metricsLine(step));
  write(traceFile, JSON.stringify(group(step)));
}

function end(how) {
  closeSync(journal);
  for (const fd of descriptors.values()) closeSync(fd);
  writeFileSync(join(hands, "ended"), `${step}\n`);
  if (how === "deadlock") {
    // Waits for a lock that nobody will ever release.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  }
  if (how === "memory") {
    const held = [];
    for (;;) held.push(new Array(100_000).fill(held.length + 0.5));
  }
  process.exitCode = how === "code" ? 3 : 0;
}

function pace() {
  if (asked("end")) return end("exit");
  if (asked("fall") || step >= steps) return end(then);
  if (asked("pause")) return setTimeout(pace, everyMs);
  if (options.bytesPerSecond) {
    many(Math.ceil((options.bytesPerSecond * 0.02) / (pad + 30)));
    const due = began + (step * (pad + 30) * 1000) / options.bytesPerSecond;
    return setTimeout(pace, Math.max(0, due - Date.now()));
  }
  one();
  setTimeout(pace, everyMs);
}
const began = Date.now();
pace();
