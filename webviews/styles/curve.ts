// How one chart card looks: its head, its plot, and the cursor that is moved over the canvas.
import { css } from "lit";

export const curveStyle = css`
  :host {
    border: 1px solid var(--rs-line);
    border-radius: 4px;
    padding: 6px 8px 4px;
    display: flex;
    flex-direction: column;
    gap: 2px;
  }
  header {
    display: flex;
    align-items: baseline;
    gap: 6px;
  }
  h3 {
    overflow-wrap: anywhere;
  }
  .value {
    margin-inline-start: auto;
    white-space: nowrap;
  }
  /* Twenty cards of buttons would be louder than the curves: they show where the pointer or the focus is. */
  .tools {
    position: absolute;
    inset: -2px 0 auto auto;
    display: flex;
    background: var(--vscode-editor-background);
    opacity: 0;
  }
  :host(:hover) .tools,
  :host(:focus-within) .tools,
  .tools:has([aria-pressed="true"]) {
    opacity: 1;
  }
  @media (hover: none) {
    .tools {
      opacity: 1;
    }
  }
  .raw {
    display: flex;
    gap: 6px;
    height: 1.4em;
    position: relative;
  }
  .plot {
    position: relative;
    height: 148px;
    cursor: crosshair;
    border-radius: 2px;
  }
  canvas {
    position: absolute;
    inset: 0;
  }
  .cursor {
    position: absolute;
    top: 0;
    left: 0;
    width: 1px;
    pointer-events: none;
    border-inline-start: 1px dashed var(--vscode-foreground);
    opacity: 0.6;
  }
  .dot {
    position: absolute;
    top: -4px;
    left: -4px;
    width: 8px;
    height: 8px;
    border-radius: 50%;
    pointer-events: none;
    background: var(--vscode-foreground);
    border: 1px solid var(--vscode-editor-background);
  }
  .brush {
    position: absolute;
    inset: 0 auto 0 0;
    pointer-events: none;
    background: var(--vscode-editor-selectionBackground);
    border-inline: 1px solid var(--vscode-focusBorder);
    opacity: 0.4;
  }
  .odd {
    color: var(--vscode-errorForeground);
    white-space: nowrap;
  }
`;
