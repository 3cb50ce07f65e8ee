// Which regular expressions of a user's file may run over model text. JavaScript cannot stop one that goes astray: patterns that can
// take exponential time are refused, and each of the rest has a price, by which a text is searched no further than it can pay.

export interface PatternCost {
  /** Why it is refused; absent when it may run. */
  why?: string;
  /** How many characters it may see at once. */
  limit: number;
  /** The most steps that a search of so many characters can take. */
  steps(length: number): number;
}

const maxLength = 500;
/** By the power to which the length of a text can count: n, n²/2, n³/6, n⁴/24 steps. About 10⁸ each. */
const limits = [0, 50_000, 15_000, 800, 220] as const;
const factorials = [1, 1, 2, 6, 24] as const;

interface Group {
  quantified: boolean;
  /** Here or in a group inside. */
  choice: boolean;
  /** Here: nothing in it surely stands there. */
  branches: boolean;
}

const quantifier = /(?:[*+?]|\{(\d+)(,(\d*))?\})\??/y;
const groupHead = /\((?:\?(?:[:=!]|<[=!]|<[A-Za-z_]\w*>))?/y;
const literal = /^(?:[^\\[\].()^$*+?{}|]|\\[^A-Za-z0-9])$/;

class Scan {
  at = 0;
  why: string | undefined;
  private readonly groups: Group[] = [{ quantified: false, choice: false, branches: false }];
  /**
   * Open repeats with nothing between them that surely ends one: the text between two such ends can be shared out in many ways.
   * Null is one that may fit anything.
   */
  private sliding: (RegExp | null)[] = [];
  private readonly all: (RegExp | null)[] = [];
  private shared = 0;

  constructor(private readonly pattern: string) {}

  run(): this {
    while (this.at < this.pattern.length && this.why === undefined) this.step();
    return this;
  }

  private step(): void {
    const { pattern, at } = this;
    const char = pattern.charAt(at);
    if (char === "(") {
      groupHead.lastIndex = at;
      this.at = groupHead.test(pattern) ? groupHead.lastIndex : at + 1;
      this.groups.push({ quantified: false, choice: false, branches: false });
      return;
    }
    if (char === "\\" && /[1-9]|k/.test(pattern.charAt(at + 1))) {
      this.why = "refers back to a group";
      return;
    }
    let closed: Group | undefined;
    const here = this.groups.at(-1);
    if (char === "|" && here) here.choice = here.branches = true;
    if (char === ")" && this.groups.length > 1) closed = this.groups.pop();
    this.at = char === "\\" ? at + 2 : char === "[" ? classEnd(pattern, at) : at + 1;
    this.repeat(pattern.slice(at, this.at), closed);
  }

  private repeat(atom: string, closed: Group | undefined): void {
    quantifier.lastIndex = this.at;
    const found = quantifier.exec(this.pattern);
    if (found) this.at = quantifier.lastIndex;
    const [least, most] = found ? repeats(found) : [1, 1];
    if (closed && most > 1 && closed.quantified) this.why = "repeats a group in which something repeats or is optional";
    else if (closed && most > 1 && closed.choice) this.why = "repeats a choice";
    const outer = this.groups.at(-1);
    if (outer && (found || closed?.quantified)) outer.quantified = true;
    if (outer && closed?.choice) outer.choice = true;
    if (most > 20) {
      const repeated = closed ? null : new RegExp(`^(?:${atom})$`, "is");
      this.sliding.push(repeated);
      this.all.push(repeated);
    } else if (least > 0 && this.groups.length === 1 && this.ends(atom, this.sliding)) this.settle();
  }

  private settle(): void {
    this.shared += Math.max(0, this.sliding.length - 1);
    this.sliding = [];
  }

  /** Is this a character that none of these repeats can run over? In a choice it may not stand there at all. */
  private ends(atom: string, repeated: readonly (RegExp | null)[]): boolean {
    if (!literal.test(atom) || this.groups[0]?.branches) return false;
    return repeated.every((each) => each !== null && !each.test(atom.slice(-1)));
  }

  /** How often the length multiplies: where a search begins, each repeat that shares, and the way of the last one. */
  power(): number {
    this.settle();
    const first = /^(?:\\.|[^])/.exec(this.pattern)?.[0] ?? "";
    const anchored =
      !this.groups[0]?.branches && (first === "^" || (!optional.test(this.pattern) && this.ends(first, this.all)));
    return this.shared + (anchored ? 1 : 2);
  }
}

/** The first character need not be there. */
const optional = /^(?:\\.|[^])(?:[*?]|\{0)/;

function repeats([token, from, comma, to]: RegExpExecArray): [number, number] {
  if (token.startsWith("?")) return [0, 1];
  if (from === undefined) return [token.startsWith("+") ? 1 : 0, Infinity];
  if (comma === undefined) return [Number(from), Number(from)];
  return [Number(from), to === undefined || to === "" ? Infinity : Number(to)];
}

function classEnd(pattern: string, start: number): number {
  for (let at = start + 1; at < pattern.length; at++) {
    if (pattern.charAt(at) === "\\") at++;
    else if (pattern.charAt(at) === "]") return at + 1;
  }
  return pattern.length;
}

/** Of a pattern that compiles. */
export function costOf(pattern: string): PatternCost {
  const refused = (why: string): PatternCost => ({ why, limit: 0, steps: () => Infinity });
  if (pattern.length > maxLength) return refused(`is longer than ${String(maxLength)} characters`);
  const scan = new Scan(pattern).run();
  if (scan.why !== undefined) return refused(scan.why);
  const power = scan.power();
  const limit = limits[power];
  if (limit === undefined) return refused("has too many open ends (such as .*) that can slide into each other");
  return { limit, steps: (length) => (length + 1) ** power / (factorials[power] ?? 1) };
}
