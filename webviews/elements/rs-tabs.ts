// The tab row. A tab without data stays in its place, disabled, and says why.
import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { fire } from "../shared/events";
import { formatCount } from "../shared/format";
import { t } from "../shared/strings";
import type { Tab } from "../shared/viewState";
import { base } from "../styles/base";

export interface TabInfo {
  id: Tab;
  title: string;
  count: number | null;
  /** Why there is nothing to see; empty where there is. */
  empty: string;
}

@customElement("rs-tabs")
export class RsTabs extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        border-bottom: 1px solid var(--rs-line);
        overflow-x: auto;
        scrollbar-width: none;
      }
      [role="tablist"] {
        display: flex;
        padding: 0 calc(var(--rs-edge) - 8px);
        min-width: max-content;
      }
      button {
        font: inherit;
        color: var(--vscode-panelTitle-inactiveForeground, var(--rs-muted));
        background: none;
        border: 0;
        border-bottom: 2px solid transparent;
        padding: 6px 8px 5px;
        cursor: pointer;
        white-space: nowrap;
      }
      button:focus-visible {
        outline-offset: -2px;
      }
      button:hover:not([aria-disabled="true"]) {
        color: var(--vscode-panelTitle-activeForeground, var(--vscode-foreground));
      }
      button[aria-selected="true"] {
        color: var(--vscode-panelTitle-activeForeground, var(--vscode-foreground));
        border-bottom-color: var(--vscode-panelTitle-activeBorder, var(--vscode-focusBorder));
      }
      button[aria-disabled="true"] {
        cursor: default;
        color: var(--vscode-disabledForeground, var(--rs-muted));
      }
      :host {
        container-type: inline-size;
      }
      @container (max-width: 420px) {
        .count {
          display: none;
        }
      }
      .count {
        margin-inline-start: 4px;
        font-size: var(--rs-small);
        opacity: 0.85;
      }
    `,
  ];

  @property({ attribute: false }) tabs: readonly TabInfo[] = [];
  @property() active: Tab = "curves";

  protected override render() {
    return html`<div role="tablist" aria-label=${t("Parts of the run")} @keydown=${this.onKey}>
      ${this.tabs.map((tab) => {
        const selected = tab.id === this.active;
        return html`<button
          role="tab"
          data-tab=${tab.id}
          aria-selected=${selected}
          aria-disabled=${tab.empty && !selected ? "true" : nothing}
          tabindex=${selected ? 0 : -1}
          title=${tab.empty || nothing}
          @click=${() => this.choose(tab)}
        >
          ${tab.title}${tab.count ? html`<span class="count num">${formatCount(tab.count)}</span>` : nothing}
        </button>`;
      })}
    </div>`;
  }

  protected override updated(): void {
    this.renderRoot.querySelector('[aria-selected="true"]')?.scrollIntoView?.({ block: "nearest", inline: "nearest" });
  }

  private choose(tab: TabInfo): void {
    if (!tab.empty && tab.id !== this.active) fire(this, "view-state", { tab: tab.id });
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    const open = this.tabs.filter((tab) => !tab.empty || tab.id === this.active);
    const at = open.findIndex((tab) => tab.id === this.active);
    const moves: Record<string, number> = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: open.length - 1 };
    const to = moves[event.key];
    const next = to === undefined ? undefined : open[(to + open.length) % open.length];
    if (!next) return;
    event.preventDefault();
    this.choose(next);
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>(`[data-tab="${next.id}"]`)?.focus());
  };
}
