// Does a dialect read back what it writes? Expected action -> text -> parsed action. Used before training, where a target that no
// parser accepts would be learnt (formats/gui-and-trainers.md 1.6.7 and 5.9), and by the tests of every dialect.
import type { Action } from "../model/action";
import type { ActionDialect } from "./dialect";

export interface RoundTrip {
  ok: boolean;
  /** Null where the dialect has no words for the actions. */
  text: string | null;
  parsed: readonly Action[];
  /** Why it is not ok, in one sentence. */
  why?: string;
}

/** Texts round what they carry: two decimals of a fraction, whole pixels. */
const slack = (action: Action): number => (action.frame === "unit" ? 0.0051 : 0.51);

const close = (a: number | undefined, b: number | undefined, by: number): boolean =>
  a === b || (a !== undefined && b !== undefined && Math.abs(a - b) <= by);

/** Equal but for the span and for the rounding that the frame allows. */
export const sameAction = (a: Action, b: Action): boolean => differing(a, b).length === 0;

/** The fields in which two actions differ. A task that is done is done well unless it says otherwise. */
function differing(a: Action, b: Action): string[] {
  const by = slack(a);
  const points = close(a.x, b.x, by) && close(a.y, b.y, by) ? [] : ["x, y"];
  if (!close(a.to?.x, b.to?.x, by) || !close(a.to?.y, b.to?.y, by)) points.push("to");
  const fields = [
    "kind",
    "frame",
    "element",
    "text",
    "field",
    "url",
    "direction",
    "amount",
    "seconds",
    "name",
  ] as const;
  const others = fields.filter((field) => a[field] !== b[field]);
  if ((a.ok ?? true) !== (b.ok ?? true)) points.push("ok");
  if (JSON.stringify(a.keys) !== JSON.stringify(b.keys)) points.push("keys");
  if (JSON.stringify(a.args) !== JSON.stringify(b.args)) points.push("args");
  return [...points, ...others];
}

/** Writes the actions in the dialect and reads them again. The frame is told, as a run knows its own. */
export function roundTrip(dialect: ActionDialect, actions: readonly Action[]): RoundTrip {
  const text = dialect.format?.(actions) ?? null;
  const kinds = actions.map((action) => action.kind).join(", ");
  if (text === null)
    return { ok: false, text, parsed: [], why: `${dialect.title} has no words for ${kinds || "no action"}.` };
  return { text, ...readsAs(dialect, text, actions) };
}

/** A text that already exists, say a training target, against the actions it is meant to ask for. */
export function readsAs(dialect: ActionDialect, text: string, expected: readonly Action[]): Omit<RoundTrip, "text"> {
  const frame = expected.find((action) => action.frame !== undefined)?.frame;
  const { actions: parsed, diagnostics } = dialect.parse(text, frame ? { frame } : {});
  if (parsed.length !== expected.length) {
    const why = `${dialect.title} reads ${String(parsed.length)} actions instead of ${String(expected.length)}.`;
    return { ok: false, parsed, why: [why, diagnostics[0]?.message ?? ""].join(" ").trim() };
  }
  for (const [i, wanted] of expected.entries()) {
    const got = parsed[i];
    if (got && sameAction(wanted, got)) continue;
    const what = got?.kind === wanted.kind ? `another ${differing(wanted, got).join(", ")}` : (got?.kind ?? "nothing");
    const why = `${dialect.title} reads ${what} where ${wanted.kind} was meant.`;
    return { ok: false, parsed, why: [why, diagnostics[0]?.message ?? ""].join(" ").trim() };
  }
  return { ok: true, parsed };
}
