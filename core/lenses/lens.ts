// The contract of a lens: one rule that finds an answer in a model's text and compares it with the reference. Never throws.

export type Verdict = "pass" | "fail" | "none";

export interface LensInput {
  response: string;
  /** The reference: a text, a number, several accepted ones, or an object where the rule takes one (IFEval's constraints). */
  gold: unknown;
  options?: LensOptions;
}

export type LensOptions = Readonly<Record<string, string>>;

export interface Judgement {
  /** `none`: the rule found no answer, or has nothing to compare it with. Where rewards are counted that is no pass. */
  verdict: Verdict;
  /** What the rule compares. */
  extracted: string | null;
  /** Where in the response it stands; the cut is `extracted` itself, unless the lens `rewrites`. */
  span?: [start: number, end: number];
  /** Why, where the verdict alone could surprise. */
  note?: string;
}

export interface LensOption {
  name: string;
  /** What it does and what holds without it. */
  says: string;
  /** Other spellings that are taken too. */
  aliases?: readonly string[];
}

export interface Lens {
  id: string;
  title: string;
  /** Whose rule it is and what is odd about it, for a person who wonders about a verdict. */
  says: string;
  options: readonly LensOption[];
  /** It judges without a reference; `pattern`: with that option. */
  withoutGold?: "always" | "pattern";
  /** `extracted` is made from the text at `span` and is not that text itself. */
  rewrites?: boolean;
  /** What is wrong with these options; null where they can be used. */
  problem?(options: LensOptions): string | null;
  /** Loads what is too heavy for a start-up. Without it the rule does what it can and says so in a note. */
  ready?(): Promise<void>;
  judge(input: LensInput): Judgement;
}

export const noAnswer = (note?: string): Judgement => ({
  verdict: "none",
  extracted: null,
  ...(note === undefined ? {} : { note }),
});

export const noReference = "there is no reference to compare it with";

/** A piece of a response and where it stands. */
export interface Piece {
  text: string;
  span: [start: number, end: number];
}

/** The references as texts: numbers and booleans as JSON writes them; null where there is none. */
export function goldTexts(gold: unknown): string[] | null {
  const all = (Array.isArray(gold) ? gold : [gold]).map(textOf).filter((text) => text !== null);
  return all.length === 0 ? null : all;
}

/** One reference, for rules that know only one: the first of several. */
export const goldText = (gold: unknown): string | null => goldTexts(gold)?.[0] ?? null;

function textOf(gold: unknown): string | null {
  if (typeof gold === "string") return gold;
  return typeof gold === "number" || typeof gold === "boolean" ? String(gold) : null;
}

/** The judgement of a found piece, by whether it equals any reference. */
export function compared(piece: Piece | null, gold: unknown, equal: (gold: string) => boolean): Judgement {
  if (!piece) return noAnswer();
  const found = { extracted: piece.text, span: piece.span };
  const golds = goldTexts(gold);
  if (!golds) return { verdict: "none", ...found, note: noReference };
  return { verdict: golds.some(equal) ? "pass" : "fail", ...found };
}

export const optionOf = (options: LensOptions | undefined, name: string): string | undefined =>
  options !== undefined && Object.hasOwn(options, name) ? options[name] : undefined;

/** A switch among the options: `yes`, `true`, `1` and `on`, or nothing behind the `=`. */
export const isOn = (options: LensOptions | undefined, name: string): boolean =>
  /^(?:yes|true|1|on|)$/i.test(optionOf(options, name) ?? "no");
