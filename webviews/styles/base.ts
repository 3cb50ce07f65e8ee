// What every element's stylesheet begins with. Constructed sheets, so the page's policy needs no unsafe-inline.
import { css } from "lit";

export const base = css`
  :host {
    display: block;
    box-sizing: border-box;
    min-width: 0;
  }
  :host([hidden]) {
    display: none;
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  h1,
  h2,
  h3,
  p,
  ul,
  ol,
  dl,
  dd,
  figure,
  pre {
    margin: 0;
    padding: 0;
  }
  ul,
  ol {
    list-style: none;
  }
  h2,
  h3 {
    font-size: inherit;
    font-weight: 600;
  }
  .muted {
    color: var(--rs-muted);
  }
  .small {
    font-size: var(--rs-small);
  }
  .num {
    font-variant-numeric: tabular-nums;
  }
  .mono {
    font-family: var(--rs-mono);
    font-size: var(--rs-mono-size);
  }
  .clip {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    min-width: 0;
  }
  .row {
    display: flex;
    align-items: center;
    gap: var(--rs-gap);
  }
  .wrap {
    flex-wrap: wrap;
  }
  .grow {
    flex: 1 1 0;
    min-width: 0;
  }
  .sr {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  svg.icon {
    width: 16px;
    height: 16px;
    flex: none;
    fill: none;
    stroke: currentColor;
    stroke-width: 1.4;
    stroke-linecap: round;
    stroke-linejoin: round;
    vertical-align: -3px;
  }
  :focus-visible {
    outline: 1px solid var(--vscode-focusBorder);
    outline-offset: 1px;
  }
  /* Quiet controls of our own, where the toolkit's button would shout: icon buttons, chips, links in text. */
  button.quiet,
  button.link,
  button.chip {
    font: inherit;
    color: inherit;
    background: none;
    border: 1px solid transparent;
    cursor: pointer;
    padding: 2px 4px;
    border-radius: 4px;
  }
  button.quiet:hover:not(:disabled) {
    background: var(--vscode-toolbar-hoverBackground);
    outline: 1px dashed var(--vscode-contrastActiveBorder, transparent);
  }
  button.quiet[aria-pressed="true"] {
    color: var(--vscode-inputOption-activeForeground, inherit);
    background: var(--vscode-inputOption-activeBackground, transparent);
    border-color: var(--vscode-inputOption-activeBorder, currentColor);
  }
  button:disabled {
    opacity: 0.5;
    cursor: default;
  }
  button.link {
    color: var(--vscode-textLink-foreground);
    padding: 0;
  }
  button.link:hover {
    text-decoration: underline;
  }
  .chip {
    display: inline-flex;
    align-items: center;
    gap: 4px;
    padding: 0 6px;
    min-height: 20px;
    border-radius: 10px;
    font-size: var(--rs-small);
    color: var(--vscode-badge-foreground);
    background: var(--vscode-badge-background);
    border: 1px solid var(--vscode-contrastBorder, transparent);
  }
  .chip.plain,
  button.chip.plain {
    color: inherit;
    background: none;
    border: 1px solid var(--rs-line);
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      animation: none !important;
      transition: none !important;
      scroll-behavior: auto !important;
    }
  }
`;
