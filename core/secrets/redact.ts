// A text that may be sent to strangers: names, addresses, paths and secrets become numbered words, the same word for the same thing,
// so that a log stays readable. What is known by name is replaced first; patterns catch what nobody named.
import { withoutLookalikes } from "./detect";

export interface KnownNames {
  /** Longest wins: `[text, word]`, as `["/home/ada", "home"]`. */
  names: readonly (readonly [string, string])[];
}

/** Last labels that make a dotted word a file's name. */
const fileEndings =
  "js|mjs|cjs|ts|json|jsonl|ya?ml|toml|log|py|md|sh|txt|csv|tsv|parquet|wandb|node|so|map|gz|tar|html?|css|vsix|local";

const pathTail = "(?:[/\\\\][^\\s/\\\\\"'`<>|:,;()[\\]{}]+)+";

/** In this order: an address holds a host, and a path may hold anything. */
const patterns: readonly [word: string, pattern: RegExp][] = [
  ["address", /\b[\w.+-]+@[\w.-]+\w/g],
  ["fingerprint", /\bSHA256:[A-Za-z0-9+/=]{20,}/g],
  ["run", /\b\d{8}-\d{6}-[a-z0-9][a-z0-9-]{0,40}-[a-z0-9]{4}\b/g],
  ["url", /\b[a-z][a-z0-9+.-]*:\/\/[^\s"'<>`)\]]+/gi],
  ["path", /(?<![\w>.~/\\-])(?:~|[A-Za-z]:)?(?:[/\\](?:[^\s/\\"'`<>|:,;()[\]{}]|\\ )+)+/g],
  ["ip", /\b\d{1,3}(?:\.\d{1,3}){3}\b/g],
  ["ip", /(?<![\w:])(?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{1,4}\b/gi],
  // As our own messages name an address; a file's line and a process are written in the same way.
  [
    "host",
    new RegExp(
      `(?<=\\()(?!(?:node|pid|port|line|step|code):)(?=[^\\s():<>]*[a-z])(?![^\\s():<>]*\\.(?:${fileEndings}):)[^\\s():<>]+(?=:\\d+\\))`,
      "gi",
    ),
  ],
  [
    "host",
    new RegExp(
      `(?<![\\w.-])(?!runside\\.)(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\\.)+(?!(?:${fileEndings})\\b)[a-z]{2,}\\b`,
      "g",
    ),
  ],
];

/** One for a whole report: the numbers run on from text to text. */
export class Redactor {
  private readonly words = new Map<string, string>();
  private readonly counts = new Map<string, number>();
  private readonly known: RegExp | null;

  constructor({ names }: KnownNames) {
    const useful = names.filter(([text]) => text.length >= 2).sort(([a], [b]) => b.length - a.length);
    for (const [text, word] of useful) this.wordFor(text, word);
    const alternatives = useful.map(([text]) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    // As a word of its own: a box named "a" must not eat every a.
    this.known =
      useful.length > 0 ? new RegExp(`(?<!\\w)(${alternatives.join("|")})(?!\\w)(${pathTail})?`, "gi") : null;
  }

  text(given: string): string {
    let text = withoutLookalikes(given);
    if (this.known)
      text = text.replace(this.known, (_all, name: string, tail: string | undefined) => this.named(name, tail ?? ""));
    for (const [word, pattern] of patterns) text = text.replace(pattern, (found) => this.wordFor(found, word));
    return text;
  }

  /** What lies inside a person's folder is theirs too; what lies inside ours is this code. */
  private named(name: string, tail: string): string {
    const word = this.wordFor(name, "name");
    if (tail === "" || word.startsWith("<extension-")) return word + tail;
    return `${word}/${this.wordFor(name + tail, "path")}`;
  }

  /** A path keeps its ending, because it says which reader was at work. */
  private wordFor(found: string, word: string): string {
    const key = found.toLowerCase();
    const held = this.words.get(key);
    if (held) return held;
    const number = (this.counts.get(word) ?? 0) + 1;
    this.counts.set(word, number);
    const ending = word === "path" ? (new RegExp(`\\.(?:${fileEndings})$`, "i").exec(found)?.[0] ?? "") : "";
    const made = `<${word}-${number}>${ending}`;
    this.words.set(key, made);
    return made;
  }
}
