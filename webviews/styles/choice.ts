// Small native drop-downs in the editor's colours: their lists change while they are shown, which the toolkit's own cannot follow.
import { css } from "lit";

export const choice = css`
  label.choice {
    display: inline-flex;
    align-items: center;
    gap: 4px;
    min-width: 0;
  }
  label.choice select {
    font: inherit;
    font-size: var(--rs-small);
    min-width: 0;
    max-width: 190px;
    height: 22px;
    padding: 0 2px;
    color: var(--vscode-dropdown-foreground, inherit);
    background: var(--vscode-dropdown-background, transparent);
    border: 1px solid var(--vscode-dropdown-border, var(--rs-line));
    border-radius: 2px;
  }
  label.choice select.chosen {
    border-color: var(--vscode-inputOption-activeBorder, var(--vscode-focusBorder));
  }
`;
