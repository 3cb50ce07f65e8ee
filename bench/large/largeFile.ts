// A large file of one format, made the same way on every machine, for measuring its reader.
import { closeSync, openSync, writeSync } from "node:fs";
import { seeded } from "../stats";

export interface LargeFile {
  /** Of the reader that must recognise it. */
  reader: string;
  /** Its name in a folder of its own. */
  name: string;
  /** How Python reads the same: one of the functions of peers/read.py, and what it is called in the table. */
  peer: { kind: string; name: string };
  /** A package of Python's that the peer needs, or that makes the file. */
  needs?: string;
  /**
   * How much of the peer's speed is enough, 1 where not said. A peer that parses JSON and forgets it does less than a reader
   * that keeps where every rollout lies and sums up its rewards: under this share something has broken.
   */
  share?: number;
  /** Its size, where the common one would take its peer minutes. */
  bytes?: number;
  /** Writes about `bytes` bytes to `file`; `python` is an interpreter that has what is needed. */
  make(file: string, bytes: number, python: string): Promise<void> | void;
}

const PIECE = 4 << 20;

/** Collects pieces and writes them; `done` once `bytes` are reached. */
export class Output {
  written = 0;
  private held: (string | Uint8Array)[] = [];
  private size = 0;
  private readonly handle: number;

  constructor(file: string) {
    this.handle = openSync(file, "w");
  }

  add(piece: string | Uint8Array): void {
    this.held.push(piece);
    this.size += piece.length;
    this.written += piece.length;
    if (this.size >= PIECE) this.flush();
  }

  close(): void {
    this.flush();
    closeSync(this.handle);
  }

  private flush(): void {
    const whole = Buffer.concat(this.held.map((piece) => Buffer.from(piece)));
    for (let at = 0; at < whole.length;) at += writeSync(this.handle, whole, at);
    this.held = [];
    this.size = 0;
  }
}

export type Random = () => number;

/** A file of lines: `line` gives the next one or several, with their ends. */
export function fileOfLines(head: string, line: (i: number, random: Random) => string, tail = "") {
  return (file: string, bytes: number): void => {
    const random = seeded(11);
    const output = new Output(file);
    output.add(head);
    for (let i = 0; output.written < bytes; i++) output.add(line(i, random));
    output.add(tail);
    output.close();
  };
}

const WORDS =
  "so the total number of apples is left which we add to 12 and then divide by 3 giving 4 tap open next".split(" ");

/** About `length` characters of words. */
export function prose(random: Random, length: number): string {
  let text = "";
  while (text.length < length) text += `${WORDS[Math.floor(random() * WORDS.length)] ?? ""} `;
  return text;
}

export const python = (value: number): string => (Number.isInteger(value) ? value.toFixed(1) : String(value));
