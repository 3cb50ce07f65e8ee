// OpenAdapt's per-step log, `eval_policy --log-samples` (evals/trajectory_matching.py; formats/gui-and-trainers.md 1.9), all vintages.
import type { Action } from "../../model/action";
import { isFields, numberOf, parseJsonLine, textOf, type Fields } from "../../base/json";
import { labelOfPath } from "../label";
import { actionOfRecord, boxOf } from "../openadaptAction";
import type { LineParser, LineReader, RecordSink, SourceSample, StepBody } from "../reader";
import { headRecords, parseLine, reportNotARecord } from "../scan";

/** A click hits strictly below this distance in unit coordinates (1.11). */
const HIT_DISTANCE = 0.05;

/** Drawn sizes of the synthetic login page in pixels of 800x600 (ingest/synthetic.py; 1.8). */
const screen = { width: 800, height: 600 };
const field = { width: 360, height: 40 };
const button = { width: 140, height: 45 };

interface Step {
  episodeId: string;
  index: number;
  fields: Fields;
  truth: Fields;
}

function stepOf(record: unknown): Step | null {
  if (!isFields(record) || !isFields(record.ground_truth_action)) return null;
  const index = numberOf(record.step_index);
  const id = record.episode_id;
  if (index === null || (typeof id !== "string" && typeof id !== "number")) return null;
  return { episodeId: String(id), index, fields: record, truth: record.ground_truth_action };
}

class OpenadaptSamplesParser implements LineParser {
  constructor(private readonly sink: RecordSink) {}

  line(bytes: Uint8Array, start: number, end: number, offset: number): void {
    const record = parseLine(bytes, start, end, this.sink);
    if (record === undefined) return;
    const step = stepOf(record);
    if (!step) {
      reportNotARecord(this.sink, "a step with its ground truth");
      return;
    }
    const match = typeMatch(step);
    this.sink.step({
      offset,
      length: end - start,
      episodeId: step.episodeId,
      index: step.index,
      typeMatch: match,
      clickHit: clickHit(step),
      // Its evaluator asks an episode for the right type at every step, and for nothing else (1.11).
      ...(match === null ? {} : { score: Number(match) }),
    });
  }

  state(): unknown {
    return null;
  }
}

function typeMatch({ fields, truth }: Step): boolean | null {
  if (typeof fields.correct_type === "boolean") return fields.correct_type;
  return isFields(fields.pred_action) ? fields.pred_action.type === truth.type : null;
}

/** A click that was expected and not predicted is a miss, as in the evaluator's bbox_hit_rate. */
function clickHit({ fields, truth }: Step): boolean | null {
  if (truth.type !== "click" && truth.type !== "drag") return null;
  const distance = numberOf(fields.coord_error_norm);
  if (distance !== null) return distance < HIT_DISTANCE;
  return fields.element_match === true;
}

function readSteps(record: string): StepBody[] {
  const parsed = parseJsonLine(record);
  const step = parsed.ok ? stepOf(parsed.value) : null;
  if (!step) return [];
  const { fields, truth } = step;
  const expected = actionOfRecord(truth);
  const stated = boxOf(truth.bbox) ?? boxOf(fields.bbox);
  const inferred = stated ? null : inferBox(step, expected);
  return [
    {
      episodeId: step.episodeId,
      index: step.index,
      goal: textOf(fields.goal),
      images: imagesOf(step),
      expected,
      expectedBox: stated ?? inferred,
      boxFrom: stated ? "episode" : inferred ? "inferred" : null,
      // V1 keeps the model's text only for steps it could not parse.
      predictedText: textOf(fields.model_output_raw),
      prompt: textOf(fields.user_prompt),
      predicted: actionOfRecord(fields.pred_action),
      distance: numberOf(fields.coord_error_norm),
    },
  ];
}

/**
 * The log names no image. Its folder is the episode's id without the scenario, `episode_0000/episode_0000_login_step_0.png`;
 * before V3 the same with `session_` (1.9). Given as path endings, to be looked for in the eval's own folder first.
 */
function imagesOf({ episodeId, index, fields }: Step): string[] {
  const written = [fields.image, fields.image_path, fields.screenshot_path].filter((path) => typeof path === "string");
  const ids = new Set([
    episodeId,
    episodeId.replace(/^session_/, "episode_"),
    episodeId.replace(/^episode_/, "session_"),
  ]);
  const drawn = [...ids].map((id) => `${id.replace(/_(login|registration)$/, "")}/${id}_step_${String(index)}.png`);
  return [...new Set([...written, ...drawn])];
}

/** The login page's boxes have known sizes, and clicks are aimed at their centres: enough to draw the box, said to be inferred. */
function inferBox({ episodeId, index }: Step, expected: Action | null): StepBody["expectedBox"] {
  if (!episodeId.endsWith("_login") || expected?.kind !== "click" || expected.frame !== "unit") return null;
  const { x, y } = expected;
  if (x === undefined || y === undefined) return null;
  // The third click is on the button: step 4, or 5 where the episode begins with a wait (V1).
  const size = index >= 4 ? button : field;
  const halfWidth = size.width / screen.width / 2;
  const halfHeight = size.height / screen.height / 2;
  return [x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight];
}

function detect(sample: SourceSample): number {
  const records = headRecords(sample);
  const steps = records.filter((record) => stepOf(record) !== null);
  if (steps.length > 0) return steps.length >= records.length * 0.6 ? 0.95 : 0;
  const long = records.every((r) => r === undefined) && sample.head.length < sample.size;
  return long && /^\s*\{"episode_id": ?"[^"]*", ?"step_index": ?\d/.test(sample.head) ? 0.8 : 0;
}

export const openadaptSamples: LineReader = {
  id: "openadapt-samples",
  title: "OpenAdapt step samples",
  version: 2,
  axis: "line",
  input: "lines",
  detect,
  labelOf: labelOfPath,
  readSteps,
  open: (sink) => new OpenadaptSamplesParser(sink),
};
