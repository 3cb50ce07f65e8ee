// The editor's colours for what CSS cannot reach: the canvas. Follows theme changes, which the editor makes on html and body.
import { Emitter, type Event } from "../../core/base/emitter";
import type { Disposable } from "../../core/base/disposable";

export interface ChartColours {
  text: string;
  muted: string;
  grid: string;
  background: string;
  accent: string;
  error: string;
  font: string;
  fontSize: number;
  highContrast: boolean;
  blue: string;
  green: string;
  orange: string;
  purple: string;
  yellow: string;
  red: string;
}

export type Hue = "blue" | "green" | "orange" | "purple" | "yellow" | "red";

/** Used where a page gives no variables (a test); a theme always does. */
const fallback: Record<Hue, string> = {
  blue: "#3794ff",
  green: "#89d185",
  orange: "#d18616",
  purple: "#b180d7",
  yellow: "#cca700",
  red: "#f14c4c",
};

export function readColours(): ChartColours {
  const style = getComputedStyle(document.body);
  const read = (name: string, or: string): string => style.getPropertyValue(`--vscode-${name}`).trim() || or;
  const text = read("foreground", style.color || "#888");
  const kinds = document.body.classList;
  const highContrast = kinds.contains("vscode-high-contrast") || kinds.contains("vscode-high-contrast-light");
  // The editor's own chart orange is its minimap's find mark: too dark on dark themes, too pale on light ones.
  const light = kinds.contains("vscode-light") || kinds.contains("vscode-high-contrast-light");
  const hue = (name: Hue): string =>
    name === "orange" ? (light ? "#b35900" : "#e8a04c") : read(`charts-${name}`, fallback[name]);
  return {
    text,
    muted: read("descriptionForeground", text),
    grid: highContrast ? read("contrastBorder", text) : read("charts-lines", "rgba(128,128,128,0.35)"),
    background: read("editor-background", "#fff"),
    accent: read("focusBorder", "#007fd4"),
    error: read("errorForeground", fallback.red),
    font: read("font-family", "sans-serif"),
    fontSize: Math.max(10, (Number.parseFloat(read("font-size", "13")) || 13) - 2),
    highContrast,
    blue: hue("blue"),
    green: hue("green"),
    orange: hue("orange"),
    purple: hue("purple"),
    yellow: hue("yellow"),
    red: hue("red"),
  };
}

export class Theme implements Disposable {
  private held: ChartColours | null = null;
  private readonly emitter = new Emitter<void>();
  private readonly observer = new MutationObserver(() => {
    this.held = null;
    this.emitter.fire();
  });
  readonly onChange: Event<void> = this.emitter.event;

  constructor() {
    const options = { attributes: true, attributeFilter: ["class", "style", "data-vscode-theme-id"] };
    this.observer.observe(document.documentElement, options);
    this.observer.observe(document.body, options);
  }

  get colours(): ChartColours {
    return (this.held ??= readColours());
  }

  dispose(): void {
    this.observer.disconnect();
    this.emitter.dispose();
  }
}

let shared: Theme | null = null;
/** One observer for all charts of the page. */
export const theme = (): Theme => (shared ??= new Theme());
