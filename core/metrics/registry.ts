// Every scorer, one line each, alphabetical. A new one is a file in scorers/ and a line here.
import type { Scorer } from "./scorer";
import { gelabStatic } from "./scorers/gelabStatic";

export const scorers: readonly Scorer[] = [gelabStatic];

export const scorerById = (id: string): Scorer | null => scorers.find((scorer) => scorer.id === id) ?? null;
