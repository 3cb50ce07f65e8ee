// File globs with `/`: `*`, `?`, `**` (any folders), `{a,b}` and nothing else. Matches whole relative paths.
const special = /[\\^$.|+()[\]]/;

/** Whether a glob has a wildcard; one without names a single path. */
export const isPattern = (glob: string): boolean => /[*?{]/.test(glob);

/** The folder below which everything that a glob can match lies: "a/b" of "a/b/*.json". */
export function globRoot(glob: string): string {
  const parts = glob.split("/");
  const at = parts.findIndex(isPattern);
  return parts.slice(0, at < 0 ? parts.length - 1 : at).join("/");
}

const compiled = new Map<string, RegExp>();

export function matchesGlob(glob: string, path: string): boolean {
  let pattern = compiled.get(glob);
  if (!pattern) {
    // Bounded, because globs come from files that anybody may edit.
    if (compiled.size > 500) compiled.clear();
    pattern = compileGlob(glob);
    compiled.set(glob, pattern);
  }
  return pattern.test(path);
}

function compileGlob(glob: string): RegExp {
  let out = "";
  let groups = 0;
  for (let at = 0; at < glob.length; at++) {
    const char = glob.charAt(at);
    const starts = at === 0 || "/{,".includes(glob.charAt(at - 1));
    if (starts && glob.startsWith("**/", at)) {
      at += 2;
      // `**/**/` says no more than `**/`, and would backtrack for every way to split a path between the two.
      while (glob.startsWith("**/", at + 1)) at += 3;
      out += "(?:[^/]+/)*";
    } else if (char === "*") {
      const deep = glob.charAt(at + 1) === "*";
      while (glob.charAt(at + 1) === "*") at++;
      out += deep ? ".*" : "[^/]*";
    } else if (char === "?") out += "[^/]";
    else if (char === "{" && glob.indexOf("}", at) > 0) {
      groups++;
      out += "(?:";
    } else if (char === "}" && groups > 0) {
      groups--;
      out += ")";
    } else if (char === "," && groups > 0) out += "|";
    else out += special.test(char) || char === "{" || char === "}" ? `\\${char}` : char;
  }
  try {
    return new RegExp(`^${out}${")".repeat(groups)}$`, "u");
  } catch {
    return /(?!)/;
  }
}
