// The action DSL of the benchmark: `CLICK(x=…, y=…)`, `TYPE(text="…")`, `WAIT()`, `DONE()`, after a `Thought:` line.
// The parser is strict in the same places as the original: lower case, spaces around `=` or a missing bracket fail.

import type { Target } from "./episode";

export interface ParsedAction {
  readonly type: "click" | "type" | "wait" | "done" | "fail";
  /** In 0 … 1; null unless a click gave coordinates. */
  readonly x: number | null;
  readonly y: number | null;
  readonly text: string | null;
  /** 1-based element number of the set-of-marks forms `CLICK([1])` and `TYPE([1], "…")`. */
  readonly elementIndex: number | null;
}

export interface ParsedOutput {
  readonly thought: string | null;
  readonly state: Readonly<Record<string, unknown>> | null;
  readonly action: ParsedAction;
}

const CLICK_MARK = /CLICK\(\[(\d+)\]\)/;
const TYPE_MARK = /TYPE\(\[(\d+)\],\s*["']([^"']*(?:\\.[^"']*)*)["']\)/;
const TYPE_SIMPLE = /TYPE\(["']([^"']*(?:\\.[^"']*)*)["']\)/;
const CLICK = /CLICK\(x=(-?[0-9]*\.?[0-9]+),\s*y=(-?[0-9]*\.?[0-9]+)\)/;
const TYPE = /TYPE\(text="([^"\\]*(?:\\.[^"\\]*)*)"\)/;
const WAIT = /\bWAIT\s*\(\s*\)/;
const DONE = /\bDONE\s*\(\s*\)/;

const THOUGHT = /Thought:\s*(.+?)(?=State:|Action:|$)/gis;
const STATE = /State:\s*(\{.*?\})/gis;
const ACTION_LINE = /Action:\s*(.+?)(?=\n|$)/gi;

const NOTHING = { x: null, y: null, text: null, elementIndex: null } as const;

/** Reads a whole model output. Of several `Action:` lines the last counts; without one, the whole text is searched. */
export function parseOutput(output: string): ParsedOutput {
  const thought = lastMatch(THOUGHT, output)?.trim() ?? null;
  const actionText = lastMatch(ACTION_LINE, output)?.trim() ?? output.trim();
  return { thought, state: parseState(lastMatch(STATE, output)), action: parseAction(actionText) };
}

/** The first form that occurs anywhere in the text wins, in this order. */
export function parseAction(text: string): ParsedAction {
  const clickMark = CLICK_MARK.exec(text);
  if (clickMark) return { ...NOTHING, type: "click", elementIndex: Number(clickMark[1]) };
  const typeMark = TYPE_MARK.exec(text);
  if (typeMark) return { ...NOTHING, type: "type", elementIndex: Number(typeMark[1]), text: unescape(typeMark[2]) };
  const typeSimple = TYPE_SIMPLE.exec(text);
  if (typeSimple) return { ...NOTHING, type: "type", text: unescape(typeSimple[1]) };
  const click = CLICK.exec(text);
  if (click) return { ...NOTHING, type: "click", x: clamp(Number(click[1])), y: clamp(Number(click[2])) };
  const type = TYPE.exec(text);
  if (type) return { ...NOTHING, type: "type", text: unescape(type[1]) };
  if (WAIT.test(text)) return { ...NOTHING, type: "wait" };
  if (DONE.test(text)) return { ...NOTHING, type: "done" };
  return { ...NOTHING, type: "fail" };
}

/** The text of an expected action, as it stands in the prompt's history and as behaviour cloning teaches it. */
export function formatAction(target: Target): string {
  switch (target.type) {
    case "click":
      return formatClick(target.x ?? 0, target.y ?? 0);
    case "type":
      return formatType(target.text ?? "");
    case "wait":
      return "WAIT()";
    case "done":
      return "DONE()";
  }
}

export function formatClick(x: number, y: number): string {
  return `CLICK(x=${x.toFixed(2)}, y=${y.toFixed(2)})`;
}

export function formatType(text: string): string {
  return `TYPE(text="${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}")`;
}

function parseState(json: string | null): Record<string, unknown> | null {
  if (json === null) return null;
  try {
    return JSON.parse(json) as Record<string, unknown>;
  } catch {
    return null;
  }
}

function lastMatch(pattern: RegExp, text: string): string | null {
  let last: string | null = null;
  for (const match of text.matchAll(pattern)) last = match[1] ?? null;
  return last;
}

/** `\"` first, then `\\`: the order of the original. */
function unescape(text = ""): string {
  return text.replaceAll('\\"', '"').replaceAll("\\\\", "\\");
}

function clamp(value: number): number {
  return Math.max(0, Math.min(1, value));
}
