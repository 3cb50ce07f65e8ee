// Small file systems of a test, mounted where root may, and gone again after it.
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { atEnd } from "../support/tempFolder";

/** An empty disk of so many bytes at `folder`. Ask for it before anything that lies on it, so that it goes last. */
export function mountDisk(folder: string, bytes: number): void {
  mkdirSync(folder, { recursive: true });
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${bytes},mode=700`, "runside-test", folder]);
  atEnd(() => unmount(folder));
}

/** `on` false gives it back as it was. */
export function readOnly(folder: string, on: boolean): void {
  execFileSync("mount", ["-o", `remount,${on ? "ro" : "rw"}`, folder]);
}

/** Lazily: a process that still looks at it keeps it until it ends. */
export function unmount(folder: string): void {
  execFileSync("umount", ["--lazy", folder]);
}
