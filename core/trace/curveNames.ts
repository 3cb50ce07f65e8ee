// What tables and lines of numbers call their columns: which count steps, which say of what the others speak, which are W&B's own.
import { isFields, numberOf, type Fields } from "../base/json";
import { fieldsOf, listOf } from "./document";

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
const MOST_KINDS = 24;

/** The word as it stands before curves' names: "" for rows of the training, null for what is no word. */
function partOf(value: unknown): string | null {
  const word = typeof value === "string" ? value.trim() : "";
  if (!/^[\p{L}\w][\p{L}\w .:-]{0,39}$/u.test(word) || numberOf(word) !== null) return null;
  return /^(metrics?|log|step|iter(ation)?|config|args|settings|start|end|info)$/i.test(word) ? "" : kindOf(word);
}

function kindOf(word: string): string {
  if (/^train(ing)?$/i.test(word)) return "";
  return /^(val|valid|validation|eval|evaluation|dev|test)$/i.test(word) ? "eval" : word;
}

/** What a row is of: of an evaluation, and of what else; "" for the training. null where no column says so. */
export interface Kind {
  isEval: boolean;
  word: string;
}

/** Of the values of a row's parting columns. */
export function kindOfRow(values: readonly unknown[]): Kind | null {
  const parts = values.map(partOf).filter((part) => part !== null);
  if (parts.length === 0) return null;
  return { isEval: parts.includes("eval"), word: parts.filter((part) => part !== "" && part !== "eval").join("/") };
}

/**
 * Rows of several kinds in one file would make one curve that jumps between them. A measure that one kind alone has keeps its plain
 * name, and so does that of the kind that came first.
 */
export class Parts {
  /** By measure: the kind that has its plain name. */
  private readonly owners: Map<string, string>;
  private readonly kinds: Set<string>;

  constructor(saved: unknown) {
    const { owners, kinds } = fieldsOf(saved);
    this.owners = new Map(Array.isArray(owners) ? (owners as [string, string][]) : []);
    this.kinds = new Set(listOf(kinds).filter((kind) => typeof kind === "string"));
  }

  state(): unknown {
    return { owners: [...this.owners], kinds: [...this.kinds] };
  }

  title({ isEval, word }: Kind, name: string): string {
    if (this.kinds.size < MOST_KINDS) this.kinds.add(word);
    const owner = this.owners.get(name) ?? word;
    this.owners.set(name, owner);
    const own = word === "" || word === owner || !this.kinds.has(word) ? name : `${word}/${name}`;
    return isEval ? partedName("eval/", own) : own;
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
