// The agent's wiring: stdin and stdout, a peer, the handlers. It lives as long as its channel and keeps nothing that matters.
import { StreamMessageReader } from "vscode-jsonrpc/node";
import { Scope } from "../core/base/disposable";
import { agent } from "../core/protocol/agent";
import { protocolVersion } from "../core/protocol/catalogue";
import { episodes } from "../core/protocol/episodes";
import { evaluations } from "../core/protocol/evaluations";
import { files } from "../core/protocol/files";
import { gpus } from "../core/protocol/gpus";
import { keeping } from "../core/protocol/keeping";
import { lenses } from "../core/protocol/lenses";
import { rollouts } from "../core/protocol/rollouts";
import { runs } from "../core/protocol/runs";
import { series } from "../core/protocol/series";
import { snapshots } from "../core/protocol/snapshots";
import { store as storeArea } from "../core/protocol/store";
import { Peer } from "../core/rpc/peer";
import { SingleWriteMessageWriter } from "../core/rpc/streamWriter";
import { GpuSampler } from "./box/gpuSampler";
import { Home } from "./disk/home";
import { removeOldVersions } from "./disk/oldVersions";
import { SnapshotStore } from "./disk/snapshotStore";
import { agentHandlers } from "./handlers/agentHandlers";
import { episodeHandlers, evaluationHandlers, rolloutHandlers, seriesHandlers } from "./handlers/dataHandlers";
import { fileHandlers } from "./handlers/fileHandlers";
import { gpuHandlers } from "./handlers/gpuHandlers";
import { keepingHandlers } from "./handlers/keepingHandlers";
import { lensHandlers } from "./handlers/lensHandlers";
import { runHandlers } from "./handlers/runHandlers";
import { snapshotHandlers } from "./handlers/snapshotHandlers";
import { storeHandlers } from "./handlers/storeHandlers";
import { RunDirectory } from "./index/runDirectory";
import { Targets } from "./index/targets";
import { LensJudge } from "./judge/lensJudge";
import { chooseLocks } from "./queue/locksFolder";
import { stderrLogger } from "./stderrLogger";

/** Bytes that may wait to leave before deltas are held back: a slow link gets fewer, larger ones. */
const MOST_WAITING = 256 * 1024;

/**
 * Resolves when the channel has closed. Says it is ready with the starter's token: login shells greet people. `locks`: the folder
 * of GPU locks that the starter's settings name.
 */
export async function serve(token: string, locks: string | null = null): Promise<void> {
  // Whoever reads our log may go before we do.
  process.stderr.on("error", () => undefined);
  const home = new Home();
  home.ensure();
  if (locks !== null) for (const words of chooseLocks(home, locks)) stderrLogger.log("warn", "agent", words);
  const scope = new Scope("agent", (error) => stderrLogger.log("error", "agent", String(error)));
  const sampler = scope.add(new GpuSampler(home));
  const targets = scope.add(new Targets(home, (run) => sampler.activityOf(run)));
  const store = scope.add(new SnapshotStore(home));
  const directory = scope.add(new RunDirectory(home, targets));
  process.stdout.write(`runside-agent-ready ${token} ${protocolVersion}\n`);
  const reader = new StreamMessageReader(process.stdin);
  const writer = new SingleWriteMessageWriter({ write: (bytes, done) => void process.stdout.write(bytes, done) });
  const peer = scope.add(new Peer(reader, writer, stderrLogger));
  peer.serve(agent, agentHandlers(home));
  const isBusy = (): boolean => process.stdout.writableLength > MOST_WAITING;
  peer.serve(runs, runHandlers({ peer, scope, home, targets, directory, isBusy }));
  peer.serve(snapshots, snapshotHandlers(store));
  peer.serve(series, seriesHandlers(targets));
  peer.serve(rollouts, rolloutHandlers(targets));
  peer.serve(episodes, episodeHandlers(targets));
  peer.serve(evaluations, evaluationHandlers(targets));
  peer.serve(files, fileHandlers(targets));
  peer.serve(keeping, keepingHandlers(home));
  peer.serve(lenses, lensHandlers(targets, scope.add(new LensJudge())));
  peer.serve(gpus, gpuHandlers(sampler, peer, scope));
  peer.serve(storeArea, storeHandlers(home, [sampler, directory, targets, store]));
  const closed = new Promise<void>((resolve) => {
    peer.onClose(() => resolve());
    process.stdin.once("end", () => resolve());
    process.stdin.once("close", () => resolve());
    // The other side is gone: a write has nowhere to go, and nobody reads an error.
    process.stdout.once("error", () => resolve());
  });
  peer.listen();
  store.sweepDaily().catch((error: unknown) => stderrLogger.log("warn", "agent", `not swept: ${String(error)}`));
  removeOldVersions(home).then(
    (removed) => removed.forEach((path) => stderrLogger.log("info", "agent", `unused for a month, removed: ${path}`)),
    (error: unknown) => stderrLogger.log("warn", "agent", `old versions stay: ${String(error)}`),
  );
  await closed;
  scope.dispose();
}
