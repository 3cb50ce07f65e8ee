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

export function dialectById(id: string): ActionDialect | null {
  return dialects.find((dialect) => dialect.id === id) ?? null;
}

/** Below this share of parsed texts no dialect fits (formats/gui-and-trainers.md 4). */
const ENOUGH = 0.5;

export interface DetectedDialect {
  dialect: ActionDialect;
  confidence: number;
}

/** The dialect that reads most of these texts (the first 200 are tried); null where none reads half of them. */
export function detectDialect(texts: readonly string[]): DetectedDialect | null {
  const tried = texts.slice(0, 200);
  let best: DetectedDialect | null = null;
  for (const dialect of dialects) {
    const confidence = dialect.detect(tried);
    if (confidence >= ENOUGH && confidence > (best?.confidence ?? 0)) best = { dialect, confidence };
  }
  return best;
}
