// Which lenses fit a file: by the kind of its references, and by the forms that its answers are written in. From strict to lenient.
import { goldKind, type GoldKind } from "./gold";

export interface Judged {
  response: string;
  /** As `referenceFor` gives it. */
  gold: unknown;
}

export interface Suggestion {
  lenses: string[];
  /** What the references are, the most frequent first; `["none"]` where there are none. */
  kinds: GoldKind[];
}

/** A form that fewer answers have says nothing of the others. */
const someShare = 0.05;
/** Kinds of references below this share are strays. */
const kindShare = 0.1;

/** For a few samples of a file, or those of one group. Without references nothing is suggested: see `Lens.withoutGold`. */
export function suggestLenses(samples: readonly Judged[]): Suggestion {
  const counts = new Map<GoldKind, number>();
  for (const { gold } of samples) counts.set(goldKind(gold), (counts.get(goldKind(gold)) ?? 0) + 1);
  const known = samples.length - (counts.get("none") ?? 0);
  const kinds = [...counts]
    .filter(([kind, count]) => kind !== "none" && count >= known * kindShare)
    .sort(([, a], [, b]) => b - a)
    .map(([kind]) => kind);
  if (kinds.length === 0) return { lenses: [], kinds: ["none"] };
  const written = (form: RegExp): boolean =>
    samples.filter(({ response }) => form.test(response)).length > samples.length * someShare;
  return { lenses: [...new Set(kinds.flatMap((kind) => lensesFor(kind, written)))], kinds };
}

function lensesFor(kind: GoldKind, written: (form: RegExp) => boolean): string[] {
  const boxed = written(/\\boxed/) ? ["boxed-strict"] : [];
  switch (kind) {
    case "constraints":
      return ["ifeval"];
    case "number":
      return ["gsm8k-strict", ...boxed, "gsm8k-flexible", "numeric"];
    case "mathematics":
      return ["boxed-strict", ...(written(/Final Answer: The final answer is/) ? ["minerva"] : []), "latex-equal"];
    case "text":
      return ["exact", "normalised"];
    case "none":
      return [];
  }
}
