// The contract of a dialect: one action grammar. Text in, typed actions out, each with its span; never throws.
import type { Action, ParsedActions } from "../model/action";
import type { ParseHints } from "./outcome";

export interface ActionDialect {
  id: string;
  title: string;
  /** 0 to 1: how much these texts look like this dialect. */
  detect(texts: readonly string[]): number;
  parse(text: string, hints?: ParseHints): ParsedActions;
  /** The text that asks for these actions, as this dialect's models write it; null where it has no words for one of them. */
  format?(actions: readonly Action[]): string | null;
}
