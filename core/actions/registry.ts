// Every action grammar, one line each, alphabetical; and which of them some texts are written in.
import type { ActionDialect } from "./dialect";
import { agentOutput } from "./dialects/agentOutput";
import { androidWorld } from "./dialects/androidWorld";
import { gelab } from "./dialects/gelab";
import { openadapt } from "./dialects/openadapt";
import { openbrowserSteps } from "./dialects/openbrowserSteps";
import { pyautogui } from "./dialects/pyautogui";
import { qwenCoderXml } from "./dialects/qwenCoderXml";
import { qwenComputerUse } from "./dialects/qwenComputerUse";
import { toolCall } from "./dialects/toolCall";
import { uiTars } from "./dialects/uiTars";

export const dialects: readonly ActionDialect[] = [
  agentOutput,
  androidWorld,
  gelab,
  openadapt,
  openbrowserSteps,
  pyautogui,
  qwenCoderXml,
  qwenComputerUse,
  toolCall,
  uiTars,
];

/** `own` are the ones that the workspace declares; they come first. */
export function dialectById(id: string, own: readonly ActionDialect[] = []): ActionDialect | null {
  return [...own, ...dialects].find((dialect) => dialect.id === id) ?? null;
}

/** Below this share of parsed texts no dialect fits (formats/gui-and-trainers.md 4). */
export const ENOUGH = 0.5;

export interface DetectedDialect {
  dialect: ActionDialect;
  confidence: number;
}

/** Every dialect that reads any of these texts (the first 200 are tried), best first. */
export function rankDialects(texts: readonly string[], own: readonly ActionDialect[] = []): DetectedDialect[] {
  const tried = texts.slice(0, 200);
  return [...own, ...dialects]
    .map((dialect) => ({ dialect, confidence: dialect.detect(tried) }))
    .filter(({ confidence }) => confidence > 0)
    .map((found) => ({ ...found, explained: explained(found.dialect, tried) }))
    .sort((a, b) => b.confidence - a.confidence || b.explained - a.explained)
    .map(({ dialect, confidence }) => ({ dialect, confidence }));
}

/** How much of the texts stands inside actions: a call quoted inside another's argument explains less than the call around it. */
function explained(dialect: ActionDialect, texts: readonly string[]): number {
  let length = 0;
  for (const text of texts) {
    for (const { kind, span } of dialect.parse(text).actions) if (span && kind !== "fail") length += span[1] - span[0];
  }
  return length;
}

/** The dialect that reads most of these texts; null where none reads half of them. */
export function detectDialect(texts: readonly string[], own: readonly ActionDialect[] = []): DetectedDialect | null {
  const best = rankDialects(texts, own)[0];
  return best && best.confidence >= ENOUGH ? best : null;
}
