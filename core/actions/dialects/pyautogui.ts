// pyautogui code as OSWorld and Aguvis models write it (formats/gui-and-trainers.md 4). Statements are read, never run: only calls
// whose arguments are literals become actions, and a diagnostic names the line of every other one.
import type { ActionDialect } from "../dialect";
import { parser, share, type Outcome, type ParseHints, type Span } from "../outcome";
import { readCall } from "../pythonCall";
import { codeFor, pyautoguiAction } from "./pyautoguiCalls";

const fence = /^[ \t]*```[^\n]*$/gm;
const callHead = /(pyautogui|computer|browser|mobile|time|pyperclip)\.([A-Za-z_]\w*)[ \t]*\(/y;
const sentinel = /(WAIT|DONE|FAIL)[ \t]*(?=\r?\n|;|$)/y;
/** Statements that ask for nothing. */
const silent = /(?:import|from)\s|#|"""|'''|$|pass\b/y;

/** The insides of ``` fences; the whole text where there are none. */
function codeIn(text: string): { code: Span[]; fenced: boolean } {
  const marks = [...text.matchAll(fence)];
  if (marks.length === 0) return { code: [[0, text.length]], fenced: false };
  const code: Span[] = [];
  for (let i = 0; i < marks.length; i += 2) {
    const open = marks[i];
    if (open) code.push([open.index + open[0].length, marks[i + 1]?.index ?? text.length]);
  }
  return { code, fenced: true };
}

interface Reader {
  text: string;
  out: Outcome;
  hints: ParseHints;
  /** Prose outside fences is no code: only what looks like a call is reported. */
  fenced: boolean;
}

/** Reads one statement; returns where it ends, or null if the line holds nothing more of interest. */
function statement({ text, out, hints, fenced }: Reader, at: number, lineEnd: number): number | null {
  sentinel.lastIndex = at;
  const word = sentinel.exec(text)?.[1];
  if (word) {
    out.add(word === "WAIT" ? { kind: "wait" } : { kind: word === "DONE" ? "done" : "fail" }, [at, at + word.length]);
    return at + word.length;
  }
  callHead.lastIndex = at;
  const head = callHead.exec(text);
  if (!head) {
    silent.lastIndex = at;
    const line = text.slice(at, lineEnd);
    if (silent.test(text) && silent.lastIndex <= lineEnd) return null;
    if (fenced || /\bpyautogui\./.test(line))
      out.say(`This statement is no plain call and is not evaluated: ${line.slice(0, 60)}`, [at, lineEnd]);
    return null;
  }
  const [, module = "", name = ""] = head;
  const call = readCall(text, callHead.lastIndex - 1);
  if ("why" in call) {
    out.say(`${module}.${name} gives nothing: ${call.why} at ${String(call.at)}.`, [
      at,
      Math.max(at, Math.min(text.length, call.at + 1)),
    ]);
    return null;
  }
  const action = pyautoguiAction(module, name, call.args, hints);
  if (!action) {
    out.say(`${module}.${name} cannot take these arguments.`, [at, call.end]);
    return call.end;
  }
  const before = out.actions.at(-1);
  if (
    action.kind === "drag" &&
    action.x === undefined &&
    before?.kind === "hover" &&
    before.span &&
    before.x !== undefined
  ) {
    // moveTo and dragTo are one drag: where it starts and where it ends.
    out.actions.pop();
    const frame = before.frame === action.frame ? action.frame : "px";
    out.add({ ...action, x: before.x, y: before.y, frame }, [before.span[0], call.end]);
  } else out.add(action, [at, call.end]);
  return call.end;
}

function read(text: string, out: Outcome, hints: ParseHints): void {
  const { code, fenced } = codeIn(text);
  const reader = { text, out, hints, fenced };
  for (const [begin, stop] of code) {
    let lineEnd = begin - 1;
    for (let at = begin; at < stop;) {
      if (at > lineEnd) {
        const newline = text.indexOf("\n", at);
        lineEnd = newline < 0 || newline > stop ? stop : newline;
      }
      while (at < lineEnd && /[ \t\r;]/.test(text.charAt(at))) at++;
      // A call may run over several lines; what it leaves of its last one is read on.
      at = (at < lineEnd ? statement(reader, at, lineEnd) : null) ?? lineEnd + 1;
    }
  }
  out.thought = thoughtIn(text, code, fenced, out);
  if (out.actions.length === 0 && out.diagnostics.length === 0)
    out.say(text.trim() === "" ? "The text is empty." : "There is no pyautogui call in this text.");
}

function thoughtIn(text: string, code: readonly Span[], fenced: boolean, out: Outcome): string | null {
  const first = fenced ? text.lastIndexOf("```", code[0]?.[0] ?? 0) : (out.actions[0]?.span?.[0] ?? 0);
  const words = text
    .slice(0, Math.max(0, first))
    .replace(/^(?:Thought|Observation|Reflection):\s{0,9}/, "")
    .replace(/\s{0,9}(?:Action|Code):\s{0,9}$/, "")
    .trim();
  return words === "" || /^import\s/.test(words) ? null : words;
}

const parse = parser("pyautogui", read);

export const pyautogui: ActionDialect = {
  id: "pyautogui",
  title: "pyautogui code",
  detect: (texts) => share(texts, (text) => parse(text).actions.length > 0),
  parse,
  format(actions) {
    const lines = actions.map(codeFor);
    return lines.length === 0 || lines.includes(null) ? null : lines.join("\n");
  },
};
