// Every service of the host, once, in order. Knows no editor: the extension, `npm start -- --headless` and tests build it alike.
import { dirname, join } from "node:path";
import { Credentials } from "./connect/credentials";
import { listHosts } from "./connect/sshConfigFile";
import type { Platform } from "./platform";
import { createBoxLink } from "./runs/boxLink";
import { Boxes } from "./runs/boxes";
import { LastSeen } from "./runs/lastSeen";
import { RunSecrets } from "./runs/runSecrets";
import { SecretNames } from "./runs/secretNames";

export interface App {
  boxes: Boxes;
  /** Passwords and passphrases of this window. */
  credentials: Credentials;
  /** What launches are given and what is masked. */
  secrets: RunSecrets;
  /** Ends every connection; runs go on. */
  close(): Promise<void>;
}

export function createApp(platform: Platform): App {
  const credentials = new Credentials(platform.secrets);
  // Beside what is remembered of boxes, which is thinned out by age.
  const names = platform.memoryFolder === null ? null : join(dirname(platform.memoryFolder), "secret-names.json");
  const secrets = new RunSecrets(platform.secrets, platform.logger, new SecretNames(names, platform.logger));
  const boxes = new Boxes({
    listHosts: async () => {
      const file = platform.settings()["ssh.configFile"];
      try {
        return await listHosts(file === "" ? null : file);
      } catch (error) {
        platform.logger.log("warn", "connect", "the SSH config could not be read", String(error));
        return [];
      }
    },
    localEnabled: () => platform.settings()["local.enabled"],
    connect: (id, seenAt) => createBoxLink(id, platform, { credentials, secrets, seenAt }),
    lastSeen: new LastSeen(platform.memoryFolder, platform.logger),
  });
  return { boxes, credentials, secrets, close: () => boxes.close() };
}
