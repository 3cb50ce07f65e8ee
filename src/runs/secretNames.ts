// Which secrets are kept, without their values, as a file of this machine: what a launch would lack is known also while the
// secret storage cannot be read.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import * as z from "zod/mini";
import type { Logger } from "../../core/base/logger";

const schema = z.object({ schema: z.literal(1), keys: z.array(z.string()) });

export class SecretNames {
  /** `file`: null where nothing can be kept. */
  constructor(
    private readonly file: string | null,
    private readonly logger: Logger,
  ) {}

  /** null where the storage was never read on this machine. */
  read(): string[] | null {
    if (this.file === null) return null;
    try {
      const parsed = schema.safeParse(JSON.parse(readFileSync(this.file, "utf8")));
      return parsed.success ? parsed.data.keys : null;
    } catch {
      return null;
    }
  }

  keep(keys: readonly string[]): void {
    const held = this.read();
    const wanted = [...new Set(keys)].sort();
    if (this.file === null || JSON.stringify(held) === JSON.stringify(wanted)) return;
    const beside = `${this.file}.tmp-${String(process.pid)}`;
    try {
      mkdirSync(dirname(this.file), { recursive: true, mode: 0o700 });
      writeFileSync(beside, JSON.stringify({ schema: 1, keys: wanted }), { mode: 0o600 });
      renameSync(beside, this.file);
    } catch (error) {
      this.logger.log("warn", "launch", "the names of the kept secrets could not be noted", String(error));
    }
  }
}
