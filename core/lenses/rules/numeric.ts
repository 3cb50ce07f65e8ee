// The last number of the answer, within a tolerance.
import { afterOption, answerText } from "../answerText";
import { lastBoxed } from "../boxed";
import { compared, optionOf, type Lens, type LensOptions, type Piece } from "../lens";

const absolute = 1e-6;

export const numeric: Lens = {
  id: "numeric",
  title: "Number within a tolerance",
  says:
    "The last number (of the last box, where there is one): with thousands commas, decimals, exponents, or as a fraction a/b or " +
    "\\frac{a}{b}; a minus behind a digit is no sign. Passes within either tolerance of the reference.",
  options: [
    afterOption,
    {
      name: "tolerance",
      says: `the largest difference, ${String(absolute)} without it`,
      aliases: ["tol", "abs", "atol"],
    },
    { name: "relative", says: "the largest difference as a share of the reference", aliases: ["rel", "rtol"] },
  ],
  problem(options) {
    for (const name of ["tolerance", "relative"]) {
      const text = optionOf(options, name);
      if (text !== undefined && toleranceOf(options, name) === null)
        return `"${text}" is no ${name}: give a number of at least 0.`;
    }
    return null;
  },
  judge({ response, gold, options }) {
    const found = numberIn(response, options);
    if (!found) return compared(null, gold, () => false);
    const allowed = toleranceOf(options, "tolerance") ?? absolute;
    const share = toleranceOf(options, "relative") ?? 0;
    const value = valueOf(found.text) ?? NaN;
    return compared(found, gold, (text) => {
      const wanted = valueOf(text) ?? valueOf(numberIn(text, undefined)?.text ?? "");
      if (wanted === null) return false;
      return value === wanted || Math.abs(value - wanted) <= Math.max(allowed, share * Math.abs(wanted));
    });
  },
};

function toleranceOf(options: LensOptions | undefined, name: string): number | null {
  const text = optionOf(options, name);
  if (text === undefined || text.trim() === "") return null;
  const value = Number(text);
  return Number.isFinite(value) && value >= 0 ? value : null;
}

const plainNumber = "(?:\\d{1,3}(?:,\\d{3})+(?!\\d)|\\d+)?(?:\\.\\d+|(?<=\\d)\\.?)(?:[eE][-+]?\\d+)?";
const sign = "(?:(?<![\\d.)}])[-+\\u2212])?";
const anyNumber = new RegExp(
  `${sign}(?:\\\\[dt]?frac\\{[-+]?\\d+(?:\\.\\d+)?\\}\\{\\d+(?:\\.\\d+)?\\}|${plainNumber}(?:\\s?\\/\\s?\\d+(?![\\d.]))?)`,
  "g",
);

function numberIn(response: string, options: LensOptions | undefined): Piece | null {
  const part = lastBoxed(response) ?? answerText(response, options);
  if (!part) return null;
  let last: Piece | null = null;
  for (const found of part.text.matchAll(anyNumber)) {
    // A sentence's last dot is no decimal point.
    const text = found[0].replace(/\.$/, "");
    const start = part.span[0] + found.index;
    if (/\d/.test(text)) last = { text, span: [start, start + text.length] };
  }
  return last;
}

function valueOf(text: string): number | null {
  const plain = text
    .trim()
    .replaceAll("\u2212", "-")
    .replaceAll(",", "")
    .replace(/^\$|^([-+])\$/, "$1")
    .replace(/\s*\\?%$/, "");
  const fraction = /^([-+]?)\\[dt]?frac\{([^{}]+)\}\{([^{}]+)\}$/.exec(plain) ?? /^()([^/]+)\/([^/]+)$/.exec(plain);
  if (fraction) {
    const value = Number(fraction[2]) / Number(fraction[3]);
    return Number.isFinite(value) ? (fraction[1] === "-" ? -value : value) : null;
  }
  const value = plain === "" ? NaN : Number(plain);
  return Number.isFinite(value) ? value : null;
}
