// The try-out's page: the file on top, text and reading side by side; one below the other where it is narrow.
import { css } from "lit";

export const tryOut = css`
  :host {
    display: flex;
    flex-direction: column;
    height: 100%;
    container-type: inline-size;
    overflow: auto;
  }
  header {
    flex: none;
    padding: var(--rs-gap) var(--rs-edge) 0;
  }
  .problems {
    max-height: 9em;
    overflow: auto;
    margin-top: 4px;
  }
  .problems .row,
  .diagnostics .row {
    align-items: baseline;
  }
  .problems svg.icon,
  .diagnostics svg.icon {
    align-self: flex-start;
    margin-top: 1px;
  }
  .error svg.icon {
    color: var(--vscode-editorError-foreground, var(--vscode-charts-red));
  }
  .warning svg.icon,
  .warn svg.icon {
    color: var(--vscode-editorWarning-foreground, var(--vscode-charts-yellow));
  }
  .restricted {
    margin-top: 4px;
  }
  .split {
    flex: 1 1 0;
    min-height: 240px;
    display: grid;
    grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
    gap: var(--rs-edge);
    padding: var(--rs-gap) var(--rs-edge) var(--rs-edge);
  }
  .said {
    display: flex;
    flex-direction: column;
    gap: 4px;
    min-height: 0;
  }
  .said rs-marked-input {
    flex: 1 1 0;
    min-height: 0;
  }
  .understood {
    overflow: auto;
    min-height: 0;
  }
  .understood > * + * {
    margin-top: 10px;
  }
  .actions {
    counter-reset: action;
  }
  .actions li {
    counter-increment: action;
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 2px 8px;
    padding: 2px 4px;
    border-radius: 3px;
  }
  .actions li::before {
    content: counter(action);
    color: var(--rs-muted);
    min-width: 1.2em;
    text-align: end;
    font-variant-numeric: tabular-nums;
  }
  .actions li:hover {
    background: var(--vscode-list-hoverBackground);
  }
  .chip {
    overflow-wrap: anywhere;
    max-width: 100%;
  }
  .actions button,
  .diagnostics button {
    flex: none;
    font-size: var(--rs-small);
  }
  @container (max-width: 620px) {
    .split {
      flex: none;
      grid-template-columns: minmax(0, 1fr);
    }
    .said rs-marked-input {
      flex: none;
      max-height: 45vh;
    }
  }
`;
