// The only renderer of empty, loading and error, so that every view says it the same way.
import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { icon } from "../shared/icons";
import { t } from "../shared/strings";
import { base } from "../styles/base";

/** A wait shorter than this is not worth a flash of text. */
const patience = 300;

@customElement("rs-notice")
export class RsNotice extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        padding: 24px var(--rs-edge);
        color: var(--rs-muted);
        text-align: center;
      }
      :host([inline]) {
        padding: 4px 0;
        text-align: start;
      }
      .box {
        display: inline-flex;
        flex-direction: column;
        align-items: center;
        gap: var(--rs-gap);
        max-width: 60ch;
      }
      :host([inline]) .box {
        flex-flow: row wrap;
        text-align: start;
      }
      .error {
        color: var(--vscode-errorForeground);
      }
      .what {
        overflow-wrap: anywhere;
      }
    `,
  ];

  @property() kind: "empty" | "loading" | "error" = "empty";
  @property() text = "";
  @property() detail = "";
  @property({ type: Boolean }) retry = false;
  @property({ type: Boolean, reflect: true }) inline = false;
  @state() private waited = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.waited = false;
    this.timer = setTimeout(() => (this.waited = true), patience);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.timer);
  }

  protected override render() {
    if (this.kind === "loading") {
      if (!this.waited) return nothing;
      return html`<div class="box" role="status">
        <vscode-progress-ring aria-hidden="true"></vscode-progress-ring><span>${this.text || t("Loading…")}</span>
      </div>`;
    }
    if (this.kind === "error") {
      return html`<div class="box" role="alert">
        <span class="error what">${icon("failed")} ${this.text}</span>
        ${this.detail ? html`<span class="what">${this.detail}</span>` : nothing}
        ${
          this.retry
            ? html`<vscode-button appearance="secondary" @click=${this.onRetry}>${t("Try again")}</vscode-button>`
            : nothing
        }
      </div>`;
    }
    return html`<div class="box">
      <span class="what">${this.text}</span
      >${this.detail ? html`<span class="small what">${this.detail}</span>` : nothing}
    </div>`;
  }

  private readonly onRetry = (): void => {
    this.dispatchEvent(new CustomEvent("retry"));
  };
}
