// The contract of a dialect: one action grammar. Text in, typed actions out, each with its span; never throws.
import type { Action, ParsedActions } from "../model/action";
import type { Size } from "../model/frame";
import type { ParseHints } from "./outcome";

export interface ActionDialect {
  id: string;
  title: string;
  /** 0 to 1: how much these texts look like this dialect. */
  detect(texts: readonly string[]): number;
  parse(text: string, hints?: ParseHints): ParsedActions;
  /** Its numbers mean one thing by definition: no evidence in the texts changes that, only a person does. */
  statesFrame?: boolean;
  /** The size that its `canvas` coordinates count in, where the grammar has one. */
  canvas?: Size;
  /** The text that asks for these actions, as this dialect's models write it; null where it has no words for one of them. */
  format?(actions: readonly Action[]): string | null;
}
