// Which run this is, how it is doing, how fresh that is, and what can be done about it.
import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { isLive, mayRestart, mayStop } from "../../core/model/run";
import { emptyRunState, type RunState } from "../../core/model/runState";
import { fire, type HostAction } from "../shared/events";
import { formatTime } from "../shared/format";
import { icon } from "../shared/icons";
import type { LinkView } from "../shared/runStore";
import { linkWords, progressWords, stateWords } from "../shared/runWords";
import { t } from "../shared/strings";
import type { RunReads } from "../shared/runReads";
import { base } from "../styles/base";
import "./rs-gpus";

@customElement("rs-header")
export class RsHeader extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        padding: 10px var(--rs-edge) 6px;
      }
      .top {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 4px 12px;
      }
      h1 {
        font-size: 1.15em;
        font-weight: 600;
        overflow-wrap: anywhere;
        min-width: 0;
      }
      .state {
        display: inline-flex;
        align-items: center;
        gap: 5px;
        font-weight: 600;
        white-space: nowrap;
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
      .busy svg {
        color: var(--vscode-charts-blue);
      }
      .actions {
        display: flex;
        flex-wrap: wrap;
        gap: 4px;
        margin-inline-start: auto;
      }
      .line {
        display: flex;
        flex-wrap: wrap;
        gap: 2px 14px;
        margin-top: 4px;
      }
      .link {
        display: inline-flex;
        gap: 5px;
        align-items: center;
        margin-inline-start: auto;
      }
      .detail {
        margin-top: 4px;
        overflow-wrap: anywhere;
      }
      .track {
        height: 3px;
        margin-top: 8px;
        background: var(--rs-faint);
        overflow: hidden;
        border-radius: 1px;
      }
      .fill {
        height: 100%;
        transform-origin: left;
        background: var(--vscode-progressBar-background, var(--vscode-charts-blue));
      }
      @media (forced-colors: active) {
        .fill {
          background: Highlight;
        }
      }
    `,
  ];

  @property({ attribute: false }) run: RunState = emptyRunState;
  @property({ attribute: false }) link: LinkView = { state: "connecting", since: 0, message: null };
  @property({ attribute: false }) reads: RunReads | null = null;
  @property() box = "";
  @property() name = "";
  @property({ type: Boolean }) filled = false;
  private ticking: ReturnType<typeof setInterval> | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    // "12 s ago" ages while the link is down and nothing else makes this repaint.
    this.ticking = setInterval(() => {
      if (this.link.state !== "connected" && !document.hidden) this.requestUpdate();
    }, 1000);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.ticking);
  }

  protected override render() {
    const { run, link } = this;
    const { status, progress } = run;
    const words = stateWords(status);
    const said = progressWords(progress, status);
    const live = status !== null && isLive(status.state);
    const share = progress.total ? Math.min(1, (progress.step ?? 0) / progress.total) : null;
    const fresh = link.state === "connected";
    return html`
      <div class="top">
        ${this.filled ? html`<span class="state ${words.tone}">${icon(words.icon)} ${words.word}</span>` : nothing}
        <h1>${run.title || this.name}</h1>
        <span class="actions">
          ${
            run.kept
              ? nothing
              : status && mayStop(status)
                ? html`<vscode-button appearance="secondary" ?disabled=${!fresh} @click=${this.act("stop")}
                    >${t("Stop")}</vscode-button
                  >`
                : status
                  ? html`<vscode-button appearance="secondary" ?disabled=${!fresh} @click=${this.act("runAgain")}
                      >${t("Run again")}</vscode-button
                    >`
                  : nothing
          }
          ${
            status && !run.kept && !mayStop(status) && mayRestart(status.state)
              ? html`<vscode-button appearance="secondary" ?disabled=${!fresh} @click=${this.act("restart")}
                  >${t("Restart")}</vscode-button
                >`
              : nothing
          }
          ${
            status
              ? html`<vscode-button appearance="secondary" @click=${this.act("openConfig")}
                    >${t("Open config")}</vscode-button
                  >
                  <vscode-button appearance="secondary" @click=${this.act("openLog")}>${t("Log")}</vscode-button>`
              : nothing
          }
        </span>
      </div>
      <div class="line muted">
        ${said ? html`<span class="num">${said}</span>` : nothing}
        ${run.indexing && this.filled ? html`<span role="status">${t("Reading files…")}</span>` : nothing}
        ${status?.startedAt ? html`<span>${t("started {0}", formatTime(status.startedAt))}</span>` : nothing}
        ${run.kept ? html`<span>${t("kept from {0}, {1}", run.kept.box, formatTime(run.kept.keptAt))}</span>` : nothing}
        ${status && status.attempt > 1 ? html`<span>${t("attempt {0}", status.attempt)}</span>` : nothing}
        ${
          status?.gpus && status.gpus.length > 0
            ? html`<rs-gpus .reads=${this.reads} .uuids=${status.gpus} ?live=${live && fresh}></rs-gpus>`
            : nothing
        }
        ${
          this.box
            ? html`<span class="link" title=${link.message ?? ""}>
                ${icon(fresh ? "plug" : "warning")} ${linkWords(link, this.box, Date.now())}
                ${
                  link.state === "failed" || link.state === "lost"
                    ? html`<button class="link" @click=${this.act("retry")}>${t("Try again")}</button>`
                    : nothing
                }
              </span>`
            : nothing
        }
      </div>
      <span class="sr" aria-live="polite">${this.spoken()}</span>
      ${words.detail ? html`<div class="detail">${words.detail}</div>` : nothing}
      ${link.state === "failed" && link.message ? html`<div class="detail">${link.message}</div>` : nothing}
      ${
        live && share !== null
          ? html`<div
              class="track"
              role="progressbar"
              aria-label=${t("Training steps")}
              aria-valuemin="0"
              aria-valuemax=${progress.total ?? 0}
              aria-valuenow=${progress.step ?? 0}
            >
              <div class="fill" .style=${`transform: scaleX(${share})`}></div>
            </div>`
          : nothing
      }
    `;
  }

  /** Without the ageing seconds, which a screen reader would read out one by one. */
  private spoken(): string {
    const link = this.link.state === "connected" ? t("connected") : t("not connected");
    return this.filled ? `${stateWords(this.run.status).word}, ${link}` : "";
  }

  private act(kind: Exclude<HostAction, { text: string }>["kind"]): () => void {
    return () => fire(this, "host-action", { kind });
  }
}
