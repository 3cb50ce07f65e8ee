// A summary that opens a list of choices over what is below it. Shared by the curves and the lenses.
import { css } from "lit";

export const menu = css`
  details {
    position: relative;
  }
  summary {
    cursor: pointer;
    list-style: none;
    padding: 2px 6px;
    border-radius: 4px;
    white-space: nowrap;
  }
  summary:hover {
    background: var(--vscode-toolbar-hoverBackground);
  }
  .menu {
    position: absolute;
    right: 0;
    z-index: 3;
    margin-top: 4px;
    max-height: min(60vh, 420px);
    width: min(320px, calc(100vw - 24px));
    overflow: auto;
    padding: var(--rs-gap);
    color: var(--vscode-menu-foreground, inherit);
    background: var(--vscode-menu-background, var(--vscode-editor-background));
    border: 1px solid var(--vscode-menu-border, var(--rs-line));
    border-radius: 4px;
    box-shadow: 0 2px 8px var(--vscode-widget-shadow, transparent);
  }
  .menu vscode-checkbox {
    display: flex;
  }
`;
