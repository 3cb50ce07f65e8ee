// `.runsideignore` beside git's own verdicts: the same patterns, the same files, the same answers.
import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ignoreRules } from "../../../core/recipes/ignoreRules";
import { seeded } from "../../core/random";
import { tempFolder } from "../../support/tempFolder";

const names = ["a", "b", "ab", "a.b", "data", "x.bin", "[a]", "a b"];
const pieces = [...names, "*", "?", "**", "*.bin", "[ab]", "[!a]", "a*", "\\*", "d?ta", "[a-c]*"];

describe(".runsideignore", () => {
  it("decides as git does, on random patterns and paths", () => {
    const folder = tempFolder("ignore");
    execFileSync("git", ["init", "-q"], { cwd: folder });
    const random = seeded(7);
    const pick = (from: readonly string[]): string => from[Math.floor(random() * from.length)] ?? "";
    const several = (from: readonly string[], most: number): string =>
      Array.from({ length: 1 + Math.floor(random() * most) }, () => pick(from)).join("/");
    let ignored = 0;
    for (let round = 0; round < 60; round++) {
      const rules = Array.from(
        { length: 1 + Math.floor(random() * 5) },
        () =>
          `${random() < 0.25 ? "!" : ""}${random() < 0.3 ? "/" : ""}${several(pieces, 3)}${random() < 0.3 ? "/" : ""}`,
      ).join("\n");
      const paths = [...new Set(Array.from({ length: 40 }, () => several(names, 4)))];
      writeFileSync(join(folder, ".gitignore"), `${rules}\n`);
      // Its exit code says only whether any path is ignored.
      const { stdout } = spawnSync("git", ["check-ignore", "-z", "-v", "-n", "--no-index", "--stdin"], {
        cwd: folder,
        input: paths.join("\0"),
        encoding: "utf8",
      });
      const asked = stdout.split("\0");
      const isOut = ignoreRules(rules);
      paths.forEach((path, at) => {
        // source, line, pattern, path
        const pattern = asked[4 * at + 2] ?? "";
        const theirs = pattern !== "" && !pattern.startsWith("!");
        if (theirs) ignored++;
        expect(isOut(path), `${path} under\n${rules}`).toBe(theirs);
      });
    }
    expect(ignored).toBeGreaterThan(200);
  });

  it("takes comments, escapes, spaces at the end, Windows' line ends and what cannot be read", () => {
    const isOut = ignoreRules("\uFEFF# note\r\n\\#x\r\n\\!y\r\nz  \r\nw\\ \n[\n\n/top\n");
    expect(["#x", "!y", "z", "w ", "top"].filter((path) => !isOut(path))).toEqual([]);
    expect(["x", "y", "note", "sub/top", "w"].filter(isOut)).toEqual([]);
  });
});
