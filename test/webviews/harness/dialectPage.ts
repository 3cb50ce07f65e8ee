// Runs in the browser before the try-out's own script: plays the editor and the host, which reads with the real dialects.
import "../../../webviews/run/quiet";
import "vscode-jsonrpc/browser";
import type { Message } from "vscode-jsonrpc";
import { readTexts } from "../../../core/actions/reading";
import { parseUserDialects } from "../../../core/actions/userDialects";
import { dialects, type Declared } from "../../../core/protocol/dialects";
import { PortReader, PortWriter } from "../../../core/rpc/memory";
import { Peer } from "../../../core/rpc/peer";
import { themes } from "./themes";

declare global {
  interface Window {
    tryOut: {
      state: unknown;
      violations: string[];
      revealed: unknown[];
      /** The most questions that were under way together. */
      atOnce: number;
      declare: (yaml: string, trusted?: boolean) => void;
      show: (text: string | null, dialect: string | null) => void;
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
let yaml = `dialects:
  - id: meadow
    title: Meadow taps
    patterns:
      - { kind: click, pattern: 'tap (?<x>\\d+) (?<y>\\d+)', frame: n1000 }
      - { kind: type, pattern: 'write "(?<text>[^"]*)"' }
    thought: 'because (.*)'
`;
let trusted = true;
let underWay = 0;

const declared = (): Declared => ({
  path: ".runside/dialects.yaml",
  problems: parseUserDialects(yaml).problems.map(({ severity, line, column, message }) => ({
    severity,
    line,
    column,
    message,
  })),
  restricted: trusted ? null : "This workspace is not trusted, so the patterns it declares are not run.",
});

peer.serve(dialects, {
  ready: () => ({ text: null, dialect: null, declared: declared(), file: "file:///meadow/.runside/dialects.yaml" }),
  try: async ({ text, ...choice }) => {
    window.tryOut.atOnce = Math.max(window.tryOut.atOnce, ++underWay);
    await new Promise((resolve) => setTimeout(resolve, 20));
    underWay--;
    const { reading, parsed } = readTexts([{ text }], choice, trusted ? parseUserDialects(yaml).dialects : []);
    return { reading, parsed: parsed[0] ?? null };
  },
  reveal: (place) => {
    window.tryOut.revealed.push(place);
    return {};
  },
});
peer.listen();

let state: unknown = JSON.parse(query.get("state") ?? "null");
window.acquireVsCodeApi = () => ({
  postMessage: (message: Message) => reader.deliver(JSON.parse(JSON.stringify(message)) as Message),
  getState: () => state,
  setState: (next: unknown) => {
    window.tryOut.state = state = structuredClone(next);
  },
});

const theme = themes[query.get("theme") ?? "dark"];
if (theme) document.body.className = theme.kind;
for (const [key, value] of Object.entries(theme?.variables ?? {}))
  document.documentElement.style.setProperty(`--vscode-${key}`, value);

window.tryOut = {
  state,
  violations,
  revealed: [],
  atOnce: 0,
  declare: (next, trust = true) => {
    yaml = next;
    trusted = trust;
    peer.emit(dialects.declared, declared());
  },
  show: (text, dialect) => peer.emit(dialects.show, { text, dialect }),
};
