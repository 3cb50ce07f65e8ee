// A text nobody here wrote: always text nodes, clipped with "show all", the parts that were read as actions marked.
import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { formatCount } from "../shared/format";
import { t } from "../shared/strings";
import { clipAt, pieces, stretches, visible } from "../shared/text";
import { base } from "../styles/base";

@customElement("rs-text")
export class RsText extends LitElement {
  static override styles = [
    base,
    css`
      .text {
        white-space: pre-wrap;
        overflow-wrap: anywhere;
        unicode-bidi: plaintext;
      }
      .piece {
        content-visibility: auto;
      }
      mark {
        color: inherit;
        background: color-mix(in srgb, var(--vscode-charts-blue) 16%, transparent);
        border-bottom: 2px solid var(--vscode-charts-blue, currentColor);
        border-radius: 2px;
      }
      mark.active {
        background: var(--vscode-editor-selectionBackground);
        outline: 1px solid var(--vscode-contrastActiveBorder, transparent);
      }
    `,
  ];

  @property({ attribute: false }) text = "";
  @property({ attribute: false }) spans: readonly ([number, number] | undefined)[] = [];
  /** The action whose chip is pointed at. */
  @property({ attribute: false }) active: number | null = null;
  @state() private whole = false;

  protected override render() {
    const long = this.text.length > clipAt;
    const cut = long && !this.whole;
    const body = [this.body(cut ? this.text.slice(0, clipAt) : this.text), cut ? "…" : nothing];
    // On one line of source: white space inside would show, because it is kept here.
    return html`<div class="text">${body}</div>
      ${long ? html`<button class="link" @click=${this.toggle}>${this.toggleWords()}</button>` : nothing}`;
  }

  private readonly toggle = (): void => {
    this.whole = !this.whole;
  };

  private toggleWords(): string {
    return this.whole ? t("Show less") : t("Show all {0} characters", formatCount(this.text.length));
  }

  private body(shown: string) {
    return stretches(shown, this.spans).map(({ text, action }) => {
      if (action !== null) return html`<mark class=${action === this.active ? "active" : ""}>${visible(text)}</mark>`;
      const parts = pieces(text).map(visible);
      return parts.length === 1 ? parts : parts.map((part) => html`<span class="piece">${part}</span>`);
    });
  }
}
