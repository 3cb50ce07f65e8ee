// A known box with the agent installed: from nothing to an agent that said who it is.
import { findProgram } from "../../scripts/system";
import { runQuiet } from "../../scripts/processes";
import { openssh } from "../bench";
import type { Row } from "../row";
import { median, spread, timed } from "../stats";

export const connect: Row = {
  name: "connect",
  missing: () => (findProgram("ssh") ? null : "the peer needs OpenSSH's client"),
  run: async (bench) => {
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let i = 0; i < (bench.quick ? 5 : 11); i++) {
      const client = bench.client();
      ours.push(await timed(() => client.session.link.peer()));
      await client.close();
      theirs.push(await timed(() => runQuiet("ssh", openssh(bench, "true"))));
    }
    const peer = { name: "ssh BOX true", value: median(theirs) };
    return [{ name: "connect", ours: median(ours), unit: "ms", budget: { atMost: 1500 }, peer, note: spread(ours) }];
  },
};
