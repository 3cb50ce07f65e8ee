// OpenBrowser's agent benchmark, benchmarks/stats_*.json (formats/rlvr-openbrowser.md part B): every task run several times on every server.
// Its own intervals are bootstrapped over runs; those of the pass rates here are Wilson's.
import { isFields, numberOf, textOf, type Fields } from "../../base/json";
import { toWire } from "../../model/number";
import type { EvalMetric } from "../../model/evaluation";
import {
  byteLength,
  fieldsOf,
  headValue,
  listOf,
  parseDocument,
  reportWrongDocument,
  shown,
  valueOf,
} from "../document";
import { measure, rate } from "../../metrics/evalMetric";
import { rewardNumbers } from "../groups";
import type { DocumentReader, RecordSink, RolloutBody, SourceSample } from "../reader";

interface Task {
  server: string;
  name: string;
  runs: Fields[];
}

function serversOf(value: unknown): [string, Fields][] | null {
  if (!isFields(value) || !isFields(value.servers) || !("n_runs" in value)) return null;
  const servers = Object.entries(value.servers).map(([name, server]): [string, Fields] => [name, fieldsOf(server)]);
  return servers.length > 0 && servers.every(([, server]) => Array.isArray(server.raw_runs)) ? servers : null;
}

/** A task's runs together: one group of as many samples. */
function tasksOf(servers: readonly [string, Fields][]): Task[] {
  return servers.flatMap(([server, fields]) => {
    const byName = new Map<string, Fields[]>();
    for (const run of listOf(fields.raw_runs).map(fieldsOf))
      for (const task of listOf(run.tasks).filter(isFields)) {
        const name = textOf(task.name) ?? "?";
        byName.set(name, [...(byName.get(name) ?? []), task]);
      }
    return [...byName].map(([name, runs]) => ({ server, name, runs }));
  });
}

const passed = (run: Fields): number | null => (typeof run.success === "boolean" ? Number(run.success) : null);

function parse(text: string, path: string, sink: RecordSink): void {
  const value = parseDocument(text, path, sink);
  if (value === undefined) return;
  const servers = serversOf(value);
  if (!servers || !isFields(value)) {
    reportWrongDocument(sink, path, "an agent benchmark");
    return;
  }
  const length = byteLength(text);
  const tasks = tasksOf(servers);
  tasks.forEach(({ runs }, i) => {
    const rewards = rewardNumbers(runs.map(passed));
    sink.rollout({ offset: i, length, step: NaN, version: NaN, samples: runs.length, ...rewards }, i);
  });
  const model = textOf(value.model);
  if (model !== null) sink.fact("model", model);
  for (const [server, fields] of servers) {
    const own = tasks.filter((task) => task.server === server);
    sink.evaluation({
      label: server,
      backend: model,
      episodes: own.length,
      steps: null,
      metrics: metricsOf(fields, own, value),
    });
  }
}

function metricsOf(server: Fields, tasks: readonly Task[], value: Fields): EvalMetric[] {
  const runs = numberOf(server.n_runs) ?? numberOf(value.n_runs);
  const all = tasks.flatMap((task) => task.runs);
  const metrics = [
    rate("pass_rate", all.length > 0 ? all.filter((r) => r.success === true).length / all.length : null, all.length),
  ];
  for (const [name, stats] of Object.entries(fieldsOf(server.stats))) {
    const { mean, ci_low: low, ci_high: high } = fieldsOf(stats);
    const better = name === "pass_count" ? "higher" : "lower";
    metrics.push({
      ...measure(name, numberOf(mean), runs, better),
      low: toWire(numberOf(low)),
      high: toWire(numberOf(high)),
    });
  }
  for (const { name, runs: own } of tasks) {
    const stated = numberOf(fieldsOf(fieldsOf(server.per_task)[name]).pass_rate);
    metrics.push(rate(`task ${name}`, stated ?? own.filter((r) => r.success === true).length / own.length, own.length));
  }
  return metrics;
}

function readRollout(record: string, part = 0): RolloutBody | null {
  const servers = serversOf(valueOf(record));
  const task = servers ? tasksOf(servers)[part] : undefined;
  if (!task) return null;
  const extra: Record<string, string> = { server: task.server };
  for (const name of ["duration_s", "tool_calls", "total_bedrock_tokens"])
    extra[name] = task.runs.map((run) => shown(run[name] ?? null)).join(", ");
  const errors = task.runs.flatMap((run) => textOf(run.error) ?? []);
  if (errors.length > 0) extra.error = errors.join("\n");
  return {
    promptId: task.name,
    prompt: task.name,
    samples: task.runs.map((run) => ({
      text: textOf(run.result) ?? "",
      reward: passed(run),
      parts: {},
      tokens: numberOf(run.bedrock_output_tokens) ?? numberOf(run.response_tokens_est),
      finish: null,
    })),
    reference: null,
    images: [],
    expected: null,
    expectedBox: null,
    extra,
  };
}

function detect(sample: SourceSample): number {
  const value = headValue(sample);
  if (value !== undefined) return serversOf(value) ? 0.9 : 0;
  const { head } = sample;
  return /^\s*\{/.test(head) && /"servers"\s*:\s*\{/.test(head) && /"raw_runs"\s*:\s*\[/.test(head) ? 0.8 : 0;
}

export const openbrowserBenchmark: DocumentReader = {
  id: "openbrowser-benchmark",
  title: "OpenBrowser agent benchmark",
  version: 1,
  axis: "step",
  input: "document",
  detect,
  readRollout,
  parse,
};
