// The editor's secret storage, with a list of its own of what was put in: the storage itself cannot always tell.
import type * as vscode from "vscode";
import { Emitter } from "../../core/base/emitter";
import type { Scope } from "../../core/base/disposable";
import * as z from "zod/mini";
import type { SecretStore } from "../connect/credentials";

const INDEX = "runside.saved";
const index = z.array(z.string());

export function secretStore(storage: vscode.SecretStorage, scope: Scope): SecretStore {
  const changed = scope.add(new Emitter<string>());
  scope.add(storage.onDidChange(({ key }) => changed.fire(key.replace(/^runside\./, ""))));
  let writing: Promise<unknown> = Promise.resolve();
  const keys = async (): Promise<string[]> => {
    const text = await storage.get(INDEX);
    try {
      const parsed = index.safeParse(JSON.parse(text ?? "[]"));
      return parsed.success ? parsed.data : [];
    } catch {
      return [];
    }
  };
  /** One after the other: two at once would each write a list without the other's key. */
  const change = (act: (keys: Set<string>) => Promise<void>): Promise<void> => {
    const done = writing.then(async () => {
      const held = new Set(await keys());
      await act(held);
      await storage.store(INDEX, JSON.stringify([...held]));
    });
    writing = done.catch(() => undefined);
    return done;
  };
  return {
    get: async (key) => await storage.get(`runside.${key}`),
    // Listed first: a secret that no list names could never be forgotten.
    set: async (key, value) => {
      await change((held) => Promise.resolve(void held.add(key)));
      await storage.store(`runside.${key}`, value);
    },
    delete: (key) =>
      change(async (held) => {
        await storage.delete(`runside.${key}`);
        held.delete(key);
      }),
    keys,
    onChange: changed.event,
  };
}
