// The arguments of a constraint, as loosely typed as the data sets write them. A missing or odd one fails the check, as an
// exception does in the verifiers.

export type Args = Readonly<Record<string, unknown>>;
export type Check = (text: string, args: Args) => boolean;

export class OddArgument extends Error {}

const given = (args: Args, name: string): unknown => (Object.hasOwn(args, name) ? args[name] : undefined);

export function textArg(args: Args, name: string): string {
  const value = given(args, name);
  if (typeof value === "string") return value;
  if (Array.isArray(value) && typeof value[0] === "string") return value[0];
  if (typeof value === "number") return String(value);
  throw new OddArgument(`${name} is missing`);
}

export function countArg(args: Args, name: string): number {
  const value = given(args, name);
  const number = typeof value === "string" ? Number(value) : value;
  if (typeof number === "number" && Number.isFinite(number)) return number;
  throw new OddArgument(`${name} is no number`);
}

export function listArg(args: Args, name: string): string[] {
  const value = given(args, name);
  const list = typeof value === "string" ? [value] : value;
  if (Array.isArray(list) && list.every((each) => typeof each === "string")) return list;
  throw new OddArgument(`${name} is no list of texts`);
}

/** `less than` or `at least`, against a count. */
export function related(actual: number, args: Args, count: string, relation: string): boolean {
  const wanted = textArg(args, relation);
  if (wanted === "less than") return actual < countArg(args, count);
  if (wanted === "at least") return actual >= countArg(args, count);
  throw new OddArgument(`${relation} is neither "less than" nor "at least"`);
}
