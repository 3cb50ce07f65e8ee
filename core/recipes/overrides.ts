// `--set a.b=value` and a launch's own seed: one value of a config replaced, every other byte left as it is.
import { isCollection, isMap, isScalar, parse } from "yaml";
import { badConfig, wrongUsage } from "../base/errors";
import { pairAt, parseTree, pythonFloat, rangeOf } from "./configText";

export interface Assignment {
  key: string;
  value: string | number | boolean | null;
  /** A number as it was written: `1.0` is no whole number, and many digits are more than a number here can hold. */
  written?: string;
}

/** Reads `training.learning_rate=1e-5`. The value is YAML, so `true`, `3` and `"3"` mean what they mean in the config. */
export function parseAssignment(text: string): Assignment {
  const at = text.indexOf("=");
  const key = text.slice(0, Math.max(0, at)).trim();
  if (at < 0 || !/^[^.\s][^\s]*$/.test(key))
    throw wrongUsage(`"${text}" is no key=value; write for example training.seed=3.`);
  const source = text.slice(at + 1).trim();
  let value: unknown;
  try {
    value = parse(source, { logLevel: "error" });
  } catch {
    value = source;
  }
  if (typeof value === "number") return { key, value, ...writtenNumber(source) };
  return { key, value: typeof value === "boolean" || value === null ? value : textOf(value, source) };
}

const textOf = (value: unknown, source: string): string => (typeof value === "string" ? value : source);

/** In the form that YAML 1.1 and 1.2 both read as this number; none for a notation that only one of them knows. */
function writtenNumber(source: string): { written?: string } {
  if (/^[-+]?(?:0|[1-9]\d*|\d+\.\d*|\.\d+|\.(?:inf|Inf|INF))$|^\.(?:nan|NaN|NAN)$/.test(source))
    return { written: source };
  const [, mantissa, sign = "", power = ""] = /^([-+]?(?:\d+\.?\d*|\.\d+))[eE]([-+]?)(\d+)$/.exec(source) ?? [];
  if (mantissa === undefined) return {};
  const dotted = mantissa.includes(".") ? mantissa : `${mantissa}.0`;
  return { written: `${dotted}e${sign === "" ? "+" : sign}${power.padStart(2, "0")}` };
}

const render = ({ value, written }: Omit<Assignment, "key">): string => {
  if (typeof value === "string") return JSON.stringify(value);
  return written ?? (typeof value === "number" ? pythonFloat(value) : String(value));
};

/** The text with one scalar replaced, or added to the mapping that would hold it. */
export function setConfigValue(path: string, text: string, { key, ...assigned }: Assignment): string {
  const tree = parseTree(path, text);
  const node = pairAt(tree, key)?.value;
  const range = rangeOf(node);
  if (range && isScalar(node)) {
    // An empty value (`seed:`) has its place right behind the colon.
    const lead = range[0] === range[1] && text.charAt(range[0] - 1) === ":" ? " " : "";
    return text.slice(0, range[0]) + lead + render(assigned) + text.slice(range[1]);
  }
  if (isCollection(node))
    throw badConfig(path, tree.lines.linePos(range?.[0] ?? 0).line, `"${key}" is no single value`);

  const parent = key.includes(".") ? key.slice(0, key.lastIndexOf(".")) : "";
  const name = key.slice(key.lastIndexOf(".") + 1);
  const holder = parent === "" ? tree.document?.contents : pairAt(tree, parent)?.value;
  const first = isMap(holder) ? rangeOf(holder.items[0]?.key)?.[0] : undefined;
  if (!isMap(holder) || first === undefined) throw badConfig(path, null, `it has no mapping that could hold "${key}"`);
  const indent = holder.flow ? null : text.slice(text.lastIndexOf("\n", first - 1) + 1, first).replace("\uFEFF", "");
  const entry = `${name}: ${render(assigned)}`;
  // Before the first entry, because behind the last one comments of the next section may follow.
  if (indent === null || indent.trim() === "")
    return text.slice(0, first) + entry + (indent === null ? ", " : `\n${indent}`) + text.slice(first);
  throw badConfig(path, tree.lines.linePos(first).line, `"${key}" cannot be added here; write it into the config`);
}

export const applyAssignments = (path: string, text: string, assignments: readonly Assignment[]): string =>
  assignments.reduce((changed, assignment) => setConfigValue(path, changed, assignment), text);
