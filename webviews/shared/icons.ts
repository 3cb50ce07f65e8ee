// Line icons drawn here, because the editor's icon font does not reach into a webview. 16 by 16, current colour, decorative.
import { svg, html, type TemplateResult } from "lit";

const shapes = {
  running: svg`<path d="M4.5 3v10l8-5z" fill="currentColor"/>`,
  queued: svg`<circle cx="8" cy="8" r="6"/><path d="M8 4.5V8l2.5 1.5"/>`,
  succeeded: svg`<circle cx="8" cy="8" r="6"/><path d="M5.2 8.2l2 2 3.6-4.2"/>`,
  failed: svg`<circle cx="8" cy="8" r="6"/><path d="M5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4"/>`,
  cancelled: svg`<circle cx="8" cy="8" r="6"/><path d="M4 12l8-8"/>`,
  warning: svg`<path d="M8 2.2l6.3 11.3H1.7z"/><path d="M8 6.3v3.4M8 11.6v.1"/>`,
  folder: svg`<path d="M1.8 12.8V3.2h4.4l1.6 2h6.4v7.6z"/>`,
  stop: svg`<rect x="4" y="4" width="8" height="8" fill="currentColor"/>`,
  file: svg`<path d="M3.5 1.8h6l3 3v9.4h-9z"/><path d="M9.3 2v3.2h3"/>`,
  log: svg`<path d="M2.5 3.5h11M2.5 6.5h11M2.5 9.5h7M2.5 12.5h9"/>`,
  plug: svg`<path d="M5.5 2v3M10.5 2v3M4 5h8v2.5a4 4 0 0 1-8 0zM8 11.5V14"/>`,
  close: svg`<path d="M4 4l8 8M12 4l-8 8"/>`,
  left: svg`<path d="M10 3L5 8l5 5"/>`,
  right: svg`<path d="M6 3l5 5-5 5"/>`,
  up: svg`<path d="M3.5 9.5L8 5l4.5 4.5"/>`,
  down: svg`<path d="M3.5 6.5L8 11l4.5-4.5"/>`,
  table: svg`<path d="M2 3h12v10H2zM2 6.3h12M2 9.6h12M7 3v10"/>`,
  logScale: svg`<path d="M3 2v11.5h11M3 4.2h2M3 5.2h1.4M3 6.6h1.4M3 9h2"/><path d="M6 12c3-.4 5.5-3 7-8"/>`,
  hide: svg`<path d="M1.5 8S4 3.8 8 3.8 14.5 8 14.5 8 12 12.2 8 12.2 1.5 8 1.5 8z"/><path d="M3 13L13 3"/>`,
  list: svg`<path d="M5.5 4h8M5.5 8h8M5.5 12h8M2.5 4h.1M2.5 8h.1M2.5 12h.1"/>`,
  copy: svg`<path d="M5.5 5.5h8v8h-8z"/><path d="M10.5 5.300V2.5h-8v8h2.8"/>`,
  refresh: svg`<path d="M13 8a5 5 0 1 1-1.6-3.7M13 2v3h-3"/>`,
  star: svg`<path d="M8 2l1.8 3.900 4.2.5-3.100 2.900.8 4.2L8 11.400l-3.7 2.100.8-4.2L2 6.400l4.2-.5z" fill="currentColor"/>`,
  target: svg`<circle cx="8" cy="8" r="5.5"/><circle cx="8" cy="8" r="1.5" fill="currentColor"/>`,
  cross: svg`<path d="M8 1.5v13M1.5 8h13"/>`,
};

export type IconName = keyof typeof shapes;

export const icon = (name: IconName): TemplateResult =>
  html`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true">${shapes[name]}</svg>`;
