// Whether the response is well-formed XML.
import { isOn, noAnswer, type Lens } from "../lens";
import { xmlProblem } from "../xml";
import { unfenced } from "./jsonValid";

export const xmlValid: Lens = {
  id: "xml-valid",
  title: "Well-formed XML",
  says:
    "The whole response, or the code block that it consists of, is well-formed: tags closed in order, attributes quoted and not twice, " +
    "one root. Document types and schemas are not looked at, nor is the reference.",
  withoutGold: "always",
  options: [
    {
      name: "fragment",
      says: "`yes`: several roots and text beside them, as in `<think>..</think><answer>..</answer>`",
    },
  ],
  judge({ response, options }) {
    const found = unfenced(response);
    if (found.text === "") return noAnswer();
    const shown = { extracted: found.text, span: found.span };
    const problem = xmlProblem(found.text, isOn(options, "fragment"));
    if (problem === null) return { verdict: "pass", ...shown };
    return { verdict: "fail", ...shown, note: `${problem.message} (character ${String(problem.at + 1)})` };
  },
};
