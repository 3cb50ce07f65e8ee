// What a dialect's parser collects while it reads one text, and the promise every dialect keeps: it never throws.
import type { Action, Frame, ParsedActions } from "../model/action";

/** What is known beside the text. A frame set by hand wins over every rule of detection. */
export interface ParseHints {
  frame?: Frame;
  /** The system or user prompt, where it states the size of the screen. */
  prompt?: string;
}

export type Span = [number, number];

export class Outcome implements ParsedActions {
  thought: string | null = null;
  state: unknown = null;
  readonly actions: Action[] = [];
  readonly diagnostics: ParsedActions["diagnostics"] = [];

  constructor(readonly dialect: string) {}

  add(action: Action, span: Span): void {
    this.actions.push({ ...action, span });
  }

  say(message: string, span?: Span): void {
    this.diagnostics.push(span ? { message, span } : { message });
  }

  plain(): ParsedActions {
    const { dialect, thought, state, actions, diagnostics } = this;
    return { dialect, thought, state, actions, diagnostics };
  }
}

export type Read = (text: string, out: Outcome, hints: ParseHints) => void;

/** What was read before an accident is kept. Tens of megabytes of one kind can exhaust a regular expression's stack. */
export function parser(id: string, read: Read): (text: string, hints?: ParseHints) => ParsedActions {
  return (text, hints = {}) => {
    const out = new Outcome(id);
    try {
      read(text, out, hints);
    } catch (error) {
      out.say(`This text is too much for the parser: ${error instanceof Error ? error.message : String(error)}`);
    }
    return out.plain();
  };
}

/** The share of texts in which a test holds; 0 of none. */
export function share(texts: readonly string[], holds: (text: string) => boolean): number {
  return texts.length === 0 ? 0 : texts.filter(holds).length / texts.length;
}
