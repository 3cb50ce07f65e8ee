// What only the host can do for a view, and what the host tells it. These never leave the user's machine.
import * as z from "zod/mini";
import { act, event, nothing } from "./define";

export const linkStates = ["connecting", "connected", "lost", "failed"] as const;

const link = z.object({
  state: z.enum(linkStates),
  since: z.number(),
  /** When the box answered last, where it does not now: how old is what is shown. */
  seenAt: z.optional(z.number()),
  message: z.nullable(z.string()),
});

export const view = {
  /** The view is up: where it is, what it shows. */
  ready: act(
    "view/ready",
    nothing,
    z.object({
      target: z.string(),
      box: z.string(),
      /** As people read it. */
      boxName: z.string(),
      title: z.string(),
      /** Decoded as a person reads it: the dialect to parse with, or "auto". */
      dialect: z.string(),
      link,
    }),
  ),
  link: event("view/link", link),
  /** The host wants this step's rollouts shown (from the peek, a tree item or a link). */
  showStep: event("view/showStep", z.object({ step: z.number() })),
  copy: act("view/copy", z.object({ text: z.string() }), nothing),
  /** Takes a model's text to the try-out of dialects. */
  tryDialect: act("view/tryDialect", z.object({ text: z.string() }), nothing),
  openConfig: act("view/openConfig", nothing, nothing),
  openLog: act("view/openLog", nothing, nothing),
  runAgain: act("view/runAgain", nothing, nothing),
  stop: act("view/stop", nothing, z.object({ accepted: z.boolean() })),
  /** Another attempt of a run that ended badly. */
  restart: act("view/restart", nothing, z.object({ accepted: z.boolean() })),
  retry: act("view/retry", nothing, nothing),
};
