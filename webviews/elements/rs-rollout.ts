// One rollout group: the prompt, what was wanted, and its samples side by side with their rewards.
import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { FrameChoice } from "../../core/model/frame";
import type { ReadingChoice } from "../../core/model/reading";
import type { Rollout } from "../../core/model/rollout";
import { actionWords, isPositional } from "../shared/actionWords";
import { formatNumber, formatStep } from "../shared/format";
import { Resource } from "../shared/resource";
import type { LensGroup, LensQuery, RunReads } from "../shared/runReads";
import { plural, t } from "../shared/strings";
import { visible } from "../shared/text";
import { readingChoice } from "../shared/viewState";
import { base } from "../styles/base";
import "./rs-legend";
import "./rs-lens-summary";
import "./rs-notice";
import "./rs-reading";
import "./rs-sample";
import "./rs-screenshot";
import "./rs-text";

/** Groups of 64 exist; most are judged by the first few and the strip of rewards. */
const samplesAtFirst = 16;

@customElement("rs-rollout")
export class RsRollout extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        padding: var(--rs-gap) var(--rs-edge) var(--rs-edge);
      }
      .stack {
        display: flex;
        flex-direction: column;
        gap: var(--rs-gap);
      }
      .strip {
        display: flex;
        flex-wrap: wrap;
        gap: 3px;
      }
      .strip button {
        font: inherit;
        font-size: var(--rs-small);
        color: inherit;
        min-width: 40px;
        padding: 1px 5px;
        border: 1px solid var(--rs-line);
        border-radius: 3px;
        background: none;
        cursor: pointer;
        position: relative;
        overflow: hidden;
      }
      .strip i {
        position: absolute;
        inset: auto 0 0 0;
        height: 3px;
        transform-origin: left;
        background: var(--vscode-charts-green);
      }
      section > h3 {
        margin-bottom: 2px;
      }
      .shots {
        display: flex;
        flex-wrap: wrap;
        gap: var(--rs-gap);
      }
      rs-screenshot {
        --rs-shot-height: 300px;
      }
      dl {
        display: grid;
        grid-template-columns: minmax(60px, max-content) 1fr;
        gap: 2px 12px;
      }
      dd {
        overflow-wrap: anywhere;
        min-width: 0;
      }
    `,
  ];

  @property({ attribute: false }) reads: RunReads | null = null;
  @property() rolloutId = "";
  /** "auto", or how the reader wants the samples to be read as actions. */
  @property() dialect = "auto";
  @property() frame: FrameChoice = "auto";
  /** Which lenses judge its samples; those that fit its reference where nothing is chosen. */
  @property({ attribute: false }) lenses: LensQuery = {};
  /** It stands among all rollouts by lens: no link leads there. */
  @property({ type: Boolean }) amongLenses = false;
  @state() private all = false;
  private readonly group = new Resource<{ id: string; choice: ReadingChoice }, Rollout>(
    this,
    ({ id, choice }, signal) =>
      this.reads
        ? this.reads.rollout(id, choice, signal)
        : Promise.reject(new Error(t("There is no link to the box."))),
    (a, b) => a.id === b.id && a.choice.dialect === b.choice.dialect && a.choice.frame === b.choice.frame,
  );

  private readonly judged = new Resource<{ id: string; query: LensQuery }, LensGroup>(
    this,
    ({ id, query }, signal) =>
      this.reads
        ? this.reads.lensGroup(id, query, signal)
        : Promise.reject(new Error(t("There is no link to the box."))),
    (a, b) => JSON.stringify(a) === JSON.stringify(b),
  );

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("rolloutId")) this.all = false;
    if (!this.rolloutId || !this.isConnected) return;
    const question = { id: this.rolloutId, choice: readingChoice(this) };
    this.group.load(question, { blank: this.group.key?.id !== this.rolloutId });
    this.judged.load({ id: this.rolloutId, query: this.lenses }, { blank: changed.has("rolloutId") });
  }

  protected override render() {
    const { value, error } = this.group;
    if (error)
      return html`<rs-notice kind="error" text=${error.message} retry @retry=${() => this.group.reload()}></rs-notice>`;
    if (!value) return html`<rs-notice kind="loading" text=${t("Loading the rollout…")}></rs-notice>`;
    const { header, samples } = value;
    const shown = this.all ? samples : samples.slice(0, samplesAtFirst);
    return html`<div class="stack">
      <div class="row wrap">
        <h2>${this.titleOf(value)}</h2>
        <span class="muted num">
          ${t("mean reward {0}", formatNumber(header.rewardMean))} ·
          ${t("deviation {0}", formatNumber(header.rewardStd))}
        </span>
        <span class="muted small clip"
          >${visible([header.promptId ?? "", header.source].filter(Boolean).join(" · "))}</span
        >
      </div>
      <section>
        <h3>${t("Prompt")}</h3>
        <rs-text class="mono" .text=${value.prompt}></rs-text>
      </section>
      ${
        value.reference === null
          ? nothing
          : html`<section>
              <h3>${t("Reference")}</h3>
              <rs-text class="mono" .text=${value.reference}></rs-text>
            </section>`
      }
      ${
        value.expected
          ? html`<section>
              <h3>${t("Expected")}</h3>
              <span class="chip plain mono">${visible(actionWords(value.expected))}</span>
            </section>`
          : nothing
      }
      ${value.images.length > 0 ? this.shots(value) : nothing}
      <section>
        <h3>${plural(samples.length, "{0} sample", "{0} samples")}</h3>
        ${samples.length > 1 ? this.strip(value) : nothing} ${this.reading(value)}
        <rs-lens-summary
          .group=${this.judged.value}
          error=${this.judged.error?.message ?? ""}
          ?among=${this.amongLenses}
        ></rs-lens-summary>
      </section>
      ${shown.map(
        (sample, i) =>
          html`<rs-sample
            data-at=${i}
            .sample=${sample}
            .index=${i}
            .lenses=${this.judged.value?.lenses ?? []}
            .judged=${this.judged.value?.samples[i] ?? null}
          ></rs-sample>`,
      )}
      ${
        shown.length < samples.length
          ? html`<button class="link" @click=${() => (this.all = true)}>
              ${t("Show all {0} samples", samples.length)}
            </button>`
          : nothing
      }
      ${this.extras(value)}
    </div>`;
  }

  /** Answers that are no actions need no choice of how to read them. */
  private reading({ reading, expected, images, samples }: Rollout) {
    if (!reading.dialect && !reading.chosen && !expected && images.length === 0) return nothing;
    return html`<rs-reading
      .reading=${reading}
      .dialect=${this.dialect}
      .frame=${this.frame}
      .text=${samples[0]?.text ?? ""}
    ></rs-reading>`;
  }

  private titleOf({ header }: Rollout): string {
    if (header.step !== null) return t("Step {0}", formatStep(header.step));
    return header.version === null ? t("Rollout") : t("Version {0}", formatStep(header.version));
  }

  private shots(group: Rollout) {
    const predicted = group.samples.flatMap((s) => (s.parsed?.actions ?? []).filter(isPositional));
    const last = group.images.length - 1;
    const alt = t("Screenshot the model saw");
    return html`<section>
      <div class="shots">
        ${group.images.map(
          (path, i) =>
            // Several pictures are a history; what is asked about is the last.
            html`<rs-screenshot
              .reads=${this.reads}
              path=${path}
              alt=${`${alt}: ${path}`}
              .expected=${i === last ? group.expected : null}
              .expectedBox=${i === last ? group.expectedBox : null}
              .predicted=${i === last ? predicted : []}
              .sizes=${group.sizes}
            ></rs-screenshot>`,
        )}
      </div>
      <rs-legend></rs-legend>
    </section>`;
  }

  /** All rewards at a glance; each leads to its sample. */
  private strip({ samples, header }: Rollout) {
    const low = Math.min(0, Number(header.rewardMin ?? 0));
    const high = Math.max(1, Number(header.rewardMax ?? 1));
    return html`<div class="strip num">
      ${samples.map((sample, i) => {
        const reward = typeof sample.reward === "number" ? sample.reward : low;
        const share = (reward - low) / (high - low || 1);
        return html`<button title=${t("Go to sample {0}", i + 1)} @click=${() => this.goTo(i)}>
          ${formatNumber(sample.reward)}<i .style=${`transform: scaleX(${share})`}></i>
        </button>`;
      })}
    </div>`;
  }

  private extras({ extra }: Rollout) {
    const rows = Object.entries(extra);
    if (rows.length === 0) return nothing;
    return html`<details>
      <summary>${plural(rows.length, "{0} more field of the line", "{0} more fields of the line")}</summary>
      <dl>
        ${rows.map(
          ([name, text]) =>
            html`<dt class="muted">${visible(name)}</dt>
              <dd><rs-text class="mono" .text=${text}></rs-text></dd>`,
        )}
      </dl>
    </details>`;
  }

  private goTo(index: number): void {
    if (index >= samplesAtFirst) this.all = true;
    void this.updateComplete.then(() =>
      this.renderRoot.querySelector(`[data-at="${index}"]`)?.scrollIntoView({ block: "nearest" }),
    );
  }
}
