// One trajectory: a filmstrip, and the chosen step large, with its verdict in words.
import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { Action } from "../../core/model/action";
import type { Episode, EpisodeStep } from "../../core/model/episode";
import type { FrameChoice } from "../../core/model/frame";
import type { Reading, ReadingChoice } from "../../core/model/reading";
import { actionWords, isPositional } from "../shared/actionWords";
import { fire } from "../shared/events";
import { icon, type IconName } from "../shared/icons";
import { Resource } from "../shared/resource";
import type { RunReads } from "../shared/runReads";
import { plural, t } from "../shared/strings";
import { visible } from "../shared/text";
import { readingChoice } from "../shared/viewState";
import { base } from "../styles/base";
import "./rs-actions";
import "./rs-legend";
import "./rs-notice";
import "./rs-reading";
import "./rs-screenshot";
import "./rs-text";

const verdictIcon = (step: EpisodeStep): { name: IconName; tone: string } => {
  switch (step.verdict) {
    case "hit":
    case "match":
      return { name: "succeeded", tone: "good" };
    case "miss":
    case "wrong-type":
      return { name: "failed", tone: "bad" };
    case "unparsed":
      return { name: "warning", tone: "warn" };
    case "no-prediction":
      return { name: "queued", tone: "" };
  }
};

interface Question {
  id: string;
  choice: ReadingChoice;
}

/** What is drawn: what the file says was predicted, or what was read by hand's choice. */
function drawn({ predicted, parsed }: EpisodeStep, { chosen, frame }: Reading): readonly Action[] {
  const byHand = chosen || frame?.how === "set";
  return predicted && !(byHand && parsed) ? [predicted] : (parsed?.actions ?? []);
}

