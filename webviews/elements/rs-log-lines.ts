// Lines of a log in blocks that are laid out only when near: text nodes, terminal colours as classes, matches marked.
import { css, html, LitElement, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { guard } from "lit/directives/guard.js";
import { ansiPieces, type LogPiece } from "../shared/ansi";
import { formatCount } from "../shared/format";
import { t } from "../shared/strings";
import { clipAt, visible } from "../shared/text";
import { base } from "../styles/base";

const block = 100;

@customElement("rs-log-lines")
export class RsLogLines extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        font-family: var(--rs-mono);
        font-size: var(--rs-mono-size);
        line-height: 1.45;
      }
      .block {
        content-visibility: auto;
        contain-intrinsic-size: auto 1700px;
      }
      .line {
        padding: 0 var(--rs-edge);
        white-space: pre-wrap;
        overflow-wrap: anywhere;
        unicode-bidi: plaintext;
        min-height: 1.45em;
      }
      .line.at {
        background: var(--vscode-editor-findMatchBackground, var(--vscode-editor-selectionBackground));
        outline: 1px solid var(--vscode-contrastActiveBorder, transparent);
      }
      mark {
        color: inherit;
        background: var(--vscode-editor-findMatchHighlightBackground);
        outline: 1px solid var(--vscode-contrastActiveBorder, transparent);
      }
      .c1 {
        color: var(--vscode-terminal-ansiRed);
      }
      .c2 {
        color: var(--vscode-terminal-ansiGreen);
      }
      .c3 {
        color: var(--vscode-terminal-ansiYellow);
      }
      .c4 {
        color: var(--vscode-terminal-ansiBlue);
      }
      .c5 {
        color: var(--vscode-terminal-ansiMagenta);
      }
      .c6 {
        color: var(--vscode-terminal-ansiCyan);
      }
      .c9 {
        color: var(--vscode-terminal-ansiBrightRed);
      }
      .c10 {
        color: var(--vscode-terminal-ansiBrightGreen);
      }
      .c11 {
        color: var(--vscode-terminal-ansiBrightYellow);
      }
      .c12 {
        color: var(--vscode-terminal-ansiBrightBlue);
      }
      .c13 {
        color: var(--vscode-terminal-ansiBrightMagenta);
      }
      .c14 {
        color: var(--vscode-terminal-ansiBrightCyan);
      }
      .bold {
        font-weight: bold;
      }
      .dim {
        opacity: 0.75;
      }
    `,
  ];

  @property({ attribute: false }) lines: readonly string[] = [];
  @property({ attribute: false }) find = "";
  /** Index of the line that the find stands on. */
  @property({ attribute: false }) at: number | null = null;
  @state() private opened: ReadonlySet<number> = new Set();

  protected override updated(changed: PropertyValues<this>): void {
    this.dispatchEvent(new CustomEvent("lines-drawn"));
    if (changed.has("at") && this.at !== null) {
      this.renderRoot.querySelector(".at")?.scrollIntoView?.({ block: "nearest" });
    }
  }

  protected override render() {
    const blocks: unknown[] = [];
    for (let from = 0; from < this.lines.length; from += block) {
      const part = this.lines.slice(from, from + block);
      const at = this.at !== null && this.at >= from && this.at < from + block ? this.at : null;
      const opened = [...this.opened].filter((i) => i >= from && i < from + block).join();
      // Full blocks never change while the tail grows, so only the last one is drawn again.
      const key = [part.length, part[0], part[part.length - 1], this.find, at, opened];
      blocks.push(html`<div class="block">${guard(key, () => part.map((line, i) => this.line(line, from + i)))}</div>`);
    }
    return blocks;
  }

  private line(line: string, index: number) {
    const long = line.length > clipAt && !this.opened.has(index);
    const parts: unknown[] = ansiPieces(long ? line.slice(0, clipAt) : line).map((p) => this.piece(p));
    if (long) parts.push("… ", this.opener(line.length, index));
    const kind = index === this.at ? "line at" : "line";
    // On one line of source: white space inside would show, because it is kept here.
    return html`<div class=${kind}>${parts}</div>`;
  }

  private opener(length: number, index: number) {
    const open = (): unknown => (this.opened = new Set([...this.opened, index]));
    return html`<button class="link" @click=${open}>${t("Show all {0} characters", formatCount(length))}</button>`;
  }

  private piece({ text, style }: LogPiece) {
    const body = this.marked(visible(text));
    return style ? html`<span class=${style}>${body}</span>` : body;
  }

  private marked(text: string): unknown {
    const needle = this.find.toLowerCase();
    if (!needle) return text;
    const low = text.toLowerCase();
    const out: unknown[] = [];
    let at = 0;
    for (let hit = low.indexOf(needle); hit >= 0; hit = low.indexOf(needle, at)) {
      out.push(text.slice(at, hit), html`<mark>${text.slice(hit, hit + needle.length)}</mark>`);
      at = hit + needle.length;
    }
    return [...out, text.slice(at)];
  }
}
