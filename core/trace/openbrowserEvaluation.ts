// The evaluation lines of OpenBrowser's logs (formats/rlvr-openbrowser.md B2.2 and B2.3): one a prompt, and a block at the end.
import { isFields, numberOf } from "../base/json";
import { measure, rate } from "../metrics/evalMetric";
import type { EvalMetric } from "../model/evaluation";
import type { RecordSink } from "./reader";

const PROMPT =
  /^\s*Prompt (?<i>\d+)\/(?<n>\d+): reward=(?<r>[-\d.]+), actions=(?<a>\d+), executed=(?<x>\d+), success=(?<s>True|False)$/;
/** 0-based, unlike the line above; its reward is 0. */
const UNPARSED = /^Prompt (\d+): no valid actions parsed$/;
const LABEL = /^(.+) EVALUATION RESULTS$/;
const COUNT = /^\s*Prompts evaluated: (\d+)$/;
const NONZERO = /^\s*Nonzero reward rate: (\d+)\/(\d+)/;
const AVERAGE = /^\s*Average reward: ([-\d.]+|nan)$/;

interface Block {
  label: string;
  n: number | null;
  nonzero: [number, number] | null;
}

export class OpenbrowserEvaluation {
  private block: Block | null;

  constructor(
    private readonly sink: RecordSink,
    saved: unknown,
  ) {
    this.block = isFields(saved) ? (saved as unknown as Block) : null;
  }

  static knows(message: string): boolean {
    return [PROMPT, UNPARSED, LABEL, NONZERO].some((pattern) => pattern.test(message));
  }

  state(): unknown {
    return this.block && { ...this.block };
  }

  message(message: string): void {
    const prompt = PROMPT.exec(message)?.groups;
    const unparsed = UNPARSED.exec(message);
    const label = LABEL.exec(message)?.[1];
    if (prompt) {
      this.sink.point("prompt.reward", Number(prompt.i), Number(prompt.r));
      this.sink.point("prompt.success", Number(prompt.i), prompt.s === "True" ? 1 : 0);
    } else if (unparsed) this.sink.point("prompt.reward", Number(unparsed[1]) + 1, 0);
    else if (label !== undefined) this.block = { label, n: null, nonzero: null };
    else if (this.block) this.field(message, this.block);
  }

  private field(message: string, block: Block): void {
    block.n = numberOf(COUNT.exec(message)?.[1]) ?? block.n;
    const nonzero = NONZERO.exec(message);
    if (nonzero) block.nonzero = [Number(nonzero[1]), Number(nonzero[2])];
    const average = AVERAGE.exec(message);
    if (!average) return;
    const metrics: EvalMetric[] = [];
    const [k, n] = block.nonzero ?? [0, 0];
    if (n > 0) metrics.push(rate("nonzero_rate", k / n, n));
    metrics.push(measure("avg_reward", numberOf(average[1]), block.n, "higher"));
    this.sink.evaluation({ label: block.label, backend: null, episodes: block.n, steps: null, metrics });
    this.block = null;
  }
}
