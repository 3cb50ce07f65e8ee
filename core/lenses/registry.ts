// Every answer rule, one line each, alphabetical. A new lens is a file in rules/ and a line here.
import type { Lens, LensOptions } from "./lens";
import { allenaiGsm8k } from "./rules/allenaiGsm8k";
import { allenaiMath } from "./rules/allenaiMath";
import { allenaiMathFixed } from "./rules/allenaiMathFixed";
import { boxedStrict } from "./rules/boxedStrict";
import { exact } from "./rules/exact";
import { gsm8kAny } from "./rules/gsm8kAny";
import { gsm8kFlexible } from "./rules/gsm8kFlexible";
import { gsm8kLastNumber } from "./rules/gsm8kLastNumber";
import { gsm8kStrict } from "./rules/gsm8kStrict";
import { hendrycks } from "./rules/hendrycks";
import { ifeval } from "./rules/ifeval";
import { jsonValid } from "./rules/jsonValid";
import { latexEqual } from "./rules/latexEqual";
import { minerva } from "./rules/minerva";
import { normalised } from "./rules/normalised";
import { numeric } from "./rules/numeric";
import { regex } from "./rules/regex";
import { xmlValid } from "./rules/xmlValid";

export const lenses: readonly Lens[] = [
  allenaiGsm8k,
  allenaiMath,
  allenaiMathFixed,
  boxedStrict,
  exact,
  gsm8kAny,
  gsm8kFlexible,
  gsm8kLastNumber,
  gsm8kStrict,
  hendrycks,
  ifeval,
  jsonValid,
  latexEqual,
  minerva,
  normalised,
  numeric,
  regex,
  xmlValid,
];

export function lensById(id: string): Lens | null {
  return lenses.find((lens) => lens.id === id) ?? null;
}

/** `key=value` texts for a lens. A name that it does not have is a problem, so that no misspelt option is silently ignored. */
export function readOptions(lens: Lens, texts: readonly string[]): { options: LensOptions; problem: string | null } {
  const options: Record<string, string> = {};
  for (const text of texts) {
    const at = text.indexOf("=");
    const name = (at < 0 ? text : text.slice(0, at)).trim();
    const known = lens.options.find((option) => option.name === name || option.aliases?.includes(name));
    if (!known) return { options: {}, problem: `The lens "${lens.id}" has no option "${name}"; ${optionList(lens)}.` };
    options[known.name] = at < 0 ? "" : text.slice(at + 1);
  }
  return { options, problem: lens.problem?.(options) ?? null };
}

const optionList = ({ options }: Lens): string =>
  options.length === 0 ? "it has none" : `it has ${options.map(({ name }) => name).join(", ")}`;
