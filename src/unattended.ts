// The host's services with nobody at the keyboard: every question is declined, nothing is kept. The headless way, the
// benchmarks and the tests say only what is theirs.
import { Emitter } from "../core/base/emitter";
import type { ConnectPrompts } from "./connect/prompts";
import type { Platform } from "./platform";

const declined = (): Promise<null> => Promise.resolve(null);
const no = (): Promise<false> => Promise.resolve(false);

const nobody: ConnectPrompts = {
  password: declined,
  passphrase: declined,
  answers: declined,
  confirmHostKey: no,
  bringNode: no,
  withProgress: (_title, work) => work(() => undefined, new AbortController().signal),
  keepSecret: no,
};

type Own = Pick<Platform, "extensionFolder" | "cacheFolder" | "settings" | "logger"> & Partial<Platform>;

export const unattended = (own: Own): Platform => ({
  onSettings: new Emitter<void>().event,
  isTrusted: () => true,
  prompts: nobody,
  secrets: null,
  memoryFolder: null,
  ...own,
});
