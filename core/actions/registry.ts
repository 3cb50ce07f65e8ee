// Every action grammar, one line each, alphabetical; and which of them some texts are written in.
import type { ActionDialect } from "./dialect";
import { openadapt } from "./dialects/openadapt";
import { openbrowserSteps } from "./dialects/openbrowserSteps";

export const dialects: readonly ActionDialect[] = [openadapt, openbrowserSteps];

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
