// Names that would do something if anybody took them for a command, an option, markup or a way out. Each payload that runs
// makes the file `canary` in the current folder or, by its absolute path, wherever it is run.

export function hostileNames(canary: string): string[] {
  return [
    `$(touch ${canary})`,
    `\`touch ${canary}\``,
    `; touch ${canary} #`,
    `' ; touch ${canary} ; '`,
    `" ; touch ${canary} ; "`,
    `'\\'' && touch ${canary}`,
    `| touch ${canary}`,
    `&& touch ${canary} &`,
    `line\ntouch ${canary}\nend`,
    `\${IFS}touch\${IFS}${canary}`,
    `-oProxyCommand=touch ${canary}`,
    `--upload-pack=touch ${canary}`,
    "-rf",
    "--",
    "*",
    "~root",
    "%s%n%h%p",
    "{out}{seed}x",
    "\u202Egnp.elif\u202C",
    "ﬁle\u0000".slice(0, 3),
    "café\u0301 🍐 日本",
    "<img src=x onerror=window.pwned=1>",
    "[x](command:workbench.action.quit)",
    "!history ^a^b \\\\",
    "__proto__",
    "constructor",
  ];
}

/** As parts of a file's name: without slashes, which no name can hold. */
export const hostileFileNames = (canary: string): string[] =>
  [...new Set(hostileNames(canary).map((name) => name.replaceAll("/", "∕")))].filter((name) => name !== "--");

/** Ways out of a folder, and ways in by another door. */
export const escapes = (secret: string): string[] => [
  secret,
  `../../../../../../../../..${secret}`,
  `./../../../../../../../../../..${secret}`,
  `log/../../../../../../../../../../..${secret}`,
  `out-link/${secret.split("/").pop() ?? ""}`,
  "/etc/passwd",
  "/proc/self/environ",
  "../run.json",
  "..",
  "",
  "\u0000",
  `file://${secret}`,
  "~/.ssh/id_ed25519",
];
