// Globs over paths with `/`: `*` and `?` inside a name, `**` for any folders. Matched by hand, so that no pattern from a file can hang.

/** A pattern without `/` is asked of the name alone; any other of the end of the path, as if it began with `**` and a `/`. */
export function fitsGlob(path: string, glob: string): boolean {
  const names = path.split("/");
  const wanted = glob.replace(/^\.?\//, "").split("/");
  return fitsFrom(names, wanted[0] === "**" ? wanted : ["**", ...wanted]);
}

/** As with `*` in a name: where it fails, the last `**` takes one folder more. */
function fitsFrom(names: readonly string[], wanted: readonly string[]): boolean {
  return walk(
    names.length,
    wanted.length,
    (i) => wanted[i] === "**",
    (n, w) => fitsName(names[n] ?? "", wanted[w] ?? ""),
  );
}

function fitsName(name: string, pattern: string): boolean {
  const [text, wanted] = [[...name], [...pattern]];
  return walk(
    text.length,
    wanted.length,
    (i) => wanted[i] === "*",
    (t, w) => wanted[w] === "?" || wanted[w] === text[t],
  );
}

/** Greedy with one place to go back to, which is enough: at most length times length steps. */
function walk(
  length: number,
  wanted: number,
  isStar: (at: number) => boolean,
  fits: (at: number, of: number) => boolean,
): boolean {
  let [at, of, star, taken] = [0, 0, -1, 0];
  while (at < length) {
    if (of < wanted && isStar(of)) {
      star = of++;
      taken = at;
    } else if (of < wanted && fits(at, of)) {
      at++;
      of++;
    } else if (star >= 0) {
      of = star + 1;
      at = ++taken;
    } else return false;
  }
  while (of < wanted && isStar(of)) of++;
  return of === wanted;
}
