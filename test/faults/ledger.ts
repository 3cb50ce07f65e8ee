// Counts lines by what they say: what lay on the disk against what answers contained. Knows no product code, so that it
// cannot share a mistake with it.
import { createHash } from "node:crypto";

/** Each list names lines. All three empty, and nothing happened to anybody's data. */
export interface Account {
  /** On the disk when the agent could read them, and in no answer. */
  lost: string[];
  /** More often in an answer than on the disk. */
  doubled: string[];
  /** Taken by the fault itself before anybody could read them, or never written. */
  destroyed: string[];
  /** Of all lines on the disk, sorted; and how many those are. */
  hash: string;
  lines: number;
}

/** Long lines by their hash: what is compared are names. */
export const logName = (line: string): string =>
  line.length <= 120 ? `log ${line}` : `log ${line.slice(0, 40)} ${hashOf([line]).slice(0, 16)}`;

export const metricLine = (json: string): string => {
  const { step, reward } = JSON.parse(json) as { step: number; reward: number };
  return `metric ${step} = ${reward}`;
};

export const traceLine = (json: string): string => {
  const group = JSON.parse(json) as { prompt_id: string; step: number; completions: string[] };
  return rolloutLine(group.prompt_id, group.step, group.completions);
};

export const rolloutLine = (id: string, step: number | null, texts: readonly string[]): string =>
  `rollout ${id} at ${step} ${hashOf(texts).slice(0, 12)}`;

export function hashOf(lines: readonly string[]): string {
  return createHash("sha256")
    .update([...lines].sort().join("\n"))
    .digest("hex");
}

export function compare(disk: readonly string[], answer: readonly string[]): { lost: string[]; doubled: string[] } {
  // Equal hashes are the usual case, and cost no counting.
  if (disk.length === answer.length && hashOf(disk) === hashOf(answer)) return { lost: [], doubled: [] };
  const [onDisk, answered] = [count(disk), count(answer)];
  return {
    lost: [...onDisk.keys()].filter((line) => !answered.has(line)),
    doubled: [...answered].filter(([line, times]) => times > (onDisk.get(line) ?? 0)).map(([line]) => line),
  };
}

/** Of two runs as one. */
export const together = (one: Account, other: Account): Account => ({
  lost: [...one.lost, ...other.lost],
  doubled: [...one.doubled, ...other.doubled],
  destroyed: [...one.destroyed, ...other.destroyed],
  hash: hashOf([one.hash, other.hash]),
  lines: one.lines + other.lines,
});

function count(lines: readonly string[]): Map<string, number> {
  const times = new Map<string, number>();
  for (const line of lines) times.set(line, (times.get(line) ?? 0) + 1);
  return times;
}
