// Rollouts as read-only text documents, for the native peek under a config's line.
import * as vscode from "vscode";
import { fromWire } from "../../core/model/number";
import type { Action } from "../../core/model/action";
import type { Rollout, RolloutHeader } from "../../core/model/rollout";
import { rollouts } from "../../core/protocol/rollouts";
import { schemes } from "../names";
import type { Boxes } from "../runs/boxes";
import { numberWords } from "../../core/model/words";

const SHOWN = 12;
const LOOKED_AT = 100;
const MAX_TEXT = 20_000;

export class RolloutDocs implements vscode.TextDocumentContentProvider {
  constructor(private readonly boxes: Boxes) {}

  /** The newest step's rollouts as documents, the worst first: where all rewards are equal there is little to see. */
  async latest(box: string, target: string): Promise<vscode.Location[]> {
    const peer = await this.boxes.open(box).link.peer();
    const page = await peer.request(rollouts.page, { target, offset: 0, limit: LOOKED_AT, sort: "newest" });
    const [newest] = page.rows;
    const latest = page.rows.filter((row) => row.step === newest?.step && row.version === newest?.version);
    const reward = (row: RolloutHeader): number => fromWire(row.rewardMean) ?? Infinity;
    latest.sort((a, b) => reward(a) - reward(b));
    return latest.slice(0, SHOWN).map((row) => {
      // Short, because the peek's list is narrow: what tells one group from the next comes first.
      const at = row.step !== null ? `s${row.step}` : row.version !== null ? `v${row.version}` : "";
      const name = `r ${numberWords(row.rewardMean)} · ${at} ${row.promptId ?? row.id}`.replaceAll("/", "∕");
      const query = new URLSearchParams({ box, target, id: row.id }).toString();
      const uri = vscode.Uri.from({ scheme: schemes.rollout, path: `/${name}.txt`, query });
      return new vscode.Location(uri, new vscode.Position(0, 0));
    });
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const query = new URLSearchParams(uri.query);
    const peer = await this.boxes.open(query.get("box") ?? "").link.peer();
    const target = query.get("target") ?? "";
    const rollout = await peer.request(rollouts.read, { target, id: query.get("id") ?? "" });
    return rolloutText(rollout);
  }
}

export function rolloutText(rollout: Rollout): string {
  const { header } = rollout;
  const at =
    header.step !== null
      ? `step ${header.step}`
      : header.version !== null
        ? `version ${header.version}`
        : header.source;
  const spread = fromWire(header.rewardStd);
  const lines = [
    `${at} · ${header.samples} samples · reward ${numberWords(header.rewardMean)} (${numberWords(header.rewardMin)} to ${numberWords(header.rewardMax)})${spread === 0 ? " · all rewards equal: no gradient" : ""}`,
    "",
    "PROMPT",
    clip(rollout.prompt),
  ];
  if (rollout.expected) lines.push("", `EXPECTED  ${actionWords(rollout.expected)}`);
  if (rollout.reference !== null) lines.push("", `REFERENCE  ${clip(rollout.reference)}`);
  rollout.samples.forEach((sample, i) => {
    const advantage = sample.advantage === null ? "" : ` · advantage ${numberWords(sample.advantage)}`;
    const actions = sample.parsed?.actions.map(actionWords).join(", ");
    lines.push(
      "",
      `SAMPLE ${i + 1} · reward ${numberWords(sample.reward)}${advantage}${actions ? ` · ${actions}` : ""}`,
      clip(sample.text),
    );
  });
  return `${lines.join("\n")}\n`;
}

const clip = (text: string): string =>
  text.length <= MAX_TEXT
    ? text
    : `${text.slice(0, MAX_TEXT)}\n… ${(text.length - MAX_TEXT).toLocaleString("en")} more characters`;

export function actionWords(action: Action): string {
  const point =
    action.x !== undefined && action.y !== undefined ? ` (${action.x.toFixed(2)}, ${action.y.toFixed(2)})` : "";
  const element = action.element !== undefined ? ` [${action.element}]` : "";
  const text = action.text !== undefined ? ` "${action.text}"` : "";
  return action.kind === "fail" ? "no action" : `${action.kind}${point}${element}${text}`;
}
