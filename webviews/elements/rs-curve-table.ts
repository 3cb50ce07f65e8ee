// A curve's points as a table, for whoever reads numbers rather than lines. Newest first, in pieces.
import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { Series } from "../../core/model/series";
import type { CurveData } from "../shared/curveData";
import { formatCount, formatNumber, formatStep } from "../shared/format";
import { t } from "../shared/strings";
import { base } from "../styles/base";

const piece = 200;

@customElement("rs-curve-table")
export class RsCurveTable extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        height: 148px;
        overflow: auto;
      }
      table {
        border-collapse: collapse;
        width: 100%;
      }
      th {
        position: sticky;
        top: 0;
        background: var(--vscode-editor-background);
        font-weight: 600;
      }
      p {
        margin: 2px 8px;
      }
      th,
      td {
        text-align: end;
        padding: 1px 8px;
      }
    `,
  ];

  @property({ attribute: false }) series: Series | null = null;
  @property({ attribute: false }) data: CurveData | null = null;
  @state() private shown = piece;

  protected override render() {
    const { series, data } = this;
    if (!series || !data) return nothing;
    const rows = data.points.slice(-this.shown).reverse();
    const thinned = series.total > data.points.length;
    return html`${
        thinned
          ? html`<p class="muted small">
              ${t("{0} of {1} points, chosen so that the curve keeps its shape", formatCount(data.points.length), formatCount(series.total))}
            </p>`
          : nothing
      }
      <table class="num" tabindex="0">
        <thead>
          <tr>
            <th scope="col">${series.axis}</th>
            <th scope="col">${series.name}</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (p) =>
              html`<tr>
                <td>${formatStep(p.x)}</td>
                <td>${formatNumber(p.y, 6)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
      ${
        data.points.length > this.shown
          ? html`<button class="link" @click=${() => (this.shown += piece)}>
              ${t("Show more of {0} points", formatCount(data.points.length))}
            </button>`
          : nothing
      }`;
  }
}
