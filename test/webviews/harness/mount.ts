// The run view over a wire in memory, in a page without a browser; frames are painted when a test says so.
import "vscode-jsonrpc/node";
import type { LitElement } from "lit";
import { memoryPair } from "../../../core/rpc/memory";
import { Peer } from "../../../core/rpc/peer";
import type { RunDelta } from "../../../core/model/runState";
import { view } from "../../../core/protocol/view";
import "../../../webviews/elements/rs-run-view";
import type { RsRunView } from "../../../webviews/elements/rs-run-view";
import { mountRunView } from "../../../webviews/run/runApp";
import type { ViewState } from "../../../webviews/shared/viewState";
import { makeScript, serveScript, type Script } from "./scriptedHost";

export interface Mounted {
  element: RsRunView;
  script: Script;
  host: Peer;
  emit: (delta: RunDelta) => void;
  showStep: (step: number) => void;
  saved: () => Partial<ViewState> & { target?: string };
  dispose: () => void;
}

// The stand-in page has one that never reports anything as seen.
Reflect.set(globalThis, "IntersectionObserver", undefined);

export async function mount(patch: Partial<Script> = {}, state: Partial<ViewState> = {}): Promise<Mounted> {
  const [near, far] = memoryPair();
  const script = makeScript(patch);
  const host = new Peer(far.reader, far.writer);
  const { emit } = serveScript(host, script);
  host.listen();
  let saved: unknown = state;
  const element = document.createElement("rs-run-view");
  document.body.append(element);
  const app = mountRunView(
    {
      peer: new Peer(near.reader, near.writer),
      getState: () => saved,
      setState: (next) => {
        saved = structuredClone(next);
      },
      dispose: () => undefined,
    },
    element as RsRunView,
    (paint) => {
      const timer = setTimeout(paint, 0);
      return () => clearTimeout(timer);
    },
  );
  for (let i = 0; i < 400 && !(element as RsRunView).filled && !(element as RsRunView).error; i++) await settle(5);
  await settle();
  return {
    element: element as RsRunView,
    script,
    host,
    emit,
    showStep: (step) => host.emit(view.showStep, { step }),
    saved: () => saved as Partial<ViewState>,
    dispose: () => {
      app.dispose();
      host.dispose();
      element.remove();
    },
  };
}

/** At least `ms`, and until three looks in a row find nothing changed: a busy machine makes this longer, not the test wrong. */
export async function settle(ms = 20): Promise<void> {
  const pause = (time: number): Promise<void> => new Promise((done) => setTimeout(done, time));
  await pause(ms);
  let seen = "";
  for (let same = 0; same < 3;) {
    const now = textOf(document.body);
    same = now === seen ? same + 1 : 0;
    seen = now;
    await pause(8);
  }
}

export function button(root: Element, title: string): HTMLElement {
  const found = all(root, "vscode-button, button").find((b) => b.textContent?.trim() === title);
  if (!found) throw new Error(`there is no button "${title}"`);
  return found;
}

/** Everything with this selector, through every shadow root below. */
export function all<T extends Element = HTMLElement>(root: Element | ShadowRoot, selector: string): T[] {
  const own = [...root.querySelectorAll<T>(selector)];
  const inner = root instanceof Element ? (root as LitElement).shadowRoot : null;
  const below = [...root.querySelectorAll("*")].flatMap((e) => (e.shadowRoot ? all<T>(e.shadowRoot, selector) : []));
  return [...(inner ? all<T>(inner, selector) : []), ...own, ...below];
}

export function one<T extends Element = HTMLElement>(root: Element, selector: string): T {
  const found = all<T>(root, selector)[0];
  if (!found) throw new Error(`nothing matches ${selector}`);
  return found;
}

/** What a reader sees, through every shadow root, in order. */
export function textOf(root: Element | ShadowRoot): string {
  const walk = (node: Node): string => {
    if (node.nodeType === 3) return node.textContent ?? "";
    if (node.nodeType !== 1 && node.nodeType !== 11) return "";
    if (node instanceof Element && (node.tagName === "STYLE" || node.tagName === "SCRIPT")) return "";
    const from = node instanceof Element && node.shadowRoot ? node.shadowRoot : node;
    return [...from.childNodes].map(walk).join("");
  };
  return walk(root).replace(/\s+/g, " ").trim();
}
