// GE-Lab's static scorer over predictions.jsonl: the blocks that calculate_score_refine.py prints, as tables by kind of row and by path.
import { isFields, numberOf, textOf, type Fields } from "../../base/json";
import { measure, rate } from "../evalMetric";
import { gelabBlocks, type GelabBlock, type GelabRow } from "../gelabScore";
import { groupBy, scorer, setOf, tableOf } from "../scorer";

type Row = GelabRow & { id: string };

const contentOf = (message: unknown): string | null => {
  if (!isFields(message)) return null;
  if (typeof message.content === "string") return message.content;
  // A list of parts: the texts are what the original looks into.
  const parts: unknown[] = Array.isArray(message.content) ? message.content : [];
  return parts.map((part) => (isFields(part) ? (textOf(part.text) ?? "") : "")).join("\n");
};

/** Rows that the original warns about and passes over: without a prediction, or without the right answer as second message. */
function rowOf(record: Fields): Row | null {
  const messages: unknown[] = Array.isArray(record.messages) ? record.messages : [];
  const [prompt, target, prediction] = [contentOf(messages[0]), contentOf(messages[1]), textOf(record.prediction)];
  if (prompt === null || target === null || prediction === null) return null;
  const task = textOf(record.task) ?? "";
  const id = `${task}\n${prompt}`;
  return { id, task, prompt, target, prediction, box: boxOf(record.bbox_norm), path: numberOf(record.path) };
}

function boxOf(value: unknown): GelabRow["box"] {
  const numbers = (Array.isArray(value) ? value : []).flatMap((edge) => numberOf(edge) ?? []);
  const [x0, y0, x1, y1] = numbers;
  const whole = numbers.length === 4 && x0 !== undefined && y0 !== undefined && x1 !== undefined && y1 !== undefined;
  return whole ? [x0, y0, x1, y1] : null;
}

const metricsOf = ({ correct, total, average }: GelabBlock): ReturnType<typeof rate>[] =>
  average === undefined
    ? [rate("score", correct / total, total)]
    : [rate("accuracy", correct / total, total), measure("average_steps", average, total)];

export const gelabStatic = scorer<Row>({
  id: "gelab-static",
  label: "GE-Lab's static scorer",
  rule: "gelab-env eval/calculate_score_refine.py",
  readers: ["gelab-predictions", "gelab-prediction-list"],
  recordedBy: ["gelab-scores"],
  rowsOf: (record) => {
    const records: unknown[] = Array.isArray(record) ? record : [record];
    return records.flatMap((one) => (isFields(one) ? (rowOf(one) ?? []) : []));
  },
  tables: (sources) =>
    sources.flatMap((source) => {
      const set = setOf(source.rows.map(({ id }) => id));
      const groups = groupBy(gelabBlocks(source.rows), ({ by }) => `${by.key} ${by.group}`);
      return [...groups.values()].map((blocks) => {
        const by = blocks[0]?.by ?? { key: "rows", group: "" };
        return tableOf(source, blocks.flatMap(metricsOf), { by, set, episodes: blocks[0]?.total ?? null });
      });
    }),
});
