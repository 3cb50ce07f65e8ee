// A box's connection made when it is first needed, and kept from then on.
import { readFileSync } from "node:fs";
import path from "node:path";
import { Scope } from "../../core/base/disposable";
import { Emitter } from "../../core/base/emitter";
import { untrusted, untrustedAct } from "../../core/base/errors";
import type { Logger } from "../../core/base/logger";
import { runs } from "../../core/protocol/runs";
import { snapshots } from "../../core/protocol/snapshots";
import type { Peer } from "../../core/rpc/peer";
import { agentFile } from "../connect/agentInstall";
import { connectBox } from "../connect/boxes";
import type { Credentials } from "../connect/credentials";
import type { Connection } from "../connect/connection";
import type { Platform } from "../platform";
import type { RunSecrets } from "./runSecrets";
import { localBox, type BoxId, type BoxLink, type LinkStatus } from "./box";

/** What a launch is made of again: stars in it would be run. Never relayed to a view. */
const sentBack = new Set<string>([runs.spec.method, snapshots.text.method, snapshots.list.method]);

export interface KeptByWindow {
  credentials: Credentials;
  secrets: RunSecrets;
  /** When an earlier window saw the box last. */
  seenAt: number | null;
}

export function createBoxLink(id: BoxId, platform: Platform, kept: KeptByWindow): BoxLink {
  const { credentials, secrets } = kept;
  const scope = new Scope(`link ${id}`);
  const statusEmitter = scope.add(new Emitter<LinkStatus>());
  const peerEmitter = scope.add(new Emitter<Peer>());
  let status: LinkStatus = { state: "idle", since: Date.now(), seenAt: kept.seenAt, message: null };
  let current: Peer | null = null;
  let connection: Connection | null = null;

  const mayConnect = (): boolean => id === localBox || platform.isTrusted();
  const begin = (): Connection => {
    if (connection) return connection;
    const made = open(id, maskedPlatform(platform, secrets), credentials);
    connection = made;
    const take = (): void => {
      if (connection !== made) return;
      const { state, since, message, error } = made.state;
      if (state !== "connected") current = null;
      const seenAt = state === "connected" ? null : status.state === "connected" ? Date.now() : status.seenAt;
      status = { state: state === "closed" ? "idle" : state, since, seenAt, message: error?.message ?? message };
      statusEmitter.fire(status);
    };
    scope.add(
      made.onPeer((peer) => {
        if (connection !== made) return;
        peer.arriving = {
          text: (text) => secrets.mask.text(text),
          value: (value, method) => (sentBack.has(method) ? value : secrets.mask.value(value)),
        };
        peer.beforeAct = () => {
          if (!platform.isTrusted()) throw untrustedAct(made.label);
        };
        current = peer;
        peerEmitter.fire(peer);
      }),
    );
    scope.add(made.onState(take));
    take();
    return made;
  };

  return {
    get status() {
      return status;
    },
    get current() {
      return current;
    },
    onStatus: statusEmitter.event,
    onPeer: peerEmitter.event,
    peer: async (signal) => {
      if (!mayConnect()) throw untrusted(id);
      // Nothing is asked of a box before it is known what must not be shown of its answers.
      await secrets.ready();
      return begin().peer(signal);
    },
    retry: () => {
      if (mayConnect()) void secrets.ready().then(() => begin().retry());
    },
    check: () => void connection?.check(),
    disconnect: async (why) => {
      const ending = connection;
      connection = null;
      current = null;
      status = { state: "idle", since: Date.now(), seenAt: null, message: why };
      statusEmitter.fire(status);
      await ending?.close();
    },
    close: async () => {
      await connection?.close();
      scope.dispose();
    },
    dispose: () => {
      void connection?.close();
      scope.dispose();
    },
  };
}

function open(id: BoxId, platform: Platform, credentials: Credentials): Connection {
  const settings = platform.settings();
  const agent = agentFile(readFileSync(path.join(platform.extensionFolder, "dist", "agent.js")));
  const supply = { cache: platform.cacheFolder, source: settings["node.source"] };
  const locksFolder = settings.locksFolder[id] ?? settings.locksFolder["*"] ?? null;
  const shared = { agent, locksFolder, supply, prompts: platform.prompts, logger: platform.logger };
  if (id === localBox) {
    const store = settings["local.store"];
    return connectBox({
      ...shared,
      remoteHome: null,
      target: { kind: "local" },
      env: {
        ...process.env,
        ...(store === "" ? {} : { RUNSIDE_HOME: store }),
        // What lies here may be the workspace that nobody trusts: its patterns are not run.
        ...(platform.isTrusted() ? {} : { RUNSIDE_OWN_DIALECTS: "0" }),
      },
    });
  }
  const configFile = settings["ssh.configFile"];
  return connectBox({
    ...shared,
    remoteHome: settings.remoteDir[id] ?? settings.remoteDir["*"] ?? null,
    credentials,
    transport: settings.transport,
    target: { kind: "ssh", alias: id, config: { configFile: configFile === "" ? null : configFile } },
  });
}

/** What a crashing agent prints may hold what a training was given. */
function maskedPlatform(platform: Platform, secrets: RunSecrets): Platform {
  const logger: Logger = {
    log: (level, tag, message, detail) =>
      platform.logger.log(level, tag, secrets.mask.text(message), secrets.mask.value(detail)),
  };
  return { ...platform, logger };
}
