// What the two marks on a screenshot mean, in shape and in words.
import { css, html, LitElement } from "lit";
import { customElement } from "lit/decorators.js";
import { icon } from "../shared/icons";
import { t } from "../shared/strings";
import { base } from "../styles/base";

@customElement("rs-legend")
export class RsLegend extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        display: flex;
        flex-wrap: wrap;
        gap: 2px 14px;
        margin-top: 4px;
      }
      .expected svg {
        color: var(--vscode-charts-green);
      }
      .predicted svg {
        color: var(--vscode-charts-purple);
      }
    `,
  ];

  protected override render() {
    return html`<span class="expected small">${icon("target")} ${t("expected (circle, box)")}</span>
      <span class="predicted small">${icon("cross")} ${t("predicted (cross)")}</span>`;
  }
}
