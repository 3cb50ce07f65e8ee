// Two tables, and what is slotted between them: how often each lens passes, with n and interval; and for each two of them how many samples one passes and the other not.
import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { recorded, type LensRate } from "../../core/protocol/lenses";
import { formatCount, formatNumber, formatShare } from "../shared/format";
import { icon } from "../shared/icons";
import { cellOf, columnName, remarkOf } from "../shared/lensView";
import type { LensFile } from "../shared/runReads";
import { t } from "../shared/strings";
import { whisker, whiskerStyle } from "../shared/whisker";
import { base } from "../styles/base";

export interface LensCell {
  pass: string;
  not: string;
}

@customElement("rs-lens-tables")
export class RsLensTables extends LitElement {
  static override styles = [
    base,
    whiskerStyle,
    css`
      :host {
        display: flex;
        flex-direction: column;
        gap: 12px;
        container-type: inline-size;
      }
      .scroll {
        overflow-x: auto;
        padding-bottom: 4px;
      }
      table {
        border-collapse: collapse;
      }
      caption {
        text-align: start;
        padding-bottom: 4px;
        position: sticky;
        left: 0;
        max-width: min(100cqi, 640px);
      }
      caption strong {
        display: block;
        font-weight: 600;
      }
      th,
      td {
        padding: 4px 14px 4px 0;
        text-align: end;
        border-bottom: 1px solid var(--rs-line);
        white-space: nowrap;
      }
      th {
        font-weight: 600;
      }
      thead th {
        vertical-align: bottom;
      }
      th[scope="row"],
      th:first-child {
        text-align: start;
        position: sticky;
        left: 0;
        background: var(--vscode-editor-background);
      }
      .whisker {
        width: 110px;
      }
      .matrix td {
        padding: 2px;
      }
      .matrix thead th {
        padding-inline: 8px;
        white-space: normal;
      }
      .matrix thead th:first-child {
        padding-inline: 0 8px;
      }
      @container (max-width: 560px) {
        .drawn {
          display: none;
        }
        th,
        td {
          padding-inline-end: 9px;
        }
        .matrix button,
        .matrix .same {
          min-width: 56px;
          padding: 3px 5px;
        }
      }
      .matrix button,
      .matrix .same {
        display: block;
        width: 100%;
        min-width: 74px;
        padding: 3px 8px;
        text-align: end;
        border-radius: 3px;
        border: 1px solid transparent;
        font: inherit;
        color: inherit;
      }
      .matrix button {
        cursor: pointer;
        background: color-mix(in srgb, var(--vscode-charts-orange) var(--share), transparent);
        border-color: var(--rs-line);
      }
      .matrix button:hover:not(:disabled) {
        border-color: var(--vscode-focusBorder);
      }
      .matrix button[aria-pressed="true"] {
        outline: 2px solid var(--vscode-focusBorder);
        outline-offset: -1px;
      }
      .remark {
        color: var(--vscode-editorWarning-foreground, var(--vscode-charts-yellow));
      }
    `,
  ];

  @property({ attribute: false }) file!: LensFile;
  @property({ attribute: false }) cell: LensCell | null = null;

  protected override render() {
    const { file } = this;
    return html`<div class="scroll" tabindex="0">
        <table class="num">
          <caption>
            <strong>${t("How many samples pass")}</strong>
          </caption>
          <thead>
            <tr>
              <th scope="col">${t("Lens")}</th>
              <th scope="col">${t("passes")}</th>
              <th scope="col" class="drawn"><span class="sr">${t("interval, drawn")}</span></th>
              <th scope="col">95 %</th>
              <th scope="col">n</th>
              <th scope="col">${t("fails")}</th>
              <th scope="col">${t("no answer")}</th>
            </tr>
          </thead>
          <tbody>
            ${file.rates.map((rate) => this.rate(rate))}
          </tbody>
        </table>
      </div>
      ${file.rates
        .map(remarkOf)
        .filter(Boolean)
        .map((words) => html`<p class="remark small">${icon("warning")} ${words}</p>`)}
      <slot></slot>
      ${file.columns.length > 1 ? this.matrix() : nothing}`;
  }

  private rate(rate: LensRate) {
    const mark = rate.column === recorded && this.file.mark !== null;
    return html`<tr>
      <th scope="row">
        ${columnName(rate.column)}
        ${mark ? html`<span class="muted small">${t("above {0}", formatNumber(this.file.mark))}</span>` : nothing}
      </th>
      <td><strong>${rate.rate === null ? "–" : percent(rate.rate)}</strong></td>
      <td class="drawn">${drawn(rate)}</td>
      <td class="muted">
        ${rate.low === null || rate.high === null ? "" : `${percent(rate.low)}–${percent(rate.high)}`}
      </td>
      <td>${formatCount(rate.n)}</td>
      <td class="muted">${formatCount(rate.fail)}</td>
      <td class="muted">${formatCount(rate.none)}</td>
    </tr>`;
  }

  private matrix() {
    const { columns } = this.file;
    return html`<div class="scroll" tabindex="0">
      <table class="matrix num">
        <caption>
          <strong>${t("Where they disagree")}</strong>
          <span class="muted small"
            >${t("Samples that the row passes and the column does not; below, how often the two agree. Choose a cell to see its rollouts.")}</span
          >
        </caption>
        <thead>
          <tr>
            <th scope="col" class="small">${t("passes ↓ · does not →")}</th>
            ${columns.map((column) => html`<th scope="col">${columnName(column)}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${columns.map(
            (row) =>
              html`<tr>
                <th scope="row">${columnName(row)}</th>
                ${columns.map((column) => html`<td>${this.cellPart(row, column)}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }

  private cellPart(row: string, column: string) {
    const { count, n, agree } = cellOf(this.file, row, column);
    if (row === column)
      return html`<span class="same muted" title=${t("{0} passes {1} samples", columnName(row), formatCount(count))}
        >${formatCount(count)}</span
      >`;
    const share = n === 0 ? 0 : count / n;
    const words = t(
      "{0} passes and {1} does not: {2} of {3} samples ({4}); they agree on {5}",
      columnName(row),
      columnName(column),
      formatCount(count),
      formatCount(n),
      formatShare(share),
      agree === null ? "–" : formatShare(agree),
    );
    return html`<button
      title=${words}
      aria-label=${words}
      aria-pressed=${this.cell?.pass === row && this.cell.not === column}
      ?disabled=${count === 0}
      .style=${`--share: ${(Math.min(1, share) * 60).toFixed(0)}%`}
      @click=${() => this.dispatchEvent(new CustomEvent<LensCell>("cell-selected", { detail: { pass: row, not: column } }))}
    >
      ${formatCount(count)}
      <div class="small muted">${agree === null ? "–" : formatShare(agree)}</div>
    </button>`;
  }
}

const percent = (rate: number): string => `${(rate * 100).toFixed(1)} %`;

const drawn = ({ rate, low, high }: LensRate) =>
  rate === null || low === null || high === null ? nothing : whisker(rate, low, high);
