// What could not be read, counted and with its place: one quiet line that opens into a table.
import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { Diagnostic } from "../../core/model/diagnostic";
import { formatCount } from "../shared/format";
import { icon } from "../shared/icons";
import { plural, t } from "../shared/strings";
import { base } from "../styles/base";

@customElement("rs-diagnostics")
export class RsDiagnostics extends LitElement {
  static override styles = [
    base,
    css`
      details {
        padding: 4px var(--rs-edge);
        border-bottom: 1px solid var(--rs-line);
      }
      summary {
        cursor: pointer;
      }
      summary svg {
        color: var(--vscode-editorWarning-foreground, var(--vscode-charts-yellow));
      }
      ul {
        margin: 6px 0 4px;
        max-height: 30vh;
        overflow: auto;
      }
      li {
        padding: 3px 0;
        overflow-wrap: anywhere;
      }
    `,
  ];

  @property({ attribute: false }) items: readonly Diagnostic[] = [];

  protected override render() {
    if (this.items.length === 0) return nothing;
    const count = this.items.reduce((sum, d) => sum + d.count, 0);
    const files = new Set(this.items.map((d) => d.path)).size;
    const what = plural(count, "{0} thing could not be read", "{0} things could not be read", formatCount(count));
    return html`<details>
      <summary>
        ${icon("warning")} ${what} ${plural(files, "in {0} file", "in {0} files")}<span class="muted">
          · ${t("everything else is shown")}</span
        >
      </summary>
      <ul tabindex="0">
        ${this.items.map(
          (d) =>
            html`<li>
              ${d.message}${d.count > 1 ? html` <strong>× ${formatCount(d.count)}</strong>` : nothing}
              <div class="muted small">
                <bdi class="mono">${d.path}${d.line === null ? "" : `:${d.line}`}</bdi
                >${d.count > 1 ? ` ${t("(the first)")}` : ""} · ${d.code}
              </div>
            </li>`,
        )}
      </ul>
    </details>`;
  }
}
