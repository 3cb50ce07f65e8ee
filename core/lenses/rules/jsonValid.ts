// Whether the response is JSON.
import { trimmed } from "../boxed";
import { noAnswer, type Lens, type Piece } from "../lens";

export const jsonValid: Lens = {
  id: "json-valid",
  title: "Valid JSON",
  says:
    "The whole response, or the code block that it consists of, is one JSON value. Python's json.loads also takes NaN and Infinity; " +
    "JSON does not, and neither does this. The reference is not looked at.",
  withoutGold: "always",
  options: [{ name: "fence", says: "`no`: a code block around it is a mistake" }],
  judge({ response, options }) {
    const found = options?.["fence"] === "no" ? trimmed(response) : unfenced(response);
    if (found.text === "") return noAnswer();
    const shown = { extracted: found.text, span: found.span };
    try {
      JSON.parse(found.text);
      return { verdict: "pass", ...shown };
    } catch (error) {
      return { verdict: "fail", ...shown, note: tidy(error) };
    }
  },
};

/** V8 quotes the text in its message, which can be long. */
const tidy = (error: unknown): string =>
  error instanceof Error ? error.message.replace(/, "[^]*/, "").slice(0, 120) : "";

/** The inside of ``` ... ``` where that is all there is. */
export function unfenced(response: string): Piece {
  const whole = trimmed(response);
  const open = /^```[A-Za-z]*/.exec(whole.text);
  if (!open || !whole.text.endsWith("```") || whole.text.length < open[0].length + 3) return whole;
  return trimmed(response, whole.span[0] + open[0].length, whole.span[1] - 3);
}
