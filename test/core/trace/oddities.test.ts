// Real oddities, as the format pages state them: each a small folder of ours, read by the agent's index, with what must come out.
import { describe, expect, it } from "vitest";
import { curveOddities } from "./oddities/curves";
import { guiOddities } from "./oddities/gui";
import { logOddities } from "./oddities/logs";
import { readOddity, type Seen } from "./oddities/oddity";
import { openbrowserOddities } from "./oddities/openbrowser";
import { rlvrOddities } from "./oddities/rlvr";
import { rlvrFateOddities } from "./oddities/rlvrFates";
import { trainerOddities } from "./oddities/trainers";

const all = [
  ...rlvrOddities,
  ...rlvrFateOddities,
  ...openbrowserOddities,
  ...guiOddities,
  ...trainerOddities,
  ...logOddities,
  ...curveOddities,
];

/** Of the series only those that the case names, and of the rest only what it says. */
function asked(seen: Seen, expected: Partial<Seen>): Partial<Seen> {
  const { series } = expected;
  const named = Object.entries(seen.series).filter(([name]) => series !== undefined && name in series);
  return {
    ...Object.fromEntries(Object.entries(seen).filter(([key]) => key in expected)),
    ...(series === undefined || Object.keys(series).length === 0 ? {} : { series: Object.fromEntries(named) }),
    diagnostics: seen.diagnostics,
  };
}

describe.each(all)("$section: $says", ({ files, expected }) => {
  it("is read as it is meant", async () => {
    expect(asked(await readOddity(files), expected)).toEqual({ diagnostics: [], ...expected });
  });
});
