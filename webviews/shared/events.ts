// What elements say upwards. One map, so that a misspelt event or a wrong detail does not compile.
import type { Range } from "./curveRange";
import type { ViewState } from "./viewState";

export type HostAction =
  | { kind: "stop" | "restart" | "runAgain" | "openConfig" | "openLog" | "retry" }
  | { kind: "copy" | "tryDialect"; text: string };

export interface ViewEvents {
  /** A point of a curve was chosen: show this step's rollouts. */
  "step-selected": { step: number };
  /** A choice worth keeping over a reload. */
  "view-state": Partial<ViewState>;
  /** What only the host can do. */
  "host-action": HostAction;
  /** The pointer or the arrow keys stand on this step in one chart; the others follow. */
  "cursor-moved": { step: number | null };
  /** All charts of this axis show these steps alone; null: all there are. */
  "range-chosen": { range: Range | null };
  "item-selected": { id: string | null };
  /** The text to try a dialect on. */
  "text-typed": { text: string };
  /** Show this place of the file that declares dialects; both from 1. */
  "place-wanted": { line: number; column: number };
  "show-curve": { key: string; shown: boolean };
}

export function fire<K extends keyof ViewEvents>(from: EventTarget, name: K, detail: ViewEvents[K]): void {
  from.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
}

export type ViewEvent<K extends keyof ViewEvents> = CustomEvent<ViewEvents[K]>;
