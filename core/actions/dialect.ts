// The contract of a dialect: one action grammar. Text in, typed actions out, each with its span; never throws.
import type { ParsedActions } from "../model/action";

export interface ActionDialect {
  id: string;
  title: string;
  /** 0 to 1: how much these texts look like this dialect. */
  detect(texts: readonly string[]): number;
  parse(text: string): ParsedActions;
}
