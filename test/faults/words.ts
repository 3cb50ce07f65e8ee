// The state of a run as the table shows it.
import type { Reader } from "./reader";

export const statusWords = (reader: Reader): string =>
  [reader.state ?? "unknown", `step ${reader.step}`, reader.reason || reader.health].filter(Boolean).join(", ");
