// What a policy was measured to be: the files' tables, with what the scorers make of the rows beside them.
import * as z from "zod/mini";
import { evalTableSchema } from "../model/evaluation";
import { read, target } from "./define";

export const evaluations = {
  /** The tables of the run's state, and those computed here: as `runside evals`. Costs reading the rows once. */
  read: read("evaluations/read", z.object({ target }), z.object({ tables: z.array(evalTableSchema) })),
};
