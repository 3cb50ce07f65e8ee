// Reads the texts of an episode or a group together: which dialect, which frame, what each text asks for. A person's choice wins.
import type { Frame, ParsedActions } from "../model/action";
import { chosenFrame, type FrameSizes, type Size } from "../model/frame";
import type { DialectName, Reading, ReadingChoice } from "../model/reading";
import type { ActionDialect } from "./dialect";
import { findFrame, sizesFor, type FoundFrame, type ReadText } from "./frameFinding";
import { dialectById, dialects as builtin, ENOUGH, rankDialects } from "./registry";

export interface ReadTexts {
  reading: Reading;
  /** One for each text; null where no dialect fits. */
  parsed: (ParsedActions | null)[];
  sizes: (image: Size | null) => FrameSizes;
}

export const nameOf = ({ id, title }: ActionDialect, own: readonly ActionDialect[]): DialectName => ({
  id,
  title,
  own: own.some((each) => each.id === id),
});

const percent = (share: number): string => `${String(Math.round(share * 100))} %`;

function chooseDialect(
  texts: readonly ReadText[],
  wanted: string,
  own: readonly ActionDialect[],
): { dialect: ActionDialect | null; why: string } {
  if (wanted !== "auto") {
    const dialect = dialectById(wanted, own);
    return { dialect, why: dialect ? "set by hand" : `there is no dialect "${wanted}" here` };
  }
  if (texts.length === 0) return { dialect: null, why: "there is no text" };
  const ranked = rankDialects(
    texts.map(({ text }) => text),
    own,
  );
  const [best] = ranked;
  if (best && best.confidence >= ENOUGH)
    return { dialect: best.dialect, why: `it reads ${percent(best.confidence)} of the texts` };
  const nearest = ranked.slice(0, 3).map(({ dialect, confidence }) => `${dialect.title} ${percent(confidence)}`);
  return { dialect: null, why: `no dialect fits${nearest.length > 0 ? `; nearest: ${nearest.join(", ")}` : ""}` };
}

/** The same actions, all of them measured in this frame. */
export function inFrame(parsed: ParsedActions, frame: Frame): ParsedActions {
  const actions = parsed.actions.map((action) =>
    action.x === undefined && action.to === undefined ? action : { ...action, frame },
  );
  return { ...parsed, actions };
}

export function readTexts(
  texts: readonly ReadText[],
  choice: ReadingChoice = {},
  own: readonly ActionDialect[] = [],
): ReadTexts {
  const wanted = choice.dialect ?? "auto";
  const { dialect, why } = chooseDialect(texts, wanted, own);
  const first = dialect
    ? texts.map(({ text, prompt }) => dialect.parse(text, typeof prompt === "string" ? { prompt } : {}))
    : [];
  const found = dialect ? findFrame(dialect, texts, first) : null;
  const frame = frameFor(choice, found);
  const told = frame && frame.how !== "stated" ? frame.frame : null;
  return {
    reading: {
      dialect: dialect ? nameOf(dialect, own) : null,
      chosen: wanted !== "auto",
      why,
      dialects: [...own, ...builtin].map((each) => nameOf(each, own)),
      frame: frame && { frame: frame.frame, how: frame.how, why: frame.why },
    },
    parsed: dialect ? first.map((parsed) => (told ? inFrame(parsed, told) : parsed)) : texts.map(() => null),
    sizes: (image) => sizesFor(image, frame ?? { canvas: dialect?.canvas ?? null, factor: 28 }),
  };
}

function frameFor({ frame: wanted = "auto" }: ReadingChoice, found: FoundFrame | null): FoundFrame | null {
  const frame = chosenFrame(wanted);
  if (frame === null) return found;
  const factor = wanted === "model_px_32" ? 32 : wanted === "model_px" ? 28 : (found?.factor ?? 28);
  return { frame, how: "set", why: "by hand", canvas: found?.canvas ?? null, factor };
}
