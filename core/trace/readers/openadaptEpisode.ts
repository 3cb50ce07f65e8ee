// OpenAdapt's recorded or generated episodes (schema/episode.py, version 1.0.0; formats/gui-and-trainers.md 1.7): what should be done.
// One episode, or a list of them, with V3's nested fields or the flat ones of V1, V2 and examples/sample_data.json.
import { isFields, numberOf, textOf, type Fields } from "../../base/json";
import { byteLength, headValue, parseDocument, saidIn, valueOf } from "../document";
import { actionOfRecord, boxOf } from "../openadaptAction";
import { marksTargetOf } from "../openadaptTarget";
import type { DocumentReader, RecordSink, SourceSample, StepBody, TrainingTarget } from "../reader";

interface EpisodeRecord {
  id: string;
  fields: Fields;
  steps: Fields[];
}

function episodesOf(value: unknown): EpisodeRecord[] {
  const records: unknown[] = Array.isArray(value) ? value : [value];
  return records.flatMap((record) => {
    if (!isFields(record) || !Array.isArray(record.steps)) return [];
    const id = textOf(record.episode_id) ?? textOf(record.id);
    const steps = record.steps.filter(isFields);
    // Curves have an id and numbers under `steps`.
    if (steps.length === 0 && record.steps.length > 0) return [];
    return id !== null && steps.every((step) => isFields(step.observation) && isFields(step.action))
      ? [{ id, fields: record, steps }]
      : [];
  });
}

const indexOf = (step: Fields, at: number): number => numberOf(step.step_index) ?? at;

function parse(text: string, path: string, sink: RecordSink): void {
  const value = parseDocument(text, path, sink);
  if (value === undefined) return;
  const episodes = episodesOf(value);
  const written = Array.isArray(value) ? value.length : 1;
  if (episodes.length < written) {
    const message = `${String(written - episodes.length)} of ${String(written)} values are no episode with steps.`;
    sink.diagnostic({ code: "not-a-record", severity: "warning", message });
  }
  // The record of every step is the whole file: an episode has no line of its own.
  const length = byteLength(text);
  for (const { id, fields, steps } of episodes) {
    const success = typeof fields.success === "boolean" ? { success: fields.success } : {};
    steps.forEach((step, at) => {
      const place = { offset: 0, length, episodeId: id, index: indexOf(step, at) };
      sink.step({ ...place, typeMatch: null, clickHit: null, ...success });
      const target = marksTargetOf(isFields(step.action) ? step.action : {});
      if (target) sink.target?.(target);
    });
  }
}

function readSteps(record: string): StepBody[] {
  return episodesOf(valueOf(record)).flatMap(({ id, fields, steps }) => {
    const goal = textOf(fields.instruction) ?? textOf(fields.goal);
    const about = saidIn(fields, told.episode);
    return steps.map((step, at) => ({ ...stepBody(id, goal, step, at), about }));
  });
}

/** What is shown elsewhere, or is no words: pictures as text, trees of a page. */
const told = {
  episode: new Set(["schema_version", "episode_id", "id", "instruction", "goal", "steps", "success"]),
  step: new Set(["step_index", "t", "observation", "action", "timestamp"]),
  observation: new Set([
    ...["screenshot_path", "image_path", "screenshot_base64", "a11y_tree", "dom", "screen_size", "focused_element"],
    ...["timestamp", "raw"],
  ]),
};

function stepBody(episodeId: string, goal: string | null, step: Fields, at: number): StepBody {
  const observation = isFields(step.observation) ? step.observation : {};
  const action = isFields(step.action) ? step.action : {};
  const raw = isFields(action.raw) ? action.raw : {};
  const box = boxOf(raw.bbox) ?? boxOf(action.bbox) ?? boxFromBounds(action, observation);
  return {
    episodeId,
    index: indexOf(step, at),
    goal,
    images: [observation.screenshot_path, observation.image_path].filter((path) => typeof path === "string"),
    expected: actionOfRecord(action),
    expectedBox: box,
    boxFrom: box ? "episode" : null,
    predictedText: null,
    predicted: null,
    distance: null,
    extra: { ...saidIn(step, told.step), ...saidIn(observation, told.observation) },
    ...targetField(marksTargetOf(action)),
  };
}

const targetField = (target: TrainingTarget | null): Pick<StepBody, "target"> => (target ? { target } : {});

/** `element.bounds` is in pixels of `screen_size`. */
function boxFromBounds(action: Fields, observation: Fields): StepBody["expectedBox"] {
  const bounds = isFields(action.element) && isFields(action.element.bounds) ? action.element.bounds : null;
  const size = Array.isArray(observation.screen_size) ? observation.screen_size.map(numberOf) : [];
  const [width, height] = size;
  if (!bounds || !width || !height) return null;
  const x = numberOf(bounds.x) ?? NaN;
  const y = numberOf(bounds.y) ?? NaN;
  const right = x + (numberOf(bounds.width) ?? NaN);
  const bottom = y + (numberOf(bounds.height) ?? NaN);
  return boxOf([x / width, y / height, right / width, bottom / height]);
}

function detect(sample: SourceSample): number {
  const { head } = sample;
  if (!/^\uFEFF?\s*[[{]/.test(head)) return 0;
  const value = headValue(sample);
  if (value !== undefined) return episodesOf(value).length > 0 ? 0.95 : 0;
  const keys =
    /"steps"\s*:\s*\[/.test(head) && /"observation"\s*:\s*\{/.test(head) && /"(episode_id|id)"\s*:/.test(head);
  // Lines of JSON are another format, even if each holds an episode.
  return keys && !/^\s*\{.*\}[ \t\r]*\n\s*\{/.test(head) ? 0.8 : 0;
}

export const openadaptEpisode: DocumentReader = {
  id: "openadapt-episode",
  title: "OpenAdapt episode",
  version: 3,
  axis: "line",
  input: "document",
  detect,
  readSteps,
  parse,
};
