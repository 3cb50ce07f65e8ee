// Secrets of runs: kept in the editor's secret storage, for one box or for all, given to launches, and masked in all that boxes say.
import { Emitter } from "../../core/base/emitter";
import { RunsideError } from "../../core/base/errors";
import type { Logger } from "../../core/base/logger";
import { maskOf, shortestSecret, type Mask } from "../../core/secrets/mask";
import type { SecretStore } from "../connect/credentials";
import type { BoxId } from "./box";

export interface RunSecret {
  name: string;
  /** null: for every box. */
  box: BoxId | null;
}

const PREFIX = "secret:";
const EVERY_BOX = "*";
/** A keyring that asks for its own password must not keep a window from its boxes for ever. */
const READ_MS = 10_000;

const keyOf = ({ name, box }: RunSecret): string => `${PREFIX}${box ?? EVERY_BOX}:${name}`;

function secretOf(key: string): RunSecret | null {
  const [, box = "", name = ""] = /^secret:(.+):(\w+)$/.exec(key) ?? [];
  return name === "" ? null : { name, box: box === EVERY_BOX ? null : box };
}

/** Why a name cannot be one of an environment variable of a run, or null. */
export function badSecretName(name: string): string | null {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return "Letters, digits and underscores, as HF_TOKEN.";
  return /^RUNSIDE_/i.test(name) ? "Names that begin with RUNSIDE_ are Runside's own." : null;
}

export const badSecretValue = (value: string): string | null =>
  value.trim().length < shortestSecret
    ? `At least ${shortestSecret} characters: a shorter value cannot be told from ordinary words in a log.`
    : null;

export class RunSecrets {
  private readonly values = new Map<string, string>();
  /** Values that were replaced or deleted stand in logs that were written before. */
  private readonly former = new Set<string>();
  private readonly changeEmitter = new Emitter<void>();
  private reading: Promise<void> | null = null;
  private current: Mask = maskOf([]);
  readonly onChange = this.changeEmitter.event;

  constructor(
    private readonly store: SecretStore | null,
    private readonly logger: Logger,
  ) {
    // What another window keeps is masked here too. Our own writes come back the same way, and change nothing.
    store?.onChange?.((key) => {
      if (this.reading && key.startsWith(PREFIX)) void this.reload();
    });
  }

  /** Masks what is known by now: wait for `ready` before showing anything. */
  get mask(): Mask {
    return this.current;
  }

  /** Every value that must not be shown or copied, also those that were replaced. */
  known(): string[] {
    return [...this.values.values(), ...this.former];
  }

  /** Resolves when the storage was read, or would not answer. Never rejects. */
  ready(): Promise<void> {
    this.reading ??= this.readAll();
    return this.reading;
  }

  /** Another window changed the storage. */
  async reload(): Promise<void> {
    this.reading = this.readAll();
    await this.reading;
  }

  async list(): Promise<RunSecret[]> {
    await this.ready();
    const found = [...this.values.keys()].flatMap((key) => secretOf(key) ?? []);
    return found.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : (a.box ?? "") < (b.box ?? "") ? -1 : 1));
  }

  async set(secret: RunSecret, value: string): Promise<void> {
    const wrong = badSecretName(secret.name) ?? badSecretValue(value);
    if (wrong) throw new RunsideError("usage", `The secret was not kept: ${wrong}`);
    if (!this.store) throw new RunsideError("usage", "This editor has no secret storage, so no secret was kept.");
    await this.ready();
    await this.store.set(keyOf(secret), value);
    this.put(keyOf(secret), value);
    this.changed();
  }

  async delete(secret: RunSecret): Promise<void> {
    await this.store?.delete(keyOf(secret));
    this.put(keyOf(secret), null);
    this.changed();
  }

  /** What a launch on this box is given: those for every box, then the box's own. */
  async forLaunch(box: BoxId): Promise<Record<string, string>> {
    await this.ready();
    const given: Record<string, string> = {};
    for (const owner of [null, box]) {
      for (const [key, value] of this.values) {
        const secret = secretOf(key);
        if (secret?.box === owner) given[secret.name] = value;
      }
    }
    return given;
  }

  private put(key: string, value: string | null): void {
    const old = this.values.get(key);
    if (old !== undefined) this.former.add(old);
    if (value === null) this.values.delete(key);
    else this.values.set(key, value);
  }

  private changed(): void {
    this.current = maskOf([...this.values.values(), ...this.former]);
    this.changeEmitter.fire();
  }

  private async readAll(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, fail) => {
      timer = setTimeout(() => fail(new Error("it did not answer")), READ_MS).unref();
    });
    try {
      const keys = (await Promise.race([this.store?.keys(), late])) ?? [];
      for (const key of this.values.keys()) if (!keys.includes(key)) this.put(key, null);
      for (const key of keys.filter((each) => secretOf(each) !== null)) {
        const value = await Promise.race([this.store?.get(key), late]);
        this.put(key, value ?? null);
      }
    } catch (error) {
      this.logger.log("warn", "launch", "the secret storage could not be read; no secret reaches a run", String(error));
    } finally {
      clearTimeout(timer);
      this.changed();
    }
  }
}
