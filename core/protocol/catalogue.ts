// Every area in one object. The relay list is derived: a view may ask any `read` of the agent's areas.
import { agent } from "./agent";
import type { Area } from "./define";
import { episodes } from "./episodes";
import { evaluations } from "./evaluations";
import { files } from "./files";
import { gpus } from "./gpus";
import { keeping } from "./keeping";
import { lenses } from "./lenses";
import { rollouts } from "./rollouts";
import { runs } from "./runs";
import { series } from "./series";
import { snapshots } from "./snapshots";
import { store } from "./store";

/** Both ends must say the same number; the agent file is named by its content, so a mismatch means a broken install. */
export const protocolVersion = 1;

export const agentAreas = {
  agent,
  runs,
  snapshots,
  series,
  rollouts,
  episodes,
  evaluations,
  files,
  lenses,
  keeping,
  gpus,
  store,
} satisfies Record<string, Area>;

/** Served by the host from its mirror, not relayed. */
const hostOwned = new Set<string>([
  agent.hello.method,
  runs.list.method,
  runs.watch.method,
  runs.unwatch.method,
  gpus.watch.method,
  gpus.unwatch.method,
]);

export const relayedMethods: ReadonlySet<string> = new Set(
  Object.values(agentAreas)
    .flatMap((area: Area) => Object.values(area))
    .filter((message) => message.kind === "read" && !hostOwned.has(message.method))
    .map((message) => message.method),
);
