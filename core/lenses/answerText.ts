// Where in a response the answer of our own text rules begins: everywhere, or behind a marker that the user names.
import { trimmed } from "./boxed";
import { optionOf, type LensOption, type LensOptions, type Piece } from "./lens";

export const afterOption: LensOption = {
  name: "after",
  says: "takes what follows the last occurrence of this text, up to the end of its line; none where it is missing",
};

/** Null where the marker is missing. */
export function answerText(response: string, options: LensOptions | undefined): Piece | null {
  const marker = optionOf(options, "after") ?? "";
  if (marker === "") return trimmed(response);
  const at = response.lastIndexOf(marker);
  if (at < 0) return null;
  const start = at + marker.length;
  const newline = response.indexOf("\n", start);
  return trimmed(response, start, newline < 0 ? response.length : newline);
}
