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
        background: var(--vscode-editor-findMatchHighlightBackground, transparent);
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
    const shown = long && !this.whole ? this.text.slice(0, clipAt) : this.text;
    return html`<div class="text">${this.body(shown)}${long && !this.whole ? "…" : nothing}</div>
      ${
        long
          ? html`<button class="link" @click=${() => (this.whole = !this.whole)}>
              ${this.whole ? t("Show less") : t("Show all {0} characters", formatCount(this.text.length))}
            </button>`
          : nothing
      }`;
  }

  private body(shown: string) {
    return stretches(shown, this.spans).map(({ text, action }) =>
      action === null
        ? pieces(text).map((piece, i, all) =>
            all.length === 1 ? visible(piece) : html`<span class="piece" data-piece=${i}>${visible(piece)}</span>`,
          )
        : html`<mark class=${action === this.active ? "active" : ""}>${visible(text)}</mark>`,
    );
  }
}
