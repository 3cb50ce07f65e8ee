// Rollout groups as rows of a list box: where, how well, how far apart, and the first words.
import { css, html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import { fromWire } from "../../core/model/number";
import type { RolloutHeader } from "../../core/model/rollout";
import { fire } from "../shared/events";
import { formatNumber, formatStep } from "../shared/format";
import { plural, t } from "../shared/strings";
import { visible } from "../shared/text";
import { base } from "../styles/base";

@customElement("rs-rollout-list")
export class RsRolloutList extends LitElement {
  static override styles = [
    base,
    css`
      [role="option"] {
        display: grid;
        grid-template-columns: 48px 96px minmax(0, 1fr);
        gap: 0 10px;
        padding: 4px var(--rs-edge);
        cursor: pointer;
        border-bottom: 1px solid var(--rs-line);
      }
      [role="option"]:hover {
        background: var(--vscode-list-hoverBackground);
        outline: 1px dashed var(--vscode-contrastActiveBorder, transparent);
        outline-offset: -1px;
      }
      [aria-selected="true"],
      [aria-selected="true"]:hover {
        color: var(--vscode-list-activeSelectionForeground);
        background: var(--vscode-list-activeSelectionBackground);
        outline: 1px solid var(--vscode-contrastActiveBorder, transparent);
        outline-offset: -1px;
      }
      [aria-selected="true"] .muted {
        color: inherit;
      }
      [role="option"]:focus-visible {
        outline: 1px solid var(--vscode-focusBorder);
        outline-offset: -1px;
      }
      .bar {
        position: relative;
        height: 5px;
        margin-top: 3px;
        border-radius: 3px;
        background: var(--rs-faint);
      }
      .bar i {
        position: absolute;
        top: 0;
        bottom: 0;
        border-radius: 3px;
        background: var(--vscode-charts-green);
        opacity: 0.55;
      }
      .bar b {
        position: absolute;
        top: -2px;
        bottom: -2px;
        width: 2px;
        background: currentColor;
      }
    `,
  ];

  @property({ attribute: false }) rows: readonly RolloutHeader[] = [];
  @property({ attribute: false }) selected: string | null = null;

  protected override render() {
    const known = this.rows
      .flatMap((r) => [fromWire(r.rewardMin), fromWire(r.rewardMax)])
      .filter((v): v is number => v !== null && Number.isFinite(v));
    // One scale for the whole page, holding 0 and 1, so that two rows can be compared.
    const low = Math.min(0, ...known);
    const high = Math.max(1, ...known);
    const focusable = this.rows.some((r) => r.id === this.selected) ? this.selected : this.rows[0]?.id;
    return html`<div role="listbox" aria-label=${t("Rollouts")} @keydown=${this.onKey}>
      ${this.rows.map(
        (row) =>
          html`<div
            role="option"
            data-id=${row.id}
            aria-selected=${row.id === this.selected}
            tabindex=${row.id === focusable ? 0 : -1}
            @click=${() => fire(this, "item-selected", { id: row.id })}
          >
            <span class="num muted">${whereOf(row)}</span>
            <span class="num">
              ${formatNumber(row.rewardMean)}
              <span class="muted small" title=${plural(row.samples, "{0} sample", "{0} samples")}>×${row.samples}</span>
              ${bar(row, low, high)}
            </span>
            <span class="clip">
              <div class="clip">${visible(row.prompt)}</div>
              <div class="clip muted small">${visible(row.preview)}</div>
            </span>
          </div>`,
      )}
    </div>`;
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    const at = this.rows.findIndex((r) => r.id === this.selected);
    const moves: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: this.rows.length - 1 };
    const to = event.key === "Enter" || event.key === " " ? Math.max(0, at) : moves[event.key];
    const next = to === undefined ? undefined : this.rows[to];
    if (!next) return;
    event.preventDefault();
    fire(this, "item-selected", { id: next.id });
    void this.updateComplete.then(() => {
      const row = [...this.renderRoot.querySelectorAll<HTMLElement>("[role=option]")].find(
        (e) => e.dataset["id"] === next.id,
      );
      row?.focus();
    });
  };
}

function whereOf(row: RolloutHeader): string {
  if (row.step !== null) return formatStep(row.step);
  return row.version === null ? "" : t("v{0}", formatStep(row.version));
}

function bar(row: RolloutHeader, low: number, high: number) {
  const at = (value: RolloutHeader["rewardMean"]): number => ((fromWire(value) ?? low) - low) / (high - low || 1);
  const min = at(row.rewardMin);
  const max = at(row.rewardMax);
  const percent = (share: number): string => `${(Math.max(0, Math.min(1, share)) * 100).toFixed(1)}%`;
  const words = t("rewards from {0} to {1}", formatNumber(row.rewardMin), formatNumber(row.rewardMax));
  return html`<div class="bar" role="img" aria-label=${words} title=${words}>
    <i .style=${`left: ${percent(min)}; width: max(2px, ${percent(max - min)})`}></i>
    <b .style=${`left: calc(${percent(at(row.rewardMean))} - 1px)`}></b>
  </div>`;
}
