// A kept run goes to the folder that a person chose, on the same disk and onto another one.
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { moveKept } from "../../../src/keep/moveKept";
import { atEnd, tempFolder } from "../../support/tempFolder";

function kept(): string {
  const folder = join(tempFolder("kept"), "pear", "20260101-000000-pears-aaaa");
  mkdirSync(join(folder, "out"), { recursive: true });
  writeFileSync(join(folder, "out", "metrics.jsonl"), "{}\n");
  symlinkSync("out/metrics.jsonl", join(folder, "newest"));
  return folder;
}

const below = (root: string): string => join(root, "pear", "20260101-000000-pears-aaaa");
const shm = "/dev/shm";
const twoDisks = existsSync(shm) && statSync(shm).dev !== statSync(tmpdir()).dev;

describe("a kept run", () => {
  it("moves by its box and id below the chosen folder, and stays where it is where that is in use", async () => {
    const from = kept();
    const root = tempFolder("chosen");
    const to = await moveKept(from, root);
    expect(to).toBe(below(root));
    expect(readFileSync(join(to, "out/metrics.jsonl"), "utf8")).toBe("{}\n");
    expect(existsSync(from)).toBe(false);
    expect(await moveKept(to, root)).toBe(to);
    const again = kept();
    await expect(moveKept(again, root)).rejects.toMatchObject({
      code: "internal",
      message: expect.stringContaining("stays where it is") as string,
    });
    expect(existsSync(join(again, "out/metrics.jsonl"))).toBe(true);
  });

  it.skipIf(!twoDisks)("moves onto another disk whole, links as they are", async () => {
    const root = join(shm, `runside-chosen-${process.pid}`);
    atEnd(() => rmSync(root, { recursive: true, force: true }));
    const from = kept();
    const to = await moveKept(from, root);
    expect([existsSync(from), existsSync(`${to}.moving`)]).toEqual([false, false]);
    expect(readFileSync(join(to, "newest"), "utf8")).toBe("{}\n");
    expect(readlinkSync(join(to, "newest"))).toBe("out/metrics.jsonl");
  });
});
