// What a person gave: in this window's memory, so that a reconnect does not ask again, and in the editor's secret storage
// where they said so, and the host keys they accepted that no file could hold. One-time codes are never in it.
import type { Event } from "../../core/base/emitter";
import type { ConnectPrompts } from "./prompts";

/** The editor's secret storage. */
export interface SecretStore {
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string): Promise<void>;
  delete(key: string): Promise<void>;
  keys(): Promise<string[]>;
  /** The key that another window, or this one, wrote. */
  onChange?: Event<string>;
}

export type SecretKind = "password" | "passphrase";

const prefixes: readonly string[] = ["password:", "passphrase:"] satisfies `${SecretKind}:`[];

interface Given {
  value: string;
  /** Whether it came from the secret storage, or the person has been asked about keeping it. */
  settled: boolean;
}

export class Credentials {
  private readonly held = new Map<string, Given>();
  /** By their names in known_hosts. */
  readonly hostKeys = new Map<string, Buffer>();

  constructor(private readonly store: SecretStore | null = null) {}

  /** `name` is `user@host:port` for a password, the key's path for a passphrase. */
  async recall(kind: SecretKind, name: string): Promise<string | null> {
    const key = `${kind}:${name}`;
    const held = this.held.get(key);
    if (held) return held.value;
    // A locked keyring is no reason not to connect: then the person is asked.
    const saved = await this.store?.get(key).catch(() => undefined);
    if (saved === undefined) return null;
    this.held.set(key, { value: saved, settled: true });
    return saved;
  }

  /** Only after the box, or the key, has taken it. */
  accept(kind: SecretKind, name: string, value: string): void {
    const key = `${kind}:${name}`;
    if (this.held.get(key)?.value !== value) this.held.set(key, { value, settled: this.store === null });
  }

  /** It was refused: it is not offered again, now or tomorrow. */
  async forget(kind: SecretKind, name: string): Promise<void> {
    const key = `${kind}:${name}`;
    this.held.delete(key);
    await this.store?.delete(key).catch(() => undefined);
  }

  /** Every password and passphrase, in memory and saved; returns how many were saved. Other secrets stay. */
  async forgetAll(): Promise<number> {
    this.held.clear();
    const keys = (await this.store?.keys()) ?? [];
    const ours = keys.filter((key) => prefixes.some((prefix) => key.startsWith(prefix)));
    for (const key of ours) await this.store?.delete(key);
    return ours.length;
  }

  /** After a login that succeeded: asks once per secret whether it may be kept. Never rejects. */
  async offerToKeep(prompts: ConnectPrompts | null): Promise<void> {
    for (const [key, given] of this.held) {
      if (given.settled || !prompts || !this.store) continue;
      given.settled = true;
      const at = key.indexOf(":");
      const keep = await prompts.keepSecret(key.slice(0, at) as SecretKind, key.slice(at + 1)).catch(() => false);
      // It may have been refused or forgotten while the question stood open.
      if (keep && this.held.get(key) === given) await this.store.set(key, given.value).catch(() => undefined);
    }
  }
}
