// `.runsideignore`: the rules of gitignore(5) for one file at the root of the workspace. The last pattern that matches decides; what
// lies below an ignored folder stays ignored. Pure.
export const ignoreFile = ".runsideignore";

interface Rule {
  pattern: RegExp;
  negated: boolean;
  foldersOnly: boolean;
}

/** Answers whether a path, relative to the root with `/`, is left out. The path is a file's or a link's. */
export function ignoreRules(text: string): (path: string) => boolean {
  const rules = text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .flatMap((line) => ruleOf(line) ?? []);
  const folders = new Map<string, boolean>();
  const decide = (path: string, isFolder: boolean): boolean => {
    for (let at = rules.length - 1; at >= 0; at--) {
      const rule = rules[at];
      if (rule && (isFolder || !rule.foldersOnly) && rule.pattern.test(path)) return !rule.negated;
    }
    return false;
  };
  const folderIsOut = (folder: string): boolean => {
    if (folder === "") return false;
    let out = folders.get(folder);
    if (out === undefined) {
      out = folderIsOut(folder.slice(0, Math.max(0, folder.lastIndexOf("/")))) || decide(folder, true);
      folders.set(folder, out);
    }
    return out;
  };
  if (rules.length === 0) return () => false;
  return (path) => folderIsOut(path.slice(0, Math.max(0, path.lastIndexOf("/")))) || decide(path, false);
}

function ruleOf(line: string): Rule | null {
  // Spaces at the end count only behind a backslash.
  let text = line.replace(/(?<!\\) +$/, "");
  if (text === "" || text.startsWith("#")) return null;
  const negated = text.startsWith("!");
  if (negated) text = text.slice(1);
  const foldersOnly = text.endsWith("/");
  if (foldersOnly) text = text.slice(0, -1);
  const anchored = text.includes("/");
  const source = translate(text.replace(/^\//, ""));
  try {
    return { pattern: new RegExp(`^${anchored ? "" : "(?:.*/)?"}${source}$`, "su"), negated, foldersOnly };
  } catch {
    // A class that no engine takes matches nothing, as in git.
    return null;
  }
}

const escaped = (char: string): string => (/[\\^$.*+?()[\]{}|/]/.test(char) ? `\\${char}` : char);

function translate(glob: string): string {
  let out = "";
  for (let at = 0; at < glob.length; at++) {
    const char = glob.charAt(at);
    const rest = glob.slice(at);
    const atStart = at === 0 || glob.charAt(at - 1) === "/";
    const bracket = /^\[([!^]?)(\]?[^\]]*)\]/.exec(rest);
    if (atStart && /^\*\*+\//.test(rest)) {
      // One group, however many `**/` follow each other: several would backtrack for every way to share the folders.
      const folders = /^(?:\*\*+\/)+/.exec(rest)?.[0] ?? "";
      out += "(?:[^/]+/)*";
      at += folders.length - 1;
    } else if (atStart && rest === "**") {
      out += ".*";
      at++;
    } else if (char === "*") {
      while (glob.charAt(at + 1) === "*") at++;
      out += "[^/]*";
    } else if (char === "?") out += "[^/]";
    else if (bracket) {
      const [whole, not = "", members = ""] = bracket;
      out += `(?!/)[${not === "" ? "" : "^"}${members.replace(/[\\[\]^&]/g, "\\$&")}]`;
      at += whole.length - 1;
    } else if (char === "\\" && at + 1 < glob.length) out += escaped(glob.charAt(++at));
    else out += escaped(char);
  }
  return out;
}
