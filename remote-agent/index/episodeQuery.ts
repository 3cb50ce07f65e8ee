// Episodes across a target's sources: what a recorded episode knows (goal, screenshots, boxes) joined to what a step log
// predicted, by episode id and step.
import { runNotFound } from "../../core/base/errors";
import type { Action, ParsedActions } from "../../core/model/action";
import type { Episode, EpisodeHeader, EpisodeStep } from "../../core/model/episode";
import { toWire } from "../../core/model/number";
import { fractionOf, type FrameSizes, type Point } from "../../core/model/frame";
import type { ReadingChoice } from "../../core/model/reading";
import { canvas } from "../../core/trace/gelab";
import type { StepBody } from "../../core/trace/reader";
import { readTexts } from "../../core/actions/reading";
import type { EpisodeRows } from "./records";
import { firstImage, sizeOfImage } from "./images";
import { targetProblem } from "./trainingTargets";
import type { SourceIndex } from "./sourceIndex";
import type { Target } from "./target";

/** OpenAdapt evals/trajectory_matching.py: a click hits below this distance in unit coordinates. */
const HIT_DISTANCE = 0.05;

interface Entry {
  id: string;
  source: SourceIndex;
  rows: EpisodeRows;
}

const isPredicted = ({ rows }: EpisodeRows): boolean => rows.some((row) => row.typeMatch !== null);

/** Episodes with predictions first; a recorded one is listed only where no step log shows it. */
function entries(target: Target): Entry[] {
  const predicted: Entry[] = [];
  const recorded: Entry[] = [];
  for (const source of target.index.sources) {
    for (const rows of source.records.episodes.values()) {
      const list = isPredicted(rows) ? predicted : recorded;
      list.push({ id: `${source.key}:${rows.episodeId}`, source, rows });
    }
  }
  const shown = new Set(predicted.map((e) => e.rows.episodeId));
  return [...predicted, ...recorded.filter((e) => !shown.has(e.rows.episodeId))];
}

export const episodeCount = (target: Target): number => entries(target).length;

export async function episodePage(
  target: Target,
  offset: number,
  limit: number,
): Promise<{ total: number; rows: EpisodeHeader[] }> {
  const all = entries(target);
  const rows: EpisodeHeader[] = [];
  for (const entry of all.slice(offset, offset + limit)) {
    const first = await entry.source.firstStep(entry.rows.episodeId);
    rows.push(headerOf(entry, first, await goalOf(target, entry, first)));
  }
  return { total: all.length, rows };
}

/** As the file says it, else as the recorded episode of the same id does. */
async function goalOf(target: Target, entry: Entry, first: StepBody | null): Promise<string> {
  if (first?.goal !== null && first?.goal !== undefined) return first.goal;
  for (const [, { body }] of await recordedSteps(target, entry)) if (body.goal !== null) return body.goal;
  return "";
}

function headerOf(entry: Entry, first: StepBody | null, goal: string): EpisodeHeader {
  const { rows } = entry.rows;
  const judged = rows.filter((r) => r.typeMatch !== null);
  const clicks = rows.filter((r) => r.clickHit !== null);
  const typeMatches = judged.filter((r) => r.typeMatch).length;
  return {
    id: entry.id,
    source: entry.source.path,
    episodeId: entry.rows.episodeId,
    goal,
    steps: rows.length,
    label: entry.source.label,
    typeMatches: judged.length > 0 ? typeMatches : null,
    clickHits: judged.length > 0 ? clicks.filter((r) => r.clickHit).length : null,
    clicks: judged.length > 0 ? clicks.length : null,
    success: successOf(rows),
    ...(first && hasAny(first.about) ? { extra: first.about } : {}),
  };
}

const hasAny = (extra: StepBody["extra"]): extra is NonNullable<StepBody["extra"]> =>
  extra !== undefined && Object.keys(extra).length > 0;

/** What the file itself says of the whole episode wins over what its steps' scores come to; the right types alone are no success. */
function successOf(rows: EpisodeRows["rows"]): boolean | null {
  const said = rows.find((r) => r.success !== undefined)?.success;
  const scored = rows.filter((r) => r.score !== undefined);
  if (said !== undefined || scored.length === 0) return said ?? null;
  const sum = scored.reduce((total, { score = 0 }) => total + score, 0);
  return sum === (scored.find((r) => r.scoreNeeded !== undefined)?.scoreNeeded ?? rows.length);
}

export async function readEpisode(target: Target, id: string, choice: ReadingChoice): Promise<Episode> {
  const entry = entries(target).find((e) => e.id === id);
  if (!entry) throw runNotFound(`episode ${id} of ${target.id}`);
  const bodies = (await entry.source.steps(entry.rows.episodeId)).sort((a, b) => a.index - b.index);
  const recorded = await recordedSteps(target, entry);
  const known = bodies.map((body) => knownOf(target, entry.source, body, recorded.get(body.index) ?? null));
  for (const step of known) step.size = await sizeOfImage(target, step.image);
  const said = known.flatMap(({ body, box, size }) =>
    body.predictedText === null
      ? []
      : [{ body, read: { text: body.predictedText, prompt: body.prompt ?? null, image: size, box } }],
  );
  const { reading, parsed, sizes } = readTexts(
    said.map(({ read }) => read),
    choice,
    target.ownDialects,
  );
  const readOf = new Map(said.map(({ body }, i) => [body, parsed[i] ?? null]));
  const byHand = reading.chosen || reading.frame?.how === "set";
  const steps = known.map((step) => {
    const found = sizes(step.size);
    // Only GE-Lab records actions in a canvas, and no text need be read to know its size.
    return stepOf(step, readOf.get(step.body) ?? null, { ...found, canvas: found.canvas ?? canvas }, byHand);
  });
  const first = bodies[0] ?? null;
  return { header: headerOf(entry, first, await goalOf(target, entry, first)), reading, steps };
}

