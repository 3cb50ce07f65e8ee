// The state of a run as the table shows it.
import { timed } from "./fault";
import type { Reader } from "./reader";
import type { Training } from "./training";

export const statusWords = (reader: Reader): string =>
  [reader.state ?? "unknown", `step ${reader.step}`, reader.reason || reader.health].filter(Boolean).join(", ");

/** Until the view has gathered further answers on top of the one that it began again with, which was whole. */
export async function goesOn(training: Training, reader: Reader): Promise<void> {
  const at = training.steps() + 60;
  await timed(() => reader.step >= at && "on");
}
