// A rollout that names its prompt by its place in the data, with what the data says there.
import type { RolloutBody } from "./reader";

const answerOf = ({ reference, gold }: RolloutBody): Pick<RolloutBody, "reference" | "gold"> => ({
  reference,
  ...(gold === undefined ? {} : { gold }),
});

/** The rollout's own words win; the data fills in what it lacks, and its fields are shown under `data.`. */
export function joinPrompt(rollout: RolloutBody, data: RolloutBody): RolloutBody {
  const fromData = Object.entries(data.extra).map(([name, value]) => [`data.${name}`, value] as const);
  return {
    ...rollout,
    prompt: rollout.prompt || data.prompt,
    ...(rollout.reference === null ? answerOf(data) : {}),
    images: rollout.images.length > 0 ? rollout.images : data.images,
    extra: { ...Object.fromEntries(fromData), ...rollout.extra },
  };
}
