// A box's connection made when it is first needed, and kept from then on.
import { readFileSync } from "node:fs";
import path from "node:path";
import { Scope } from "../../core/base/disposable";
import { Emitter } from "../../core/base/emitter";
import { untrusted } from "../../core/base/errors";
import type { Peer } from "../../core/rpc/peer";
import { agentFile } from "../connect/agentInstall";
import { connectBox } from "../connect/boxes";
import type { Credentials } from "../connect/credentials";
import type { Connection } from "../connect/connection";
import type { Platform } from "../platform";
import { localBox, type BoxId, type BoxLink, type LinkStatus } from "./box";

export function createBoxLink(id: BoxId, platform: Platform, credentials: Credentials): BoxLink {
  const scope = new Scope(`link ${id}`);
  const statusEmitter = scope.add(new Emitter<LinkStatus>());
  const peerEmitter = scope.add(new Emitter<Peer>());
  let status: LinkStatus = { state: "idle", since: Date.now(), message: null };
  let current: Peer | null = null;
  let connection: Connection | null = null;

  const mayConnect = (): boolean => id === localBox || platform.isTrusted();
  const begin = (): Connection => {
    if (connection) return connection;
    const made = open(id, platform, credentials);
    connection = made;
    const take = (): void => {
      const { state, since, message, error } = made.state;
      if (state !== "connected") current = null;
      status = { state: state === "closed" ? "idle" : state, since, message: error?.message ?? message };
      statusEmitter.fire(status);
    };
    scope.add(
      made.onPeer((peer) => {
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
    peer: (signal) => (mayConnect() ? begin().peer(signal) : Promise.reject(untrusted(id))),
    retry: () => {
      if (mayConnect()) begin().retry();
    },
    check: () => void connection?.check(),
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
  const shared = { agent, remoteHome: null, prompts: platform.prompts, logger: platform.logger };
  if (id === localBox) {
    const store = settings["local.store"];
    return connectBox({
      ...shared,
      target: { kind: "local" },
      env: store === "" ? process.env : { ...process.env, RUNSIDE_HOME: store },
    });
  }
  const configFile = settings["ssh.configFile"];
  return connectBox({
    ...shared,
    credentials,
    transport: settings.transport,
    target: { kind: "ssh", alias: id, config: { configFile: configFile === "" ? null : configFile } },
  });
}