/** The same episode as it was recorded, where a file of this target holds it. */
async function recordedSteps(
  target: Target,
  entry: Entry,
): Promise<Map<number, { body: StepBody; source: SourceIndex }>> {
  const found = new Map<number, { body: StepBody; source: SourceIndex }>();
  for (const source of target.index.sources) {
    if (source === entry.source) continue;
    const rows = source.records.episodes.get(entry.rows.episodeId);
    if (!rows || isPredicted(rows)) continue;
    for (const body of await source.steps(entry.rows.episodeId)) found.set(body.index, { body, source });
    if (found.size > 0) return found;
  }
  return found;
}

/** A step with what other files of the target know of it. */
interface KnownStep {
  body: StepBody;
  image: string | null;
  size: { width: number; height: number } | null;
  expected: Action | null;
  box: StepBody["expectedBox"];
  boxFrom: EpisodeStep["boxFrom"];
}

function knownOf(
  target: Target,
  source: SourceIndex,
  body: StepBody,
  recorded: { body: StepBody; source: SourceIndex } | null,
): KnownStep {
  const image =
    (recorded ? firstImage(target, recorded.source.path, recorded.body.images) : null) ??
    firstImage(target, source.path, body.images);
  const recordedBox = recorded?.body.expectedBox ?? null;
  const box = recordedBox ?? body.expectedBox;
  const boxFrom = box ? ((recordedBox ? recorded?.body.boxFrom : body.boxFrom) ?? "episode") : null;
  return { body, image, size: null, expected: body.expected ?? recorded?.body.expected ?? null, box, boxFrom };
}

/** What the file says was predicted counts, unless a person chose how to read the text. */
function stepOf(
  { body, image, expected, box, boxFrom }: KnownStep,
  parsed: ParsedActions | null,
  sizes: FrameSizes,
  byHand: boolean,
): EpisodeStep {
  const read = parsed?.actions[0] ?? null;
  const counts = byHand ? (read ?? (parsed ? null : body.predicted)) : (body.predicted ?? read);
  const measured = distanceBetween(counts, expected, sizes);
  const distance = byHand ? measured : (body.distance ?? measured);
  return {
    index: body.index,
    image,
    expected,
    expectedBox: box ? { x0: box[0], y0: box[1], x1: box[2], y1: box[3] } : null,
    boxFrom,
    predictedText: body.predictedText,
    predicted: body.predicted,
    parsed,
    sizes,
    ...(body.target ? { target: { text: body.target.text, why: targetProblem(body.target) } } : {}),
    distance: toWire(distance),
    ...judge(expected, counts, box, distance, sizes),
    ...(hasAny(body.extra) ? { extra: body.extra } : {}),
  };
}

function distanceBetween(a: Action | null, b: Action | null, sizes: FrameSizes): number | null {
  const from = placeOf(a, sizes);
  const to = placeOf(b, sizes);
  return from && to ? Math.hypot(from.x - to.x, from.y - to.y) : null;
}

/** Where an action points, as fractions of the picture, whatever frame it was written in. */
const placeOf = (action: Action | null, sizes: FrameSizes): Point | null =>
  action?.x === undefined || action.y === undefined
    ? null
    : fractionOf({ x: action.x, y: action.y }, action.frame, sizes);

const percent = (distance: number): string => `${(distance * 100).toFixed(1)} % of the screen away`;

/** The verdict, and the same in words. A click hits inside its box; without one, below the distance of the original's rule. */
function judge(
  expected: Action | null,
  predicted: Action | null,
  box: readonly [number, number, number, number] | null,
  distance: number | null,
  sizes: FrameSizes,
): Pick<EpisodeStep, "verdict" | "words"> {
  if (!predicted)
    return { verdict: "no-prediction", words: expected ? `expected: ${expected.kind}` : "nothing was predicted" };
  if (predicted.kind === "fail") return { verdict: "unparsed", words: "no action could be read from the text" };
  if (!expected) return { verdict: "match", words: `predicted ${predicted.kind}; the file says no expected action` };
  if (predicted.kind !== expected.kind) {
    return { verdict: "wrong-type", words: `wrong action: ${predicted.kind} instead of ${expected.kind}` };
  }
  if (expected.element !== undefined && expected.x === undefined) {
    const hit = predicted.element === expected.element;
    const words = hit
      ? `hit: element ${expected.element}`
      : `miss: element ${predicted.element ?? "none"} instead of ${expected.element}`;
    return { verdict: hit ? "hit" : "miss", words };
  }
  if (expected.x !== undefined) {
    if (distance === null) {
      const why =
        predicted.x === undefined
          ? "no point was predicted"
          : `nobody knows the size of ${predicted.frame ?? "its frame"}`;
      return { verdict: "miss", words: `miss: ${why}` };
    }
    const point = placeOf(predicted, sizes);
    const inside =
      box !== null && point !== null
        ? point.x >= box[0] && point.x <= box[2] && point.y >= box[1] && point.y <= box[3]
        : distance < HIT_DISTANCE;
    return { verdict: inside ? "hit" : "miss", words: `${inside ? "hit" : "miss"}, ${percent(distance)}` };
  }
  if (expected.kind === "type" && predicted.text !== expected.text) {
    return { verdict: "match", words: "right action, but another text was typed" };
  }
  return { verdict: "match", words: `right action: ${expected.kind}` };
}
