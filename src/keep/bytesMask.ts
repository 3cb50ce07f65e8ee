// Known secrets in bytes that stream by, as stars of the same length: offsets in the copy stay those of the box, so that it can go on.
import { formsOf } from "../../core/secrets/mask";

export class BytesMask {
  private readonly forms: Buffer[];
  private held: Buffer = Buffer.alloc(0);
  /** How many were found. */
  found = 0;

  constructor(values: Iterable<string>) {
    this.forms = formsOf(values).map((form) => Buffer.from(form));
  }

  /** Bytes before a place that may be the beginning of a value that ends after it. */
  get reach(): number {
    return Math.max(0, ...this.forms.map((form) => form.length - 1));
  }

  /** What can be written by now; the rest comes with the next piece, or at the end. */
  push(piece: Buffer): Buffer {
    const bytes = Buffer.concat([this.held, piece]);
    for (const form of this.forms) {
      for (let at = bytes.indexOf(form); at >= 0; at = bytes.indexOf(form, at + form.length)) {
        bytes.fill("*", at, at + form.length);
        this.found++;
      }
    }
    const ready = Math.max(0, bytes.length - this.reach);
    this.held = bytes.subarray(ready);
    return bytes.subarray(0, ready);
  }

  end(): Buffer {
    const rest = this.held;
    this.held = Buffer.alloc(0);
    return rest;
  }
}
