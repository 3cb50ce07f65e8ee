// One thing that the model's text asked for, with the place in the text it came from. design.md section 6 fixes the fields.
import * as z from "zod/mini";

export const actionKinds = [
  "click",
  "double_click",
  "triple_click",
  "right_click",
  "middle_click",
  "long_press",
  "hover",
  "drag",
  "swipe",
  "scroll",
  "type",
  "key",
  "select",
  "check",
  "focus",
  "submit",
  "navigate",
  "back",
  "home",
  "open_app",
  "screenshot",
  "wait",
  "done",
  "answer",
  "fail",
  "other",
] as const;

export const frames = ["unit", "n1000", "px", "canvas", "model_px"] as const;

const point = z.object({ x: z.number(), y: z.number() });

export const actionSchema = z.object({
  kind: z.enum(actionKinds),
  x: z.optional(z.number()),
  y: z.optional(z.number()),
  to: z.optional(point),
  /** What x and y are measured in; `unit` means 0 to 1 of the screenshot's width and height. */
  frame: z.optional(z.enum(frames)),
  element: z.optional(z.string()),
  text: z.optional(z.string()),
  field: z.optional(z.string()),
  url: z.optional(z.string()),
  keys: z.optional(z.array(z.string())),
  direction: z.optional(z.string()),
  amount: z.optional(z.number()),
  seconds: z.optional(z.number()),
  ok: z.optional(z.boolean()),
  name: z.optional(z.string()),
  args: z.optional(z.unknown()),
  /** `[start, end)` in UTF-16 units of the text that was parsed. Absent for an action that did not come from text. */
  span: z.optional(z.tuple([z.number(), z.number()])),
});

export type Action = z.infer<typeof actionSchema>;
export type ActionKind = Action["kind"];
export type Frame = NonNullable<Action["frame"]>;

export const parsedActionsSchema = z.object({
  dialect: z.string(),
  thought: z.nullable(z.string()),
  state: z.nullable(z.unknown()),
  actions: z.array(actionSchema),
  diagnostics: z.array(z.object({ message: z.string(), span: z.optional(z.tuple([z.number(), z.number()])) })),
});

export type ParsedActions = z.infer<typeof parsedActionsSchema>;
