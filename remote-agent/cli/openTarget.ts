// A PATH argument (a run's id, a folder, a file) opened and read once, relative to where the person stands.
import { nothingReadable } from "../../core/base/errors";
import { Target } from "../index/target";
import { home } from "./io";

export async function withTarget<T>(spec: string, use: (target: Target) => Promise<T> | T): Promise<T> {
  const target = Target.open(spec, home(), process.cwd());
  try {
    target.adoptOutputFromLog();
    await target.index.readOnce(!target.isLive());
    return await use(target);
  } finally {
    target.dispose();
  }
}

/** For verbs that show one kind of thing: nothing at all to read is an error, nothing of that kind is an empty list. */
export function requireSources(target: Target, spec: string): void {
  if (target.index.sources.length === 0) throw nothingReadable(spec, target.index.unknown()[0]?.message);
}
