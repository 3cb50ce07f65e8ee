// IFEval: whether a response keeps constraints that its text alone can show.
import { judgeConstraints } from "../ifeval/judge";
import type { Lens } from "../lens";

export const ifeval: Lens = {
  id: "ifeval",
  title: "IFEval constraints",
  says:
    "Every constraint of the reference: {instruction_id_list, kwargs} as IFEval writes it, {instruction_id, kwargs} of multi-constraint " +
    "data, or {func_name, ...} of RLVR-IFeval, each by its own verifier's rules, and as an object, its JSON or Python's notation. Passes " +
    "when all hold; the reward of multi-constraint data is the share that does, which the note says. " +
    "Which language a text is in cannot be told from it here: such a constraint, and an unknown one, makes it none unless another one fails. Sentences " +
    "and words are counted without nltk.",
  options: [],
  judge: judgeConstraints,
};
