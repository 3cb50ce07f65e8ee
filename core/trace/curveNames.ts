// What tables and lines of numbers call their columns: which count steps, which say of what the others speak, which are W&B's own.
import { isFields, numberOf, type Fields } from "../base/json";

/** What may be the axis, in lower case and in order of preference; `_step` counts W&B's calls. */
export const axisNames = [
  ...["step", "global_step", "train/global_step", "trainer/global_step", "current_steps", "global_step/max_steps"],
  ...["iteration", "iter", "update", "_step", "epoch", "version"],
];

/** W&B's columns that say when, not what. */
export const isBookkeeping = (name: string): boolean => /^_(step|runtime|timestamp|wandb)$/i.test(name);

/** What else a row may be of, besides its step: the words in these part its curves. */
export const partingNames = ["split", "phase", "mode", "stage", "type", "run", "task"];

/** More than these are no kinds of rows but ids. */
const MOST_WORDS = 24;

/** The word of a row as it stands before its curves' names; null for what is no word. */
function partOf(value: unknown): string | null {
  const word = typeof value === "string" ? value.trim() : "";
  if (!/^[\p{L}\w][\p{L}\w .:-]{0,39}$/u.test(word) || numberOf(word) !== null) return null;
  return /^(metrics?|log|step|iter(ation)?|config|args|settings|start|end|info)$/i.test(word) ? "" : kindOf(word);
}

function kindOf(word: string): string {
  if (/^train(ing)?$/i.test(word)) return "";
  return /^(val|valid|validation|eval|evaluation|dev|test)$/i.test(word) ? "eval" : word;
}

/** Rows of several kinds in one file would be one curve that jumps between them. The first kind that is neither known keeps the plain names. */
export class Parts {
  /** By name of the column: its words in the order in which they came. JSON. */
  readonly words: Record<string, string[]>;

  constructor(saved: unknown) {
    const held = isFields(saved) ? saved : {};
    this.words = Object.fromEntries(
      Object.entries(held).map(([name, words]) => [
        name,
        Array.isArray(words) ? words.filter((word) => typeof word === "string") : [],
      ]),
    );
  }

  /** What stands before the names of this row's curves: "", or words with a slash behind each. */
  before(name: string, value: unknown): string {
    const part = partOf(value);
    if (part === null || part === "") return "";
    if (part === "eval") return "eval/";
    const words = (this.words[name] ??= []);
    if (!words.includes(part) && words.length < MOST_WORDS) words.push(part);
    return words.indexOf(part) > 0 ? `${part}/` : "";
  }
}

/** The same of a column that somebody has named for it: there each word has curves of its own. */
export function namedPart(value: unknown): string {
  const part = typeof value === "string" || typeof value === "number" ? kindOf(String(value).trim()) : "";
  return part === "" ? "" : `${part}/`;
}

export const partedName = (before: string, name: string): string =>
  before === "eval/" && /^(eval|val|test)[/_]/i.test(name) ? name : before + name;

/** Deeper than this no writer nests its numbers. */
const DEEPEST = 5;

/** Every value that is no object, by its path with slashes. */
export function* flattened(fields: Fields, path = "", depth = 1): Generator<[string, unknown]> {
  for (const [key, value] of Object.entries(fields)) {
    if (!isFields(value)) yield [path + key, value];
    else if (depth < DEEPEST) yield* flattened(value, `${path}${key}/`, depth + 1);
  }
}
