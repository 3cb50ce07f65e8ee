// Secrets of runs: kept in the editor's secret storage, for one box or for all, given to launches, and masked in all that boxes say.
import { Emitter } from "../../core/base/emitter";
import { launchFailed, messageOf, RunsideError } from "../../core/base/errors";
import type { Logger } from "../../core/base/logger";
import { maskOf, shortestSecret, type Mask } from "../../core/secrets/mask";
import type { SecretStore } from "../connect/credentials";
import type { BoxId } from "./box";
import { SecretNames } from "./secretNames";

export interface RunSecret {
  name: string;
  /** null: for every box. */
  box: BoxId | null;
}

const PREFIX = "secret:";
const EVERY_BOX = "*";
/** A keyring that asks for its own password must not keep a window from its boxes for ever. */
const READ_MS = 10_000;
/** Nor must every request wait for it again. */
const AGAIN_MS = 30_000;

/** What a person wants where secrets of a launch cannot be read. */
export type WithoutSecrets = (sentence: string) => Promise<"again" | "without">;

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
  private readonly unreadableEmitter = new Emitter<string>();
  /** Under way, or done; null before, and after it failed. */
  private reading: Promise<void> | null = null;
  private failure: { why: string; at: number } | null = null;
  private current: Mask = maskOf([]);
  readonly onChange = this.changeEmitter.event;
  /** A sentence for people, once until the storage was read again, and only where secrets may be kept there. */
  readonly onUnreadable = this.unreadableEmitter.event;

  constructor(
    private readonly store: SecretStore | null,
    private readonly logger: Logger,
    private readonly names: SecretNames = new SecretNames(null, logger),
  ) {
    // What another window keeps is masked here too. Our own writes come back the same way, and change nothing.
    store?.onChange?.((key) => {
      if ((this.reading ?? this.failure) && key.startsWith(PREFIX)) void this.reload();
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

  /** The same for a copy on a disk. Throws where some are kept and cannot be read: what was copied is masked by nobody later. */
  async knownForCopy(): Promise<string[]> {
    await this.readAgain();
    const missing = this.failure ? (this.names.read() ?? []).filter((key) => !this.values.has(key)) : [];
    if (!this.failure || missing.length === 0) return this.known();
    const names = [...new Set(missing.flatMap((key) => secretOf(key)?.name ?? []))].join(", ");
    throw new RunsideError(
      "usage",
      `Nothing was copied: ${names} would not be masked in the copy, because the editor's secret storage could not be read (${this.failure.why}). Unlock this machine's keyring, then try again.`,
    );
  }

  /** Resolves when the storage was read, or would not answer: then it is asked again after a while. Never rejects. */
  async ready(): Promise<void> {
    if (this.failure && Date.now() - this.failure.at < AGAIN_MS) return;
    await (this.reading ?? this.read());
  }

  /** Another window changed the storage, or somebody unlocked it. */
  async reload(): Promise<void> {
    await this.read();
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
    this.names.keep([...(this.names.read() ?? []), keyOf(secret)]);
    this.changed();
  }

  async delete(secret: RunSecret): Promise<void> {
    await this.store?.delete(keyOf(secret));
    this.put(keyOf(secret), null);
    this.names.keep((this.names.read() ?? []).filter((key) => key !== keyOf(secret)));
    this.changed();
  }

  /**
   * What a launch on this box is given: those for every box, then the box's own. Where some are kept and cannot be read, `without` is
   * asked; throws `run/launch-failed` where nobody can be.
   */
  async forLaunch(box: BoxId, without?: WithoutSecrets): Promise<Record<string, string>> {
    for (;;) {
      await this.readAgain();
      const missing = this.failure ? this.missingFor(box) : [];
      if (!this.failure || missing.length === 0) return this.valuesFor(box);
      const sentence = `${missing.join(", ")} would be missing: the editor's secret storage could not be read (${this.failure.why}).`;
      if (!without) throw launchFailed(`${sentence} Unlock this machine's keyring, then launch again.`);
      if ((await without(sentence)) === "without") return this.valuesFor(box);
    }
  }

  /** Names of what a launch on this box would be given, or should be. */
  async namesFor(box: BoxId): Promise<string[]> {
    await this.ready();
    const missing = this.failure ? this.missingFor(box) : [];
    return [...new Set([...Object.keys(this.valuesFor(box)), ...missing])].sort();
  }

  private valuesFor(box: BoxId): Record<string, string> {
    const given: Record<string, string> = {};
    for (const owner of [null, box]) {
      for (const [key, value] of this.values) {
        const secret = secretOf(key);
        if (secret?.box === owner) given[secret.name] = value;
      }
    }
    return given;
  }

  private missingFor(box: BoxId): string[] {
    const lacking = (this.names.read() ?? [])
      .filter((key) => !this.values.has(key))
      .flatMap((key) => secretOf(key) ?? []);
    return [...new Set(lacking.filter((each) => each.box === null || each.box === box).map(({ name }) => name))];
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

  /** What is decided for long is worth another look at the storage. */
  private async readAgain(): Promise<void> {
    await (this.failure ? (this.reading ?? this.read()) : this.ready());
  }

  private read(): Promise<void> {
    const reading: Promise<void> = this.readAll().then((why) => {
      // Another one began meanwhile, and knows better.
      if (this.reading !== reading) return;
      const before = this.failure;
      this.failure = why === null ? null : { why, at: Date.now() };
      if (why === null) return;
      this.reading = null;
      const kept = this.names.read();
      if (before || kept?.length === 0) return;
      const what = kept ? "the secrets kept there" : "secrets that are kept there";
      this.unreadableEmitter.fire(
        `The editor's secret storage could not be read (${why}): until it can be, runs get none of ${what}, and what boxes print of them is not masked. Unlock this machine's keyring, then try again.`,
      );
    });
    this.reading = reading;
    return reading;
  }

  /** Why it could not be read, or null. */
  private async readAll(): Promise<string | null> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, fail) => {
      timer = setTimeout(() => fail(new Error("it did not answer")), READ_MS).unref();
    });
    late.catch(() => undefined);
    try {
      const keys = (await Promise.race([this.store?.keys(), late])) ?? [];
      for (const key of this.values.keys()) if (!keys.includes(key)) this.put(key, null);
      const ours = keys.filter((each) => secretOf(each) !== null);
      if (this.store) this.names.keep(ours);
      for (const key of ours) {
        const value = await Promise.race([this.store?.get(key), late]);
        this.put(key, value ?? null);
      }
      return null;
    } catch (error) {
      this.logger.log("warn", "launch", "the secret storage could not be read; no secret reaches a run", String(error));
      return messageOf(error);
    } finally {
      clearTimeout(timer);
      this.changed();
    }
  }
}
