// Parsed actions as chips, with what the parser had to say; against the expected action where there is one. Pointing at a chip marks
// its place in the text.
import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { Action, ParsedActions } from "../../core/model/action";
import { actionWords, differing } from "../shared/actionWords";
import { icon } from "../shared/icons";
import { t } from "../shared/strings";
import { visible } from "../shared/text";
import { base } from "../styles/base";

@customElement("rs-actions")
export class RsActions extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        display: flex;
        flex-wrap: wrap;
        gap: 4px;
        align-items: center;
      }
      .chip {
        overflow-wrap: anywhere;
        max-width: 100%;
      }
      .other {
        color: var(--vscode-testing-iconFailed, var(--vscode-charts-red));
      }
      .wrong {
        color: var(--vscode-editorWarning-foreground, var(--vscode-charts-yellow));
      }
    `,
  ];

  @property({ attribute: false }) parsed: ParsedActions | null = null;
  /** What the first action should have been. */
  @property({ attribute: false }) expected: Action | null = null;

  protected override render() {
    const { parsed } = this;
    if (!parsed) return nothing;
    return html`
      ${
        parsed.actions.length === 0
          ? html`<span class="wrong">${icon("warning")} ${t("no action was understood")}</span>`
          : parsed.actions.map(
              (action: Action, i) =>
                html`<span
                  class="chip plain mono"
                  @pointerenter=${() => this.point(i)}
                  @pointerleave=${() => this.point(null)}
                  >${visible(actionWords(action))}${i === 0 ? this.against(action) : nothing}</span
                >`,
            )
      }
      ${parsed.diagnostics.map((d) => html`<span class="wrong small">${icon("warning")} ${visible(d.message)}</span>`)}
      <span class="muted small">${parsed.dialect}</span>
    `;
  }

  private against(action: Action) {
    if (!this.expected) return nothing;
    const fields = differing(this.expected, action);
    return fields.length === 0 ? nothing : html`<span class="other">${t("≠ expected {0}", fields.join(", "))}</span>`;
  }

  private point(at: number | null): void {
    this.dispatchEvent(new CustomEvent("action-pointed", { detail: at }));
  }
}
