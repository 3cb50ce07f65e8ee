// Reads the constraints of a reference and checks each.
import { pythonLiteral } from "../../base/pythonLiteral";
import { noAnswer, type Judgement, type LensInput } from "../lens";
import { strip } from "../python";
import { OddArgument, type Args, type Check } from "./args";
import { functions } from "./functions";
import { assumesEnglish, instructions } from "./instructions";
import { multiple as ofMultiple } from "./multiple";

interface Constraint {
  id: string;
  args: Args;
  /** Null: it needs more than the text. Undefined: nobody knows it. */
  check: Check | null | undefined;
}

export function judgeConstraints({ response, gold }: LensInput): Judgement {
  const constraints = constraintsOf(gold);
  if (!constraints) return noAnswer("the reference holds no instruction_id_list with kwargs and no func_name");
  const text = multiple(gold) ? withoutThinking(response) : response;
  if (strip(text) === "" && !isFunction(gold)) return noAnswer("the response is empty");
  const failed: string[] = [];
  const open: string[] = [];
  for (const { id, args, check } of constraints) {
    if (check) {
      const problem = run(check, text, args);
      if (problem !== null) failed.push(problem === "" ? id : `${id} (${problem})`);
      else if (assumesEnglish.has(id)) open.push(`${id}: that it is English`);
    } else open.push(check === null ? `${id}: needs the language` : `${id}: no such constraint`);
  }
  const unknown = constraints.filter(({ check }) => !check).length;
  const kept = constraints.length - failed.length - unknown;
  const notes = [
    // Its reward is a share, and no pass or fail.
    ...(multiple(gold) && constraints.length > 1 && kept < constraints.length
      ? [`kept ${String(kept)} of ${String(constraints.length)}, which is what its verifier scores`]
      : []),
    ...(failed.length > 0 ? [`not kept: ${failed.join(", ")}`] : []),
    ...(open.length > 0 ? [`not checked: ${open.join(", ")}`] : []),
  ];
  // What could not be checked may be broken: no pass then.
  const verdict = failed.length > 0 ? "fail" : unknown > 0 ? "none" : "pass";
  return { verdict, extracted: null, ...(notes.length > 0 ? { note: notes.join("; ").slice(0, 1000) } : {}) };
}

/** Null where it holds, else why not. */
function run(check: Check, text: string, args: Args): string | null {
  try {
    return check(text, args) ? null : "";
  } catch (error) {
    return error instanceof OddArgument ? error.message : "it could not be checked";
  }
}

function constraintsOf(gold: unknown): Constraint[] | null {
  const entry = entryOf(gold);
  if (!entry) return null;
  const name = entry["func_name"];
  if (typeof name === "string") {
    const args = present(Object.fromEntries(Object.entries(entry).filter(([key]) => key !== "func_name")));
    return [{ id: name, args, check: Object.hasOwn(functions, name) ? functions[name] : undefined }];
  }
  const ids = entry["instruction_id_list"] ?? entry["instruction_id"];
  const kwargs = entry["kwargs"];
  if (!Array.isArray(ids) || ids.length === 0) return null;
  const known = "instruction_id" in entry ? ofMultiple : instructions;
  return ids.map((each: unknown, i) => {
    const id = String(each);
    const args: unknown = Array.isArray(kwargs) ? kwargs[i] : {};
    const check = Object.hasOwn(known, id) ? known[id] : undefined;
    return { id, args: isMapping(args) ? present(args) : {}, check };
  });
}

/** The object of a reference: itself, its JSON or Python's notation of it, or the first of a list. */
function entryOf(gold: unknown, depth = 0): Record<string, unknown> | null {
  if (depth > 3) return null;
  if (typeof gold === "string") {
    return entryOf(written(gold), depth + 1);
  }
  if (Array.isArray(gold)) return entryOf(gold[0], depth + 1);
  return isMapping(gold) ? gold : null;
}

/** Null for a text that is neither. */
function written(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const literal = pythonLiteral(text);
    return literal && strip(text.slice(literal.end)) === "" ? literal.value : null;
  }
}

const multiple = (gold: unknown): boolean => entryOf(gold)?.["instruction_id"] !== undefined;
const isFunction = (gold: unknown): boolean => entryOf(gold)?.["func_name"] !== undefined;

/** Data sets write one column for all constraints: what does not belong to one is null. */
const present = (args: Record<string, unknown>): Args =>
  Object.fromEntries(Object.entries(args).filter(([, value]) => value !== null && value !== undefined));

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What the multi-constraint verifier looks at. */
function withoutThinking(response: string): string {
  const said = strip(response.replaceAll("<|assistant|>", ""));
  const answer = said.slice(said.lastIndexOf("</think>") < 0 ? 0 : said.lastIndexOf("</think>") + "</think>".length);
  return strip(answer.replaceAll("<answer>", "").replaceAll("</answer>", ""));
}
