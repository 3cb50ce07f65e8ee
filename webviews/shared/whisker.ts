// A rate with its 95 % interval, drawn: a line from 0 to 1, the interval, the value.
import { css, html } from "lit";

export const whiskerStyle = css`
  .whisker {
    position: relative;
    height: 9px;
  }
  .whisker::before {
    content: "";
    position: absolute;
    inset: 4px 0 auto;
    border-top: 1px solid var(--rs-faint);
  }
  .whisker i {
    position: absolute;
    top: 2px;
    height: 5px;
    background: var(--vscode-charts-blue);
    opacity: 0.7;
  }
  .whisker b {
    position: absolute;
    top: 0;
    width: 3px;
    height: 9px;
    background: var(--vscode-foreground);
  }
`;

/** `rate`, `low` and `high` from 0 to 1. The figures stand beside it in words. */
export function whisker(rate: number, low: number, high: number) {
  const percent = (value: number): string => `${(Math.max(0, Math.min(1, value)) * 100).toFixed(1)}%`;
  return html`<div class="whisker" aria-hidden="true">
    <i .style=${`left: ${percent(low)}; width: ${percent(high - low)}`}></i>
    <b .style=${`left: calc(${percent(rate)} - 1px)`}></b>
  </div>`;
}
