// OpenAdapt's trajectory matching over a step log (`eval_policy --log-samples`) of any version; boxes come from the recorded episodes.
import { isFields, numberOf, textOf, type Fields } from "../../base/json";
import type { EvalMetric } from "../../model/evaluation";
import { measure, rate } from "../evalMetric";
import { scoreEpisode, type EpisodeScore, type OpenadaptAction, type OpenadaptStep } from "../openadaptScore";
import { scorer, setOf, tableOf } from "../scorer";

/** A step that was predicted, or where a recorded episode has its box. */
type Row =
  | { kind: "step"; step: Omit<OpenadaptStep, "box">; first: boolean }
  | { kind: "box"; place: string; box: readonly number[] };

const placeOf = (episode: string, index: number): string => `${episode}@${String(index)}`;

function actionOf(record: Fields): OpenadaptAction {
  const element = record.element_index;
  return {
    type: textOf(record.type) ?? "",
    x: numberOf(record.x),
    y: numberOf(record.y),
    element: typeof element === "number" || typeof element === "string" ? String(element) : null,
  };
}

function rowsOf(record: unknown): Row[] {
  if (!isFields(record))
    return Array.isArray(record) ? record.flatMap((one) => (isFields(one) ? rowsOf(one) : [])) : [];
  const { ground_truth_action: truth, pred_action: predicted } = record;
  if (!isFields(truth) || !isFields(predicted)) return boxesOf(record);
  const index = numberOf(record.step_index);
  if (index === null) return [];
  const step = {
    episode: String(record.episode_id),
    index,
    truth: actionOf(truth),
    predicted: actionOf(predicted),
    text: textOf(record.model_output_raw),
  };
  // The first version knew no marks, and wrote a text only where it could not parse it.
  return [{ kind: "step", step, first: !("element_index" in truth) }];
}

/** `[x0, y0, x1, y1]` of `raw.bbox`, of V1's and V2's `bbox`, or of the element's bounds: in unit coordinates, as written. */
function boxesOf(episode: Fields): Row[] {
  const id = textOf(episode.episode_id) ?? textOf(episode.id);
  const steps: unknown[] = Array.isArray(episode.steps) ? episode.steps : [];
  if (id === null) return [];
  return steps.flatMap((step, at): Row[] => {
    const action = isFields(step) && isFields(step.action) ? step.action : {};
    const bounds = isFields(action.element) && isFields(action.element.bounds) ? action.element.bounds : null;
    const raw = isFields(action.raw) ? action.raw.bbox : undefined;
    const box = numbersOf(bounds ? edgesOf(bounds) : (raw ?? action.bbox));
    const index = (isFields(step) ? (numberOf(step.step_index) ?? numberOf(step.t)) : null) ?? at;
    return box.length === 4 ? [{ kind: "box", place: placeOf(id, index), box }] : [];
  });
}

const numbersOf = (value: unknown): number[] =>
  (Array.isArray(value) ? value : []).flatMap((one) => (typeof one === "number" ? one : []));

function edgesOf({ x, y, width, height }: Fields): number[] {
  const [x0, y0, w, h] = [x, y, width, height].map((edge) => numberOf(edge) ?? NaN);
  return [x0 ?? NaN, y0 ?? NaN, (x0 ?? NaN) + (w ?? NaN), (y0 ?? NaN) + (h ?? NaN)];
}

/** An episode ends where another begins, and where its steps begin again: a log is appended to. */
function episodesOf(steps: readonly OpenadaptStep[]): OpenadaptStep[][] {
  const episodes: OpenadaptStep[][] = [];
  for (const step of steps) {
    const open = episodes.at(-1);
    const last = open?.at(-1);
    if (open && last?.episode === step.episode && step.index > last.index) open.push(step);
    else episodes.push([step]);
  }
  return episodes;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
const share = (hits: number, n: number): number | null => (n > 0 ? hits / n : null);

/** In the order in which the evaluator writes them. `hasBoxes`: without recorded episodes nothing can be said of boxes. */
function metricsOf(episodes: readonly EpisodeScore[], first: boolean, hasBoxes: boolean): EvalMetric[] {
  const total = (key: "steps" | "matches" | "hits" | "boxes" | "boxHits" | "elements" | "elementHits"): number =>
    sum(episodes.map((episode) => episode[key]));
  const errors = episodes.flatMap((episode) => episode.errors);
  const stated = episodes.filter(({ state }) => state !== null);
  const n = episodes.length;
  const of = (holds: (episode: EpisodeScore) => boolean): number | null => share(episodes.filter(holds).length, n);
  const metrics = [
    rate("action_type_accuracy", share(total("matches"), total("steps")), total("steps")),
    measure("mean_coord_error", errors.length > 0 ? sum(errors) / errors.length : null, errors.length, "lower"),
    rate(
      "episode_success_rate",
      of(({ success }) => success),
      n,
    ),
    rate("click_hit_rate", share(total("hits"), errors.length), errors.length),
  ];
  if (first) return metrics;
  if (hasBoxes) metrics.push(rate("bbox_hit_rate", share(total("boxHits"), total("boxes")), total("boxes")));
  const mean = (key: "matches" | "full"): number => sum(episodes.map((e) => e[key] / e.steps)) / n;
  metrics.push(
    measure("mean_episode_progress", mean("matches"), n, "higher"),
    measure("mean_episode_step_score", mean("full"), n, "higher"),
    rate(
      "weak_episode_success_rate",
      of(({ weak }) => weak),
      n,
    ),
    rate(
      "state_success_rate",
      share(stated.filter(({ state }) => state === true).length, stated.length),
      stated.length,
    ),
    rate("element_accuracy", share(total("elementHits"), total("elements")), total("elements")),
  );
  return metrics;
}

export const openadapt = scorer<Row>({
  id: "openadapt",
  label: "OpenAdapt's trajectory matching",
  rule: "openadapt-ml openadapt_ml/evals/trajectory_matching.py",
  readers: ["openadapt-samples"],
  joins: ["openadapt-episode"],
  recordedBy: ["openadapt-eval"],
  rowsOf,
  tables: (sources) => {
    const boxes = new Map<string, readonly number[]>();
    for (const row of sources.flatMap(({ rows }) => rows)) if (row.kind === "box") boxes.set(row.place, row.box);
    return sources.flatMap((source) => {
      const rows = source.rows.filter((row) => row.kind === "step");
      if (rows.length === 0) return [];
      const steps = rows.map(({ step }) => ({ ...step, box: boxes.get(placeOf(step.episode, step.index)) ?? null }));
      const marks = steps.some(({ truth }) => truth.element !== null);
      const scores = episodesOf(steps).map((episode) => scoreEpisode(episode, marks));
      const metrics = metricsOf(
        scores,
        rows.every(({ first }) => first),
        steps.some(({ box }) => box !== null) || marks,
      );
      const set = setOf(steps.map(({ episode, index }) => placeOf(episode, index)));
      return [tableOf(source, metrics, { set, episodes: scores.length, steps: steps.length })];
    });
  },
});
