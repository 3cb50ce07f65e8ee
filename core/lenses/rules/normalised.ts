// The response is the reference but for case, spacing, quotes and end punctuation.
import { afterOption, answerText } from "../answerText";
import { compared, isOn, type Lens } from "../lens";

export const normalised: Lens = {
  id: "normalised",
  title: "Normalised text",
  says:
    "The whole response equals the reference once both are in Unicode's compatible form and lower case, with single spaces and without " +
    "quotes, asterisks and backticks around them or punctuation behind them. A minus sign and a dot inside stay: they are part of numbers.",
  options: [afterOption, { name: "articles", says: "`drop`: without a, an and the" }],
  judge({ response, gold, options }) {
    const found = answerText(response, options);
    const drop = options?.["articles"] === "drop" || isOn(options, "articles");
    const wanted = plain(found?.text ?? "", drop);
    return compared(wanted === "" ? null : found, gold, (text) => wanted === plain(text, drop));
  },
};

const around = "\"'`*_\u2018\u2019\u201c\u201d\u00ab\u00bb ";
const behind = `${around}.,;:!?\u3002\uff01\uff1f`;

function plain(text: string, dropArticles: boolean): string {
  let folded = text.normalize("NFKC").toLowerCase();
  if (dropArticles) folded = folded.replace(/\b(?:a|an|the)\b/g, " ");
  folded = folded.replaceAll(/\s+/g, " ");
  let [start, end] = [0, folded.length];
  while (start < end && around.includes(folded.charAt(start))) start++;
  while (end > start && behind.includes(folded.charAt(end - 1))) end--;
  return folded.slice(start, end);
}
