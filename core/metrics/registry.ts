// Every scorer, one line each, alphabetical. A new one is a file in scorers/ and a line here.
import type { Scorer } from "./scorer";
import { docedit } from "./scorers/docedit";
import { gelabInteractive } from "./scorers/gelabInteractive";
import { gelabStatic } from "./scorers/gelabStatic";
import { lmEval } from "./scorers/lmEval";
import { openadapt } from "./scorers/openadapt";
import { openadaptBenchmark } from "./scorers/openadaptBenchmark";
import { openbrowserForms } from "./scorers/openbrowserForms";
import { passAtKFirst, passAtKUnbiased } from "./scorers/passAtK";
import { rlvrEval } from "./scorers/rlvrEval";

export const scorers: readonly Scorer[] = [
  docedit,
  gelabInteractive,
  gelabStatic,
  lmEval,
  openadapt,
  openadaptBenchmark,
  openbrowserForms,
  passAtKFirst,
  passAtKUnbiased,
  rlvrEval,
];

export const scorerById = (id: string): Scorer | null => scorers.find((scorer) => scorer.id === id) ?? null;
