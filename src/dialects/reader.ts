// Runs in a thread of its own: reads a text by the dialects that a file declares and by the built-in ones. Pattern by pattern they
// have their price (core/actions/patternGuard.ts); the thread makes that the whole of what they can cost the editor.
import { parentPort } from "node:worker_threads";
import type { ActionDialect } from "../../core/actions/dialect";
import { readTexts } from "../../core/actions/reading";
import { parseUserDialects } from "../../core/actions/userDialects";
import type { ReadingChoice } from "../../core/model/reading";
import type { TryOut } from "../../core/protocol/dialects";

export interface TryQuestion {
  /** Of the file that declares dialects; null for none. */
  declared: string | null;
  text: string;
  choice: ReadingChoice;
}

let known: { declared: string | null; own: readonly ActionDialect[] } = { declared: null, own: [] };

function answer({ declared, text, choice }: TryQuestion): TryOut {
  if (declared !== known.declared)
    known = { declared, own: declared === null ? [] : parseUserDialects(declared).dialects };
  const { reading, parsed } = readTexts([{ text }], choice, known.own);
  return { reading, parsed: parsed[0] ?? null };
}

parentPort?.on("message", ({ id, question }: { id: number; question: TryQuestion }) => {
  parentPort?.postMessage({ id, answer: answer(question) });
});
