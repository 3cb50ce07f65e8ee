// prime-rl's rollouts/step_{n}/{train,eval}/{all,effective}/traces.jsonl (prime_rl/monitors/file.py): an episode of verifiers a line
// (verifiers/v1/episode.py, trace.py), each with the traces of its agents. A group are the episodes with one `group.id`; a line that is
// a single trace, as a verifiers evaluation writes it, stands in the group of its task.
import { isFields, numberOf, textOf, type Fields } from "../../base/json";
import { fieldsOf, listOf, restOf, shown, valueOf } from "../document";
import { stepOfPath } from "../evalPath";
import { goldOf } from "../gold";
import { GrowingGroups } from "../growingGroups";
import { referenceKeys } from "../groups";
import type { LineParser, LineReader, RecordSink, RolloutBody, SourceSample } from "../reader";
import { headRecords, parseLine, reportNotARecord } from "../scan";

interface Episode {
  fields: Fields;
  task: Fields;
  /** Of the policy that learns, where the episode says which; an episode that failed early has none. */
  traces: Fields[];
}

const isTrace = (value: unknown): value is Fields =>
  isFields(value) && Array.isArray(value.nodes) && isFields(value.task) && isFields(value.rewards);

function episodeOf(value: unknown): Episode | null {
  if (isTrace(value)) return { fields: value, task: fieldsOf(value.task), traces: [value] };
  if (!isFields(value) || !isFields(value.task) || !Array.isArray(value.traces)) return null;
  if (!("ok" in value) && !isFields(value.env)) return null;
  const traces = value.traces.filter(isTrace);
  const learning = traces.filter((trace) => fieldsOf(trace.agent).trainable !== false);
  return { fields: value, task: fieldsOf(value.task), traces: learning.length > 0 ? learning : traces };
}

/** Each named reward times its weight; what was not scored (`null`) is no reward of 0. */
function partsOf(trace: Fields): Record<string, number> {
  const parts: Record<string, number> = {};
  for (const [name, reward] of Object.entries(fieldsOf(trace.rewards))) {
    const { score, weight } = fieldsOf(reward);
    const number = numberOf(score) ?? numberOf(reward);
    if (number !== null) parts[name] = number * (numberOf(weight) ?? 1);
  }
  return parts;
}

/** `Trace.reward`: the sum of the weighted rewards; null where none was scored. */
function rewardOf(trace: Fields): number | null {
  const values = Object.values(partsOf(trace));
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0);
}

const workOf = ({ fields }: Episode): Fields => fieldsOf(fieldsOf(fields.run).work);

function groupOf({ fields, task }: Episode): string {
  const named = textOf(fieldsOf(fields.group).id) ?? textOf(task.key) ?? textOf(task.hash);
  return named ?? shown(fieldsOf(task.data).idx ?? fields.id ?? "");
}

class EpisodeParser implements LineParser {
  private readonly groups: GrowingGroups;
  private readonly step: number;

  constructor(
    private readonly sink: RecordSink,
    saved: unknown,
    path: string,
  ) {
    this.groups = new GrowingGroups(sink, saved);
    this.step = stepOfPath(path) ?? NaN;
  }

  line(bytes: Uint8Array, start: number, end: number, offset: number): void {
    const value = parseLine(bytes, start, end, this.sink);
    const episode = episodeOf(value);
    if (!episode) {
      if (value !== undefined) reportNotARecord(this.sink, "an episode with its task");
      return;
    }
    const work = workOf(episode);
    const step = Number.isNaN(this.step) ? (numberOf(work.step) ?? NaN) : this.step;
    // An episode that broke before it had a trace is a sample all the same, of nothing.
    const rewards = episode.traces.length > 0 ? episode.traces.map(rewardOf) : [null];
    const version = numberOf(fieldsOf(work.policy).start) ?? NaN;
    const name = `${String(step)} ${shown(fieldsOf(episode.fields.env).name ?? "")} ${groupOf(episode)}`;
    this.groups.add(name, { offset, length: end - start, step, version, rewards });
  }

  state(): unknown {
    return this.groups.state();
  }
}

function textOfContent(content: unknown): string {
  if (!Array.isArray(content)) return textOf(content) ?? "";
  return content.flatMap((part: unknown) => textOf(fieldsOf(part).text) ?? []).join("\n");
}

const imagesOf = (content: unknown): string[] =>
  listOf(content).flatMap((part) => textOf(fieldsOf(fieldsOf(part).image_url).url) ?? []);

/** What a message says: its reasoning, its text, its calls of tools. */
function textOfMessage(message: Fields): string {
  const calls = listOf(message.tool_calls).map((call) => {
    const { name, arguments: args } = fieldsOf(call);
    return `[tool_call ${shown(name)}(${shown(args ?? "")})]`;
  });
  const said = [textOf(message.reasoning_content) ?? "", textOfContent(message.content), ...calls];
  return said.filter((piece) => piece !== "").join("\n");
}

interface Node {
  message: Fields;
  sampled: boolean;
}

