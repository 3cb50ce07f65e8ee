// A rollout that leaves its prompt to another file, by its place in the data or in what was generated first, joined with it.
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

/** Verdicts on samples, with the prompt they were asked, and each sample's tokens and finish where only that file has them. */
export function joinSamples(judged: RolloutBody, generated: RolloutBody): RolloutBody {
  return {
    ...judged,
    prompt: generated.prompt,
    ...(judged.reference === null ? answerOf(generated) : {}),
    samples: judged.samples.map((sample, i) => {
      const same = generated.samples[i];
      return same?.text === sample.text
        ? { ...sample, tokens: sample.tokens ?? same.tokens, finish: sample.finish ?? same.finish }
        : sample;
    }),
    extra: { ...generated.extra, ...judged.extra },
  };
}
