// OpenBrowser's numbered steps in plain text (shared/action_parser.py; formats/rlvr-openbrowser.md B3.2). There is no page here to
// resolve fields against, so fields keep their names; what the original skips, consumes or drops is said with its line.
import type { Action } from "../../model/action";
import { CutText } from "../cutText";
import type { ActionDialect } from "../dialect";
import { parser, share, type Outcome, type Span } from "../outcome";
import { strip, stripped } from "../python";
import { hasPrefix, matchStep, numbered } from "./openbrowserPatterns";

/** The original's three steps: closed blocks go; behind the last closing tag is kept; else what stands before the open one. */
function withoutThinking(text: string, out: Outcome): CutText {
  const blocks: Span[] = [];
  for (let at = text.indexOf("<think>"); at >= 0;) {
    const close = text.indexOf("</think>", at + 7);
    if (close < 0) break;
    out.thought = strip(text.slice(at + 7, close)) || null;
    blocks.push([at, close + 8]);
    at = text.indexOf("<think>", close + 8);
  }
  let kept = CutText.of(text).without(blocks);
  if (!kept.text.includes("<think>")) return kept;
  const last = kept.text.lastIndexOf("</think>");
  if (last >= 0) kept = kept.slice(last + 8, kept.text.length);
  const open = kept.text.indexOf("<think>");
  if (open < 0) return kept;
  out.thought = strip(kept.text.slice(open + 7)) || null;
  out.say("A <think> that never closes: what follows it is dropped.", kept.spanOf(open, kept.text.length));
  return kept.slice(0, open);
}

/** Why the original skips a line before it tries any pattern. */
function skipped(line: string): string | null {
  if (/^[-*] /.test(line)) return 'lines that begin with "- " or "* " are skipped';
  if (line.startsWith("#")) return "headings are skipped";
  if (/^[-=]{3,}$/.test(line)) return "separators are skipped";
  if (/^["\u2018\u201c]/.test(line)) return "lines that begin with a quote are skipped";
  if (line.endsWith(":") && !numbered.test(line)) return "lines that end with a colon are taken for titles";
  return null;
}

/** `**x**` and then `` `x` `` lose their marks. */
function withoutMarks(line: CutText): CutText {
  const marks: Span[] = [];
  for (let at = line.text.indexOf("**"); at >= 0;) {
    const close = line.text.indexOf("**", at + 3);
    if (close < 0) break;
    marks.push([at, at + 2], [close, close + 2]);
    at = line.text.indexOf("**", close + 2);
  }
  const plain = line.without(marks);
  const ticks: Span[] = [];
  for (let at = plain.text.indexOf("`"); at >= 0;) {
    const close = plain.text.indexOf("`", at + 1);
    if (close < 0) break;
    if (close === at + 1) at = close;
    else {
      ticks.push([at, at + 1], [close, close + 1]);
      at = plain.text.indexOf("`", close + 1);
    }
  }
  const bare = plain.without(ticks);
  return bare.slice(...stripped(bare.text));
}

/** The value-only pattern fills whatever the last of these filled. */
const fills = (action: Action): boolean => ["type", "check", "submit"].includes(action.kind);

/** What stands behind an action and begins another one. */
const another = /(?:^|[\s,;.])(?:Navigate to |Click (?:on )?the |(?:Type|Select|Enter|Input|Fill in) ['"])/i;

function readLine(whole: CutText, number: number, out: Outcome): void {
  const span = whole.spanOf(0, whole.text.length);
  const nothing = (why: string): void => {
    out.say(`Line ${String(number)} gives nothing: ${why}.`, span);
  };
  const why = skipped(whole.text);
  if (why) {
    nothing(why);
    return;
  }
  const line = /[*`]/.test(whole.text) ? withoutMarks(whole) : whole;
  const step = matchStep(line.text);
  if (!step) {
    nothing(hasPrefix(line.text) ? "none of the ten patterns fits" : "it lacks the prefix Step N:, N. or Action:");
    return;
  }
  if (step.pattern === "type-colon" && !out.actions.some(fills)) {
    nothing("it names no field, and no field was filled before it");
    return;
  }
  out.add(step.action, line.spanOf(step.start, step.end));
  if (step.note) out.say(`Line ${String(number)}: ${step.note}.`, span);
  if (another.test(line.text.slice(step.end)))
    out.say(
      `Line ${String(number)} asks for more than one action; only the first is taken.`,
      line.spanOf(step.end, line.text.length),
    );
}

function read(text: string, out: Outcome): void {
  const kept = withoutThinking(text, out);
  let number = 1;
  let counted = 0;
  for (let begin = 0; begin <= kept.text.length;) {
    const newline = kept.text.indexOf("\n", begin);
    const end = newline < 0 ? kept.text.length : newline;
    const [start, stop] = stripped(kept.text, begin, end);
    if (start < stop) {
      // Counted in the text as the model wrote it.
      const origin = kept.originOf(start);
      for (; counted < origin; counted++) if (text.charCodeAt(counted) === 10) number++;
      readLine(kept.slice(start, stop), number, out);
    }
    begin = end + 1;
  }
  if (out.actions.length === 0 && out.diagnostics.length === 0) out.say("The text is empty.");
}

function sentence(action: Action): string | null {
  const { kind, text, field, url } = action;
  if (kind === "navigate" && url) return `Navigate to ${url}`;
  if (kind === "type" && text) return field ? `Type '${text}' into the '${field}' field` : `Type: '${text}'`;
  if (kind === "select" && text && field) return `Select '${text}' from the '${field}' field`;
  if (kind === "check" && field) return `Click on the '${field}' checkbox`;
  if (kind === "focus" && field) return `Click on the '${field}' input field`;
  if (kind === "submit") return "Click the Submit button";
  return null;
}

const parse = parser("openbrowser-steps", read);

export const openbrowserSteps: ActionDialect = {
  id: "openbrowser-steps",
  title: "OpenBrowser steps",
  detect: (texts) => share(texts, (text) => parse(text).actions.length > 0),
  parse,
  format(actions) {
    const lines = actions.map(sentence);
    if (lines.some((line) => line === null || line.includes("\n"))) return null;
    const bare = actions.findIndex(({ kind, field }) => kind === "type" && field === undefined);
    if (bare >= 0 && !actions.slice(0, bare).some(fills)) return null;
    return lines.map((line, i) => `Step ${String(i + 1)}: ${line ?? ""}`).join("\n");
  },
};
