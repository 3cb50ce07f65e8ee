// The one place that knows acquireVsCodeApi: postMessage as a Peer, and the editor's keeping of the view's state.
import type { Message } from "vscode-jsonrpc";
import { toDisposable, type Disposable } from "../../core/base/disposable";
import { PortReader, PortWriter } from "../../core/rpc/memory";
import { Peer } from "../../core/rpc/peer";

/** What a view needs from whatever page it lives in: the editor, a test, or a plain page. */
export interface Host extends Disposable {
  peer: Peer;
  getState(): unknown;
  setState(state: unknown): void;
}

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

/** Call once: the editor hands its API out a single time. */
export function connectHost(): Host {
  const api = acquireVsCodeApi();
  const reader = new PortReader();
  const onMessage = (event: MessageEvent<unknown>): void => {
    if (isRpc(event.data)) reader.deliver(event.data);
  };
  window.addEventListener("message", onMessage);
  const unlisten = toDisposable(() => window.removeEventListener("message", onMessage));
  const peer = new Peer(reader, new PortWriter((message) => api.postMessage(message)));
  return {
    peer,
    getState: () => api.getState(),
    setState: (state) => api.setState(state),
    dispose: () => {
      unlisten.dispose();
      peer.dispose();
    },
  };
}

/** Other scripts of the editor post to this window too. */
function isRpc(data: unknown): data is Message {
  return typeof data === "object" && data !== null && (data as { jsonrpc?: unknown }).jsonrpc === "2.0";
}
