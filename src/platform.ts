// What the host's services need from an editor. src/ui implements it over VS Code; tests with FakePlatform.
import type { Event } from "../core/base/emitter";
import type { Logger } from "../core/base/logger";
import type { SecretStore } from "./connect/credentials";
import type { ConnectPrompts } from "./connect/prompts";
import type { Settings } from "./settings";

export interface Platform {
  /** The folder the extension lies in. */
  extensionFolder: string;
  /** For what can be fetched again, such as the Node.js that boxes are given. */
  cacheFolder: string;
  /** For what the next window is to know of the boxes; null where nothing is kept. */
  memoryFolder: string | null;
  settings(): Settings;
  onSettings: Event<void>;
  /** False in a workspace the user has not trusted: then nothing connects over SSH and nothing is launched. */
  isTrusted(): boolean;
  prompts: ConnectPrompts;
  /** null where nothing can be kept: then everything is asked again in the next window. */
  secrets: SecretStore | null;
  logger: Logger;
}
