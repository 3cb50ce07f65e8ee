// Two answers as text, the way of the MATH dataset: strip_string of verifiers/allenai.py (formats/rlvr-openbrowser.md A3.5).

/** Equal once both are stripped; where stripping fails in the original, as they are. */
export function hendrycksEqual(a: string, b: string): boolean {
  const [x, y] = [stripString(a), stripString(b)];
  return x === null || y === null ? a === b : x === y;
}

const deleted = ["\\left", "\\right", "^{\\circ}", "^\\circ", "\\$"];

/** Null where the original raises: nothing may end in `\sqrt` or `\frac`. */
export function stripString(answer: string): string | null {
  let text = answer.replaceAll("\n", "").replaceAll("\\!", "").replaceAll("\\\\", "\\");
  text = text.replaceAll("tfrac", "frac").replaceAll("dfrac", "frac");
  for (const expression of deleted) text = text.replaceAll(expression, "");
  const unit = text.indexOf("\\text{");
  if (unit >= 0) text = text.slice(0, unit);
  text = text.replaceAll("\\%", "").replaceAll(" .", " 0.").replaceAll("{.", "{0.");
  if (text === "") return "";
  if (text.startsWith(".")) text = `0${text}`;
  const sides = text.split("=");
  if (sides.length === 2 && [...(sides[0] ?? "").slice(0, 6)].length <= 2) text = sides[1] ?? "";
  const rooted = bracedRoots(text);
  const fractions = rooted === null ? null : bracedFractions(rooted.replaceAll(" ", ""));
  if (fractions === null) return null;
  return slashed(fractions === "0.5" ? "\\frac{1}{2}" : fractions);
}

/** \sqrt3 as \sqrt{3}. */
function bracedRoots(text: string): string | null {
  const [first = "", ...rest] = text.split("\\sqrt");
  let out = first;
  for (const part of rest) {
    const character = firstOf(part);
    if (character === "") return null;
    out += character === "{" ? `\\sqrt${part}` : `\\sqrt{${character}}${part.slice(character.length)}`;
  }
  return out;
}

/** \frac12 and \frac1{72} with all their braces; a \frac with one character behind it leaves the whole text as it was. */
function bracedFractions(text: string): string | null {
  const [first = "", ...rest] = text.split("\\frac");
  let out = first;
  for (const part of rest) {
    const above = firstOf(part);
    if (above === "") return null;
    const below = firstOf(part.slice(above.length));
    if (above !== "{" && below === "") return text;
    const behind = part.slice(above.length + below.length);
    if (above === "{") out += `\\frac${part}`;
    else out += below === "{" ? `\\frac{${above}}{${behind}` : `\\frac{${above}}{${below}}${behind}`;
  }
  return out;
}

const firstOf = (text: string): string => (text === "" ? "" : String.fromCodePoint(text.codePointAt(0) ?? 0));

/** 3/4 of two plain integers as \frac{3}{4}. */
function slashed(text: string): string {
  const found = /^(-?[1-9]\d*|0)\/(-?[1-9]\d*|0)$/.exec(text);
  return found ? `\\frac{${found[1] ?? ""}}{${found[2] ?? ""}}` : text;
}
