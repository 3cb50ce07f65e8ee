// OpenBrowser's evaluation with videos on Modal (formats/rlvr-openbrowser.md B2.3): a list of forms, each with its reward.
import { isFields, numberOf, textOf, type Fields } from "../../base/json";
import { byteLength, headValue, listOf, parseDocument, reportWrongDocument, restOf, valueOf } from "../document";
import { measure, rate } from "../../metrics/evalMetric";
import { rewardNumbers } from "../groups";
import { labelOfPath, stemOf } from "../label";
import type { DocumentReader, RecordSink, RolloutBody, SourceSample } from "../reader";

const isForm = (value: unknown): value is Fields =>
  isFields(value) && typeof value.form === "string" && typeof value.reward === "number";

const formsOf = (value: unknown): Fields[] => listOf(value).filter(isForm);

function parse(text: string, path: string, sink: RecordSink): void {
  const value = parseDocument(text, path, sink);
  if (value === undefined) return;
  const forms = formsOf(value);
  if (forms.length === 0) {
    reportWrongDocument(sink, path, "forms with their rewards");
    return;
  }
  const length = byteLength(text);
  const rewards = forms.map(({ reward }) => numberOf(reward) ?? NaN);
  rewards.forEach((reward, i) => {
    sink.rollout({ offset: i, length, step: NaN, version: NaN, samples: 1, ...rewardNumbers([reward]) }, i);
  });
  const n = forms.length;
  const metrics = [
    rate("nonzero_rate", rewards.filter((reward) => reward > 0).length / n, n),
    measure("avg_reward", rewards.reduce((sum, reward) => sum + reward, 0) / n, n, "higher"),
  ];
  const judged = forms.filter(({ success }) => typeof success === "boolean");
  if (judged.length > 0)
    metrics.push(
      rate("success", judged.filter(({ success }) => success === true).length / judged.length, judged.length),
    );
  const label = labelOfPath(path) || stemOf(path);
  sink.evaluation({ label, backend: null, benchmark: "formfactory", episodes: n, steps: null, metrics });
}

const known = new Set(["form", "reward"]);

function readRollout(record: string, part = 0): RolloutBody | null {
  const form = formsOf(valueOf(record))[part];
  if (!form) return null;
  return {
    ...{ promptId: textOf(form.form), prompt: textOf(form.form) ?? "", reference: null, images: [] },
    samples: [{ text: "", reward: numberOf(form.reward), parts: {}, tokens: null, finish: null }],
    ...{ expected: null, expectedBox: null, extra: restOf(form, known) },
  };
}

function detect(sample: SourceSample): number {
  const value = headValue(sample);
  const forms = formsOf(value);
  return forms.length > 0 && forms.length >= listOf(value).length * 0.6 ? 0.85 : 0;
}

export const openbrowserVideoEval: DocumentReader = {
  id: "openbrowser-video-eval",
  title: "OpenBrowser evaluation with videos",
  version: 1,
  axis: "step",
  input: "document",
  detect,
  labelOf: labelOfPath,
  readRollout,
  parse,
};
