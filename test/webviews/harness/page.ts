// Runs in the browser before the view's own script: plays the editor (API, theme) and the host, over data in memory.
import "../../../webviews/run/quiet";
import "vscode-jsonrpc/browser";
import type { Message } from "vscode-jsonrpc";
import { PortReader, PortWriter } from "../../../core/rpc/memory";
import { Peer } from "../../../core/rpc/peer";
import type { RunDelta } from "../../../core/model/runState";
import { view } from "../../../core/protocol/view";
import { makeSums, makeVariant } from "./data";
import { makeScript, serveScript, type Script } from "./scriptedHost";
import { themes } from "./themes";

declare global {
  interface Window {
    acquireVsCodeApi: () => unknown;
    harness: {
      script: Script;
      state: unknown;
      violations: string[];
      setTheme: (name: string) => void;
      emit: (delta: RunDelta) => void;
      showStep: (step: number) => void;
      setLink: (state: "connected" | "lost", since: number) => void;
    };
  }
}

const violations: string[] = [];
document.addEventListener("securitypolicyviolation", (e) =>
  violations.push(`${e.violatedDirective} ${e.blockedURI} ${e.sample}`),
);

const reader = new PortReader();
const peer = new Peer(reader, new PortWriter((message) => setTimeout(() => window.postMessage(message, "*"))));
const query = new URLSearchParams(location.search);
const sums = query.get("rollouts") === "sums" ? { rollouts: makeSums() } : {};
const script = makeScript({ picture, state: makeVariant(query.get("variant")), ...sums });
const { emit } = serveScript(peer, script);
peer.listen();

let state: unknown = JSON.parse(query.get("state") ?? "null");
window.acquireVsCodeApi = () => ({
  // Copied, as the real one does.
  postMessage: (message: Message) => reader.deliver(JSON.parse(JSON.stringify(message)) as Message),
  getState: () => state,
  setState: (next: unknown) => {
    window.harness.state = state = structuredClone(next);
  },
});

function setTheme(name: string): void {
  const theme = themes[name];
  if (!theme) return;
  document.body.className = theme.kind;
  for (const [key, value] of Object.entries(theme.variables))
    document.documentElement.style.setProperty(`--vscode-${key}`, value);
}

/** The login screen, drawn: a form with two fields, a button and a decoy. */
function picture(path: string): string {
  const at = Number(/(\d)\.png$/.exec(path)?.[1] ?? 0);
  const canvas = document.createElement("canvas");
  canvas.width = 800;
  canvas.height = 600;
  const c = canvas.getContext("2d")!;
  c.fillStyle = "#eef1f5";
  c.fillRect(0, 0, 800, 600);
  c.fillStyle = "#fff";
  c.fillRect(160, 90, 440, 400);
  c.fillStyle = "#223";
  c.font = "22px sans-serif";
  c.fillText("Sign in to Meadow", 290, 140);
  c.font = "15px sans-serif";
  c.fillText("User name", 192, 174);
  c.fillText("Password", 192, 270);
  c.strokeStyle = "#889";
  [180, 276].forEach((y, i) => {
    c.lineWidth = at === i + 1 ? 3 : 1;
    c.strokeRect(192, y, 360, 42);
  });
  if (at > 0) c.fillText("mira0", 204, 207);
  if (at > 1) c.fillText("•••••••", 204, 303);
  c.fillStyle = "#2460c8";
  c.fillRect(280, 378, 144, 48);
  c.fillStyle = "#fff";
  c.fillText("Login", 332, 408);
  c.strokeRect(440, 384, 90, 36);
  c.fillStyle = "#223";
  c.fillText("Help", 468, 408);
  return canvas.toDataURL("image/png").split(",")[1] ?? "";
}

window.harness = {
  script,
  state,
  violations,
  setTheme,
  emit,
  showStep: (step) => peer.emit(view.showStep, { step }),
  setLink: (link, since) => peer.emit(view.link, { state: link, since, message: null }),
};
setTheme(query.get("theme") ?? "dark");
