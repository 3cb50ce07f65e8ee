// Where the reader is and how they like it: kept by the editor over hiding, moving and reloading. Never run data.
import * as z from "zod/mini";
import { frameChoices } from "../../core/model/frame";
import type { ReadingChoice } from "../../core/model/reading";
import { rolloutSortKeys } from "../../core/protocol/rollouts";

export const tabs = ["curves", "rollouts", "episodes", "lenses", "evals", "log", "config"] as const;
export type Tab = (typeof tabs)[number];

// Each field falls back by itself: a state saved by an older version loses one choice, not all of them.
const viewStateSchema = z.object({
  tab: z.catch(z.enum(tabs), "curves"),
  step: z.catch(z.nullable(z.number()), null),
  smoothing: z.catch(z.number().check(z.gte(0), z.lte(0.99)), 0.6),
  hidden: z.catch(z.array(z.string()), []),
  logScale: z.catch(z.array(z.string()), []),
  curveFilter: z.catch(z.string(), ""),
  sort: z.catch(z.enum(rolloutSortKeys), "newest"),
  where: z.catch(z.string(), ""),
  text: z.catch(z.string(), ""),
  offset: z.catch(z.number(), 0),
  rollout: z.catch(z.nullable(z.string()), null),
  /** Ids; none for those that fit the references. */
  lenses: z.catch(z.array(z.string()), []),
  lensOptions: z.catch(z.record(z.string(), z.record(z.string(), z.string())), {}),
  lensMark: z.catch(z.nullable(z.number()), null),
  lensWhere: z.catch(z.string(), ""),
  lensGap: z.catch(z.nullable(z.object({ strict: z.string(), lenient: z.string() })), null),
  /** The cell of the matrix that is looked at: samples that `pass` passes and `not` does not. */
  lensCell: z.catch(z.nullable(z.object({ pass: z.string(), not: z.string() })), null),
  episode: z.catch(z.nullable(z.string()), null),
  episodeStep: z.catch(z.number(), 0),
  dialect: z.catch(z.string(), "auto"),
  frame: z.catch(z.enum(frameChoices), "auto"),
  follow: z.catch(z.boolean(), true),
  scroll: z.catch(z.record(z.string(), z.number()), {}),
});

export type ViewState = z.infer<typeof viewStateSchema>;

export function readViewState(raw: unknown): ViewState {
  return viewStateSchema.parse(typeof raw === "object" && raw !== null ? raw : {});
}

/** How texts are to be read as actions: what the reader chose over what is detected. */
export const readingChoice = ({ dialect, frame }: Pick<ViewState, "dialect" | "frame">): ReadingChoice => ({
  ...(dialect === "auto" ? {} : { dialect }),
  ...(frame === "auto" ? {} : { frame }),
});
