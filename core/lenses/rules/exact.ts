// The response is the reference.
import { afterOption, answerText } from "../answerText";
import { compared, isOn, type Lens } from "../lens";

export const exact: Lens = {
  id: "exact",
  title: "Exact text",
  says: "The whole response equals the reference character for character, without the spaces around either.",
  options: [afterOption, { name: "ignore-case", says: "`yes`: A equals a", aliases: ["ignore_case"] }],
  judge({ response, gold, options }) {
    const found = answerText(response, options);
    const fold = (text: string): string => (isOn(options, "ignore-case") ? text.toLowerCase() : text);
    return compared(found?.text === "" ? null : found, gold, (text) => fold(found?.text ?? "") === fold(text.trim()));
  },
};