/** The path from the root to the leaf that was written last: older ones were compacted away, or belong to sub-agents. */
function branchOf(trace: Fields): Node[] {
  const nodes = listOf(trace.nodes).map(fieldsOf);
  const path: Node[] = [];
  for (let at = nodes.length - 1, left = nodes.length; at >= 0 && left > 0; left--) {
    const node = nodes[at] ?? {};
    path.unshift({ message: fieldsOf(node.message), sampled: node.sampled === true });
    const parent = numberOf(node.parent);
    at = parent === null || parent >= at ? -1 : parent;
  }
  return path;
}

/** One answer as it is; several turns with who says what. */
function completionOf(branch: readonly Node[]): string {
  const first = branch.findIndex((node) => node.sampled);
  const said = first < 0 ? [] : branch.slice(first);
  if (said.length === 1) return textOfMessage(said[0]?.message ?? {});
  return said.map(({ message }) => `[${shown(message.role ?? "")}]\n${textOfMessage(message)}`).join("\n\n");
}

function promptOf({ task, traces }: Episode): { text: string; images: string[] } {
  const branch = traces[0] ? branchOf(traces[0]) : [];
  const first = branch.findIndex((node) => node.sampled);
  const asked = branch.slice(0, first < 0 ? branch.length : first).map((node) => node.message);
  const { prompt, system_prompt: system } = fieldsOf(task.data);
  const given = Array.isArray(prompt) ? prompt.map(fieldsOf) : [{ content: prompt }];
  const messages = asked.length > 0 ? asked : [{ content: system }, ...given];
  const texts = messages.map(textOfMessage).filter((text) => text !== "");
  return { text: texts.join("\n\n"), images: messages.flatMap((message) => imagesOf(fieldsOf(message).content)) };
}

function sampleOf(trace: Fields): RolloutBody["samples"][number] {
  const calls = listOf(trace.calls).map(fieldsOf);
  const tokens = calls.flatMap((call) => numberOf(fieldsOf(call.usage).completion_tokens) ?? []);
  const last = calls.findLast((call) => call.error === undefined || call.error === null);
  return {
    text: completionOf(branchOf(trace)),
    reward: rewardOf(trace),
    parts: partsOf(trace),
    tokens: tokens.length > 0 ? tokens.reduce((sum, n) => sum + n, 0) : null,
    finish: textOf(last?.finish_reason) ?? textOf(trace.stop_condition),
  };
}

const brokenSample = ({ fields }: Episode): RolloutBody["samples"][number] => ({
  ...{ text: "", reward: null, parts: {}, tokens: null },
  finish: textOf(fieldsOf(listOf(fields.errors).at(-1)).type) ?? "error",
});

/** Shown with the group; what is long and for machines (token ids, masks, log-probabilities) is left in the file. */
const understood = new Set(["id", "version", "verifiers", "task", "traces", "group", "nodes", "calls", "rewards"]);

function readRollout(record: string): RolloutBody | null {
  const episodes = record.split("\n").flatMap((line) => episodeOf(valueOf(line)) ?? []);
  const first = episodes[0];
  if (!first) return null;
  const data = fieldsOf(first.task.data);
  const referenceKey = referenceKeys.find((key) => data[key] !== undefined && data[key] !== null) ?? "";
  const prompt = promptOf(first);
  const metrics = episodes.flatMap(({ traces }) => traces.map((trace) => fieldsOf(trace.metrics)));
  const named = [...new Set(metrics.flatMap((fields) => Object.keys(fields)))];
  return {
    promptId: groupOf(first) || null,
    prompt: prompt.text,
    samples: episodes.flatMap((e) => (e.traces.length > 0 ? e.traces.map(sampleOf) : [brokenSample(e)])),
    ...goldOf(data[referenceKey]),
    images: prompt.images,
    expected: null,
    expectedBox: null,
    extra: {
      ...restOf(first.fields, understood),
      task: shown(first.task.type ?? ""),
      ...restOf(data, new Set(["prompt", "system_prompt", referenceKey])),
      ...Object.fromEntries(
        named.map((name) => [`metrics.${name}`, shown(metrics.map((fields) => fields[name] ?? null))]),
      ),
    },
  };
}

function detect(sample: SourceSample): number {
  const records = headRecords(sample).filter((record) => record !== undefined);
  const own = records.filter((record) => episodeOf(record) !== null);
  if (own.length > 0) return own.length >= records.length * 0.6 ? 0.95 : 0;
  // An episode with its token ids is longer than the sample.
  const long = records.length === 0 && sample.head.length < sample.size;
  const begins = /^\{"id":\s*"[\w-]+",\s*"env":\s*\{.{0,400}?"task":\s*\{\s*"type":/.test(sample.head);
  return long && begins ? 0.85 : 0;
}

/** Episodes that failed are in `all` alone; the rest of them is in `effective` once more. */
const supersededBy = (path: string): string[] =>
  /(^|\/)effective\/[^/]+$/.test(path) ? [path.replace(/(^|\/)effective\/([^/]+)$/, "$1all/$2")] : [];

export const primeRlEpisodes: LineReader = {
  id: "prime-rl-episodes",
  title: "prime-rl episodes (verifiers)",
  version: 1,
  axis: "step",
  input: "lines",
  detect,
  labelOf: (path) => (/(^|\/)eval\//.test(path) ? "eval" : /(^|\/)train\//.test(path) ? "train" : ""),
  supersededBy,
  readRollout,
  open: (sink, saved, path = "") => new EpisodeParser(sink, saved, path),
};
