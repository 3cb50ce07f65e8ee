// One completion: what it was worth, what it said, what was understood of it.
import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { Sample } from "../../core/model/rollout";
import { formatCount, formatNumber, formatSigned } from "../shared/format";
import type { LensGroup } from "../shared/runReads";
import { plural, t } from "../shared/strings";
import { base } from "../styles/base";
import "./rs-actions";
import "./rs-text";
import "./rs-verdicts";

@customElement("rs-sample")
export class RsSample extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        border: 1px solid var(--rs-line);
        border-radius: 4px;
        content-visibility: auto;
        contain-intrinsic-size: auto 120px;
      }
      header {
        display: flex;
        flex-wrap: wrap;
        align-items: baseline;
        gap: 2px 12px;
        padding: 5px 8px;
        background: var(--vscode-editorWidget-background, transparent);
        border-bottom: 1px solid var(--rs-line);
      }
      .end {
        margin-inline-start: auto;
      }
      rs-text,
      rs-actions,
      rs-verdicts {
        margin: 6px 8px;
      }
      .parts {
        display: flex;
        flex-wrap: wrap;
        gap: 2px 12px;
      }
    `,
  ];

  @property({ attribute: false }) sample: Sample | null = null;
  @property({ type: Number }) index = 0;
  /** Which lenses judged it, and what they said. */
  @property({ attribute: false }) lenses: readonly string[] = [];
  @property({ attribute: false }) judged: LensGroup["samples"][number] | null = null;
  @state() private pointed: number | null = null;
  @state() private pointedLens: number | null = null;

  protected override render() {
    const { sample } = this;
    if (!sample) return nothing;
    const parts = Object.entries(sample.parts);
    return html`
      <header>
        <h3 class="num">${t("Sample {0}", this.index + 1)}</h3>
        <span class="num">${t("reward")} <strong>${formatNumber(sample.reward)}</strong></span>
        <span class="num" title=${t("(reward − group mean) / group deviation, computed by Runside")}>
          ${t("advantage")} ${sample.advantage === null ? t("– (all rewards equal)") : formatSigned(sample.advantage)}
        </span>
        ${
          parts.length > 0
            ? html`<span class="parts small muted num">
                ${parts.map(([name, value]) => html`<span>${name} ${formatNumber(value)}</span>`)}
              </span>`
            : nothing
        }
        <span class="end small muted num">
          ${[
            sample.tokens === null ? "" : plural(sample.tokens, "{0} token", "{0} tokens", formatCount(sample.tokens)),
            sample.finish ?? "",
          ]
            .filter(Boolean)
            .join(" · ")}
        </span>
      </header>
      ${
        sample.text === ""
          ? html`<rs-text class="muted" .text=${t("(empty completion)")}></rs-text>`
          : html`<rs-text
              class="mono"
              .text=${sample.text}
              .spans=${this.spans(sample)}
              .active=${this.pointedLens === null ? this.pointed : 0}
            ></rs-text>`
      }
      ${
        sample.parsed
          ? html`<rs-actions
              .parsed=${sample.parsed}
              @action-pointed=${(e: CustomEvent<number | null>) => (this.pointed = e.detail)}
            ></rs-actions>`
          : nothing
      }
      ${
        this.judged && this.lenses.length > 0
          ? html`<rs-verdicts
              .lenses=${this.lenses}
              .judged=${this.judged}
              @verdict-pointed=${(e: CustomEvent<number | null>) => (this.pointedLens = e.detail)}
            ></rs-verdicts>`
          : nothing
      }
    `;
  }

  /** What is marked: what the pointed lens took, else the actions, else what the lenses took where that is not simply everything. */
  private spans(sample: Sample): readonly ([number, number] | undefined)[] {
    const judgements = this.judged?.judgements ?? [];
    if (this.pointedLens !== null) return [judgements[this.pointedLens]?.span ?? undefined];
    if (sample.parsed) return sample.parsed.actions.map((a) => a.span);
    const whole = sample.text.trim().length;
    return judgements.map(({ span }) => (span && span[1] - span[0] < whole ? span : undefined));
  }
}
