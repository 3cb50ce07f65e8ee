// A text one types or pastes, with the stretches that were read as actions marked where they stand, and what is wrong underlined.
// The marks lie under a see-through text area of the same measures.
import { css, html, LitElement } from "lit";
import { customElement, property, query } from "lit/decorators.js";
import { fire } from "../shared/events";
import { markedPieces, type TextSpan } from "../shared/textMarks";
import { base } from "../styles/base";

@customElement("rs-marked-input")
export class RsMarkedInput extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        overflow: auto;
        color: var(--vscode-input-foreground, inherit);
        background: var(--vscode-input-background, transparent);
        border: 1px solid var(--vscode-input-border, var(--rs-line));
        border-radius: 2px;
      }
      :host(:focus-within) {
        border-color: var(--vscode-focusBorder);
      }
      .both {
        position: relative;
        min-height: 100%;
      }
      .under,
      textarea {
        margin: 0;
        padding: 6px 8px;
        border: 0;
        font-family: var(--rs-mono);
        font-size: var(--rs-mono-size);
        line-height: 1.5;
        letter-spacing: 0;
        tab-size: 4;
        white-space: pre-wrap;
        overflow-wrap: anywhere;
        word-break: normal;
      }
      .under {
        color: transparent;
        min-height: 5.5em;
      }
      textarea {
        position: absolute;
        inset: 0;
        width: 100%;
        height: 100%;
        resize: none;
        overflow: hidden;
        outline: none;
        color: inherit;
        background: transparent;
      }
      textarea::placeholder {
        color: var(--vscode-input-placeholderForeground, var(--rs-muted));
      }
      .action {
        background: color-mix(in srgb, var(--vscode-charts-blue) 22%, transparent);
        box-shadow: 0 2px 0 var(--vscode-charts-blue, currentColor);
        border-radius: 2px;
      }
      .active {
        background: var(--vscode-editor-selectionBackground);
        outline: 1px solid var(--vscode-contrastActiveBorder, transparent);
      }
      .wrong {
        text-decoration: underline wavy var(--vscode-editorWarning-foreground, var(--vscode-charts-yellow));
        text-underline-offset: 3px;
      }
    `,
  ];

  @property({ attribute: false }) value = "";
  @property() label = "";
  @property() placeholder = "";
  @property({ attribute: false }) actions: readonly (TextSpan | undefined)[] = [];
  @property({ attribute: false }) problems: readonly (TextSpan | undefined)[] = [];
  /** The action that is pointed at. */
  @property({ attribute: false }) active: number | null = null;
  @query("textarea") private readonly area!: HTMLTextAreaElement;

  /** Selects a stretch and scrolls to it. */
  select([start, end]: TextSpan): void {
    this.area.focus();
    this.area.setSelectionRange(start, end);
  }

  protected override render() {
    const pieces = markedPieces(this.value, this.actions, this.problems).map(({ text, action, wrong }) => {
      const names = [
        action === null ? "" : "action",
        action !== null && action === this.active ? "active" : "",
        wrong === null ? "" : "wrong",
      ];
      const name = names.filter(Boolean).join(" ");
      return name === "" ? text : html`<span class=${name}>${text}</span>`;
    });
    // A last line that is empty has no height of its own; on one line of source, because white space inside would show.
    return html`<div class="both">
      <div class="under" aria-hidden="true">${pieces}${"\u200b"}</div>
      <textarea
        aria-label=${this.label}
        placeholder=${this.placeholder}
        spellcheck="false"
        autocomplete="off"
        .value=${this.value}
        @input=${this.onInput}
      ></textarea>
    </div>`;
  }

  private readonly onInput = (): void => {
    fire(this, "text-typed", { text: this.area.value });
  };
}
