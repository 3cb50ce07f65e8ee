// prime-rl's logs/attempt_{n}/{trainer,orchestrator}.log (prime_rl/trainer/rl/train.py, orchestrator.py): one line a step, as in
// `12:30:01 SUCCESS Step 3 |   12.3s | Loss 0.0123 | Mismatch KL 0.0004 | LR 1.00e-06 | MFU 31.0%`; before 0.5 with colons.
import { numberOf } from "../../base/json";
import { plain } from "../console";
import type { LineParser, LineReader, RecordSink, SourceSample } from "../reader";
import { checkUtf8 } from "../scan";

const decoder = new TextDecoder();
const BAR = 124;

/** The common table knows the names of metrics.jsonl; these are the console's own. */
const canonicalNames: Readonly<Record<string, string>> = {
  Reward: "reward",
  Loss: "loss",
  Entropy: "entropy",
  "Mismatch KL": "kl_rollout",
  "Grad. Norm": "grad_norm",
  LR: "lr",
  Time: "step_time",
  Truncation: "truncated_frac",
  Throughput: "tokens_per_second",
};

interface Logged {
  step: number;
  /** Where an evaluation logs: the environment's name. */
  env: string | null;
  values: [string, number][];
}

function logOf(line: string): Logged | null {
  const match = /\b(?:Step (\d+)|Evaluated (\S+) \(Step (\d+)\)) \|(.+)$/.exec(line);
  if (!match) return null;
  const values = (match[4] ?? "").split(" | ").flatMap((piece) => valueOf(piece.trim()) ?? []);
  return values.length > 0 ? { step: Number(match[1] ?? match[3]), env: match[2] ?? null, values } : null;
}

function valueOf(piece: string): [string, number][] | null {
  const seconds = secondsOf(piece.replace(/^Time:? /, ""));
  if (seconds !== null) return [["Time", seconds]];
  const match = /^([A-Z][A-Za-z. -]*?):? (-?[\d.]+(?:e[-+]?\d+)?|nan|-?inf)(%|\/\d+ \(([\d.]+)%\)|[ /].*)?$/i.exec(
    piece,
  );
  const name = match?.[1] ?? "";
  const number = numberOf(match?.[2]);
  if (name === "" || number === null) return null;
  // `Trainable 3/8 (37.5%)` is a share; so is every percentage but the machine's.
  if (match?.[4] !== undefined) return [[name, Number(match[4]) / 100]];
  return [[name, match?.[3] === "%" && name !== "MFU" ? number / 100 : number]];
}

/** `350ms`, `12.34s`, `2m 5s`, `1h 2m`, `2d 3h`. */
function secondsOf(text: string): number | null {
  if (!/^(\d+(\.\d+)?(ms|[smhd])\s?)+$/.test(text)) return null;
  const units: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };
  return [...text.matchAll(/([\d.]+)(ms|[smhd])/g)].reduce(
    (sum, [, n, unit]) => sum + Number(n) * (units[unit ?? ""] ?? 0),
    0,
  );
}

class PrimeRlLogParser implements LineParser {
  constructor(private readonly sink: RecordSink) {}

  line(bytes: Uint8Array, start: number, end: number): void {
    checkUtf8(bytes, start, end, this.sink);
    const line = bytes.subarray(start, Math.min(end, start + 2000));
    if (!line.includes(BAR)) return;
    const log = logOf(plain(decoder.decode(line)).trimEnd());
    for (const [name, value] of log?.values ?? [])
      this.sink.point(log?.env ? `eval/${log.env}/${name}` : name, log?.step ?? NaN, value);
  }

  state(): unknown {
    return null;
  }
}

function detect(sample: SourceSample): number {
  if (!sample.head.includes("Step ") || /^\s*[[{]"/.test(sample.head)) return 0;
  const lines = plain(sample.head).split(/[\r\n]/);
  const levels = /\b(SUCCESS|INFO|DEBUG)\b/;
  return lines.some((line) => levels.test(line) && (logOf(line)?.values.length ?? 0) >= 2) ? 0.9 : 0;
}

export const primeRlLog: LineReader = {
  id: "prime-rl-log",
  title: "prime-rl log",
  version: 1,
  axis: "step",
  input: "lines",
  detect,
  canonical: (raw) => canonicalNames[raw] ?? null,
  open: (sink) => new PrimeRlLogParser(sink),
};
