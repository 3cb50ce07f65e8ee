// The run store as a whole: what Runside has on a box, and taking it away.
import * as z from "zod/mini";
import { footprintSchema, uninstalledSchema } from "../model/footprint";
import { act, nothing, read } from "./define";

export const store = {
  footprint: read("store/footprint", nothing, footprintSchema),
  /**
   * Deletes everything but the runs and the code they were started from, or these too. Fails with `agent/in-use`, and has deleted nothing, while runs live or another
   * process of ours works there. The agent that answers is gone from the disk and serves nothing more.
   */
  uninstall: act("store/uninstall", z.object({ runs: z.enum(["keep", "delete"]) }), uninstalledSchema),
};