@customElement("rs-episode")
export class RsEpisode extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        padding: var(--rs-gap) var(--rs-edge) var(--rs-edge);
        container-type: inline-size;
      }
      .film {
        display: flex;
        gap: 6px;
        overflow-x: auto;
        padding: 6px 2px;
      }
      .film [role="option"] {
        flex: 0 0 116px;
        min-width: 0;
        cursor: pointer;
        border: 2px solid transparent;
        border-radius: 4px;
        padding: 2px;
      }
      .film [aria-selected="true"] {
        border-color: var(--vscode-focusBorder);
        background: var(--vscode-list-inactiveSelectionBackground);
      }
      .film rs-screenshot {
        --rs-shot-height: 80px;
        --rs-mark-label: none;
        height: 84px;
        overflow: hidden;
      }
      .film .blank {
        height: 84px;
        display: grid;
        place-items: center;
        border: 1px dashed var(--rs-line);
      }
      .stage {
        display: grid;
        grid-template-columns: minmax(0, 1.4fr) minmax(220px, 1fr);
        gap: 12px;
        margin-top: 4px;
      }
      @container (max-width: 620px) {
        .stage {
          grid-template-columns: minmax(0, 1fr);
        }
      }
      .good svg {
        color: var(--vscode-testing-iconPassed, var(--vscode-charts-green));
      }
      .bad svg {
        color: var(--vscode-testing-iconFailed, var(--vscode-charts-red));
      }
      .warn svg {
        color: var(--vscode-editorWarning-foreground, var(--vscode-charts-yellow));
      }
      rs-reading {
        margin-top: 6px;
      }
      .facts > * + * {
        margin-top: 8px;
      }
      .verdict {
        font-weight: 600;
      }
    `,
  ];

  @property({ attribute: false }) reads: RunReads | null = null;
  @property() episodeId = "";
  @property({ type: Number }) step = 0;
  /** "auto", or how the reader wants the texts to be read. */
  @property() dialect = "auto";
  @property() frame: FrameChoice = "auto";
  @state() private pointed: number | null = null;
  private readonly episode = new Resource<Question, Episode>(
    this,
    ({ id, choice }, signal) =>
      this.reads
        ? this.reads.episode(id, choice, signal)
        : Promise.reject(new Error(t("There is no link to the box."))),
    (a, b) => a.id === b.id && a.choice.dialect === b.choice.dialect && a.choice.frame === b.choice.frame,
  );

  protected override willUpdate(): void {
    if (!this.episodeId || !this.isConnected) return;
    const question = { id: this.episodeId, choice: readingChoice(this) };
    // The same episode, read otherwise, stays where it is until the answer is here.
    this.episode.load(question, { blank: this.episode.key?.id !== this.episodeId });
  }

  protected override render() {
    const { value, error } = this.episode;
    if (error)
      return html`<rs-notice
        kind="error"
        text=${error.message}
        retry
        @retry=${() => this.episode.reload()}
      ></rs-notice>`;
    if (!value) return html`<rs-notice kind="loading" text=${t("Loading the episode…")}></rs-notice>`;
    const at = Math.max(0, Math.min(value.steps.length - 1, this.step));
    const step = value.steps[at];
    return html`
      <h2>${visible(value.header.goal) || t("Episode {0}", value.header.episodeId)}</h2>
      <p class="muted small">
        ${visible([value.header.label, value.header.episodeId, value.header.source].filter(Boolean).join(" · "))}
      </p>
      <rs-reading
        .reading=${value.reading}
        .dialect=${this.dialect}
        .frame=${this.frame}
        .text=${step?.predictedText ?? ""}
      ></rs-reading>
      <div
        class="film"
        role="listbox"
        aria-orientation="horizontal"
        aria-label=${t("Steps of the episode")}
        @keydown=${this.onKey}
      >
        ${value.steps.map((s, i) => this.still(s, i === at, i, value.reading))}
      </div>
      ${step ? this.stage(step, at, value) : html`<rs-notice text=${t("This episode has no steps.")}></rs-notice>`}
    `;
  }

  private still(step: EpisodeStep, selected: boolean, at: number, reading: Reading) {
    const { name, tone } = verdictIcon(step);
    const kind = (step.expected ?? drawn(step, reading)[0])?.kind ?? "";
    return html`<div
      role="option"
      data-at=${at}
      tabindex=${selected ? 0 : -1}
      aria-selected=${selected}
      aria-label=${t("Step {0}: {1}", step.index, step.words)}
      title=${step.words}
      @click=${() => fire(this, "view-state", { episodeStep: at })}
    >
      ${
        step.image === null
          ? html`<div class="blank small muted">${t("no picture")}</div>`
          : html`<rs-screenshot
              .reads=${this.reads}
              path=${step.image}
              .expected=${step.expected}
              .expectedBox=${step.expectedBox}
              .predicted=${drawn(step, reading)}
              .sizes=${step.sizes}
            ></rs-screenshot>`
      }
      <div class="row small ${tone}">
        ${icon(name)}
        <span class="clip">${step.index} ${kind.replace(/_/g, " ")}</span>
      </div>
    </div>`;
  }

  private stage(step: EpisodeStep, at: number, { steps, reading, header: { extra: about } }: Episode) {
    const { name, tone } = verdictIcon(step);
    return html`<div class="stage">
      <div>
        ${
          step.image === null
            ? html`<rs-notice text=${t("No screenshot was found for this step.")}></rs-notice>`
            : html`<rs-screenshot
                  .reads=${this.reads}
                  path=${step.image}
                  alt=${t("Screenshot of step {0}. {1}", step.index, step.words)}
                  .expected=${step.expected}
                  .expectedBox=${step.expectedBox}
                  .predicted=${drawn(step, reading).filter(isPositional)}
                  .sizes=${step.sizes}
                ></rs-screenshot>
                <rs-legend></rs-legend>
                ${
                  step.boxFrom === "inferred"
                    ? html`<p class="small muted">
                        ${t("The box is inferred from the layout's known sizes; the file does not give one.")}
                      </p>`
                    : nothing
                }`
        }
      </div>
      <div class="facts" aria-live="polite">
        <p class="row ${tone} verdict">${icon(name)} <span>${step.words}</span></p>
        <p class="muted small num">${t("step {0} of {1}", at + 1, plural(steps.length, "{0}", "{0}"))}</p>
        ${step.expected ? this.fact(t("Expected"), html`<span class="chip plain mono">${visible(actionWords(step.expected))}</span>`) : nothing}
        ${step.predicted ? this.fact(t("Predicted"), html`<span class="chip plain mono">${visible(actionWords(step.predicted))}</span>`) : nothing}
        ${step.parsed?.thought ? this.fact(t("Thought"), html`<rs-text .text=${step.parsed.thought}></rs-text>`) : nothing}
        ${
          step.predictedText === null
            ? nothing
            : this.fact(
                t("What the model wrote"),
                html`<rs-text
                    class="mono"
                    .text=${step.predictedText}
                    .spans=${step.parsed?.actions.map((a) => a.span) ?? []}
                    .active=${this.pointed}
                  ></rs-text>
                  <rs-actions
                    .parsed=${step.parsed}
                    .expected=${step.expected}
                    @action-pointed=${(e: CustomEvent<number | null>) => (this.pointed = e.detail)}
                  ></rs-actions>`,
              )
        }
        ${step.target ? this.target(step.target) : nothing}
        ${this.extras(t("What else the file says of this step"), step.extra)}
        ${this.extras(t("What else it says of the episode"), about)}
      </div>
    </div>`;
  }

  private target({ text, why }: NonNullable<EpisodeStep["target"]>) {
    const wrong = html`<p class="row warn">
      ${icon("warning")}<span>${t("A model that learns this is not understood: {0}", visible(why ?? ""))}</span>
    </p>`;
    const body = html`<rs-text class="mono" .text=${text}></rs-text>${why === null ? nothing : wrong}`;
    return this.fact(t("Text to learn"), body);
  }

  private extras(title: string, extra: Readonly<Record<string, string>> = {}) {
    const rows = Object.entries(extra);
    if (rows.length === 0) return nothing;
    const list = rows.map(
      ([name, text]) =>
        html`<dt class="muted">${visible(name)}</dt>
          <dd><rs-text class="mono" .text=${text}></rs-text></dd>`,
    );
    return this.fact(title, html`<dl>${list}</dl>`);
  }

  private fact(title: string, body: unknown) {
    return html`<div>
      <h3 class="small muted">${title}</h3>
      ${body}
    </div>`;
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    const last = (this.episode.value?.steps.length ?? 1) - 1;
    const moves: Record<string, number> = { ArrowLeft: this.step - 1, ArrowRight: this.step + 1, Home: 0, End: last };
    const to = moves[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const at = Math.max(0, Math.min(last, to));
    fire(this, "view-state", { episodeStep: at });
    void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>(`[data-at="${at}"]`)?.focus());
  };
}
