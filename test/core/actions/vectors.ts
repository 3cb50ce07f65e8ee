// What OpenAdapt's own parser makes of these texts (formats/gui-and-trainers.md, "Parse vectors", computed by that parser).
import type { Action } from "../../../core/model/action";

export interface Vector {
  text: string;
  action: Action;
  thought?: string | null;
  state?: unknown;
}

const click = (x: number, y: number): Action => ({ kind: "click", x, y, frame: "unit" });
const fail: Action = { kind: "fail" };
const done: Action = { kind: "done" };

export const vectors: readonly Vector[] = [
  { text: "CLICK(x=0.5, y=0.3)", action: click(0.5, 0.3) },
  { text: "Thought: a\nAction: CLICK(x=0.42,y=.31)\nAction: DONE()", action: done, thought: "a" },
  { text: "CLICK(x=1.50, y=-0.20)", action: click(1, 0) },
  { text: "CLICK(x=5e-1, y=0.3)", action: fail },
  { text: "CLICK(x = 0.5, y = 0.3)", action: fail },
  { text: "click(x=0.5, y=0.3)", action: fail },
  { text: "CLICK(x=0.5, y=0.3", action: fail },
  { text: "Action: CLICK([2])", action: { kind: "click", element: "2" } },
  { text: "Action:\nCLICK(x=0.5, y=0.5)", action: click(0.5, 0.5) },
  { text: "CLICK([1]) CLICK(x=0.9, y=0.9)", action: { kind: "click", element: "1" } },
  { text: "WAIT() then CLICK(x=0.1, y=0.2)", action: click(0.1, 0.2) },
  { text: "Thought: I will CLICK(x=0.1, y=0.2).", action: click(0.1, 0.2), thought: "I will CLICK(x=0.1, y=0.2)." },
  {
    text: "Thought: click [1] then DONE()\nAction: WAIT()",
    action: { kind: "wait" },
    thought: "click [1] then DONE()",
  },
  { text: `TYPE([1], "us'er")`, action: fail },
  { text: `TYPE("don't")`, action: fail },
  { text: `TYPE([2], "pass`, action: fail },
  { text: `TYPE([1], 'a\\'b')`, action: { kind: "type", element: "1", text: "a\\'b" } },
  { text: String.raw`TYPE(text="say \"hi\" C:\\n")`, action: { kind: "type", text: String.raw`say "hi" C:\n` } },
  { text: 'TYPE(text="a\nb")', action: { kind: "type", text: "a\nb" } },
  { text: 'Action: TYPE(text="press Action: DONE()")', action: { kind: "type", text: "press Action: DONE()" } },
  { text: 'State: {"success": true, "d": {"a": 1}}\nAction: DONE()', action: done, state: null },
  { text: 'State: {"success": true}\nAction: DONE ( )', action: done, state: { success: true } },
  { text: "THOUGHT: x\nACTION: DONE()", action: done, thought: "x" },
  { text: "ACTION(type=click)", action: fail },
  { text: "", action: fail },
  // From the same page's prose, items 3 to 5.
  { text: String.raw`TYPE(text="us\"er\\2")`, action: { kind: "type", text: String.raw`us"er\2` } },
  { text: "CLICK(x=+0.5, y=0.3)", action: fail },
  { text: 'DONE() TYPE("x")', action: { kind: "type", text: "x" } },
  { text: "Thought: CLICK(x=0.1, y=0.2)\nAction: wander", action: fail, thought: "CLICK(x=0.1, y=0.2)" },
  // Where Python's regular expressions differ from JavaScript's.
  { text: "CLICK([\u0662])", action: { kind: "click", element: "2" } },
  { text: "CLICK([007])", action: { kind: "click", element: "7" } },
  { text: "\u00e9DONE()", action: fail },
  { text: "DONE\u0085(\u001c)", action: done },
  { text: "DONE(\ufeff)", action: fail },
  { text: "\u017ftate: {}\nact\u0131on: DONE()", action: done, state: {} },
  { text: "Action: DONE()\rAction: WAIT()", action: { kind: "wait" } },
  { text: "Thought: first\nThought: second\n", action: fail, thought: "first\nThought: second" },
];
