// Trajectories: which there are and how they went, and the chosen one beside them.
import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { EpisodeHeader } from "../../core/model/episode";
import { fire } from "../shared/events";
import { formatCount } from "../shared/format";
import { icon } from "../shared/icons";
import { Resource } from "../shared/resource";
import type { EpisodePage, RunReads } from "../shared/runReads";
import { plural, t } from "../shared/strings";
import { visible } from "../shared/text";
import type { ViewState } from "../shared/viewState";
import { base } from "../styles/base";
import { split } from "../styles/split";
import "./rs-episode";
import "./rs-notice";

const piece = 100;

@customElement("rs-episodes")
export class RsEpisodes extends LitElement {
  static override styles = [
    base,
    split,
    css`
      .split {
        border-top: 0;
        --rs-list-width: minmax(220px, 26%);
      }
      [role="option"] {
        padding: 5px var(--rs-edge);
        border-bottom: 1px solid var(--rs-line);
        cursor: pointer;
      }
      [role="option"]:hover {
        background: var(--vscode-list-hoverBackground);
      }
      [aria-selected="true"],
      [aria-selected="true"]:hover {
        color: var(--vscode-list-activeSelectionForeground);
        background: var(--vscode-list-activeSelectionBackground);
      }
      [aria-selected="true"] .muted {
        color: inherit;
      }
      [role="option"]:focus-visible {
        outline-offset: -1px;
      }
      .more {
        margin: 6px var(--rs-edge);
      }
    `,
  ];

  @property({ attribute: false }) reads: RunReads | null = null;
  @property({ attribute: false }) saved!: ViewState;
  @property({ type: Number }) count = 0;
  private shown = piece;
  private readonly page = new Resource<string, EpisodePage>(this, (_key, signal) =>
    this.reads
      ? this.reads.episodePage(0, this.shown, signal)
      : Promise.reject(new Error(t("There is no link to the box."))),
  );

  protected override willUpdate(): void {
    if (this.isConnected) this.page.load(`${this.count}/${this.shown}`);
  }

  protected override render() {
    const { value, error } = this.page;
    if (error)
      return html`<rs-notice kind="error" text=${error.message} retry @retry=${() => this.page.reload()}></rs-notice>`;
    if (!value) return html`<rs-notice kind="loading" text=${t("Loading episodes…")}></rs-notice>`;
    if (value.rows.length === 0) return html`<rs-notice text=${t("No episodes yet.")}></rs-notice>`;
    const picked = this.saved.episode;
    // Beside the list something should always be open; in its place (narrow) only what was chosen.
    const open = picked ?? value.rows[0]?.id ?? "";
    return html`<div class="split ${picked ? "picked" : ""}">
      <div class="list">
        <div role="listbox" aria-label=${t("Episodes")} @keydown=${this.onKey}>
          ${value.rows.map((row) => this.row(row, row.id === open))}
        </div>
        ${
          value.rows.length < value.total
            ? html`<button class="link more" @click=${this.more}>
                ${t("Show more of {0}", formatCount(value.total))}
              </button>`
            : nothing
        }
      </div>
      <div class="detail">
        <button class="link back" @click=${() => fire(this, "view-state", { episode: null })}>
          ${icon("left")} ${t("All episodes")}
        </button>
        <rs-episode
          .reads=${this.reads}
          episodeId=${open}
          .step=${this.saved.episodeStep}
          .dialect=${this.saved.dialect}
          .frame=${this.saved.frame}
        ></rs-episode>
      </div>
    </div>`;
  }

  private row(row: EpisodeHeader, selected: boolean) {
    const words = [
      row.label,
      plural(row.steps, "{0} step", "{0} steps"),
      row.typeMatches === null ? "" : t("{0} right actions", `${row.typeMatches}/${row.steps}`),
      row.clickHits === null || row.clicks === null ? "" : t("{0} clicks hit", `${row.clickHits}/${row.clicks}`),
    ];
    return html`<div
      role="option"
      data-id=${row.id}
      aria-selected=${selected}
      tabindex=${selected ? 0 : -1}
      @click=${() => this.pick(row.id)}
    >
      <div class="row">
        ${row.success === null ? nothing : icon(row.success ? "succeeded" : "failed")}
        <span class="clip grow">${visible(row.goal) || row.episodeId}</span>
        ${row.success === null ? nothing : html`<span class="small">${row.success ? t("success") : t("failed")}</span>`}
      </div>
      <div class="small muted num">${visible(words.filter(Boolean).join(" · "))}</div>
    </div>`;
  }

  private pick(id: string): void {
    fire(this, "view-state", { episode: id, episodeStep: 0 });
  }

  private readonly more = (): void => {
    this.shown += piece;
    this.requestUpdate();
  };

  private readonly onKey = (event: KeyboardEvent): void => {
    const rows = this.page.value?.rows ?? [];
    const at = Math.max(
      0,
      rows.findIndex((r) => r.id === this.saved.episode),
    );
    const moves: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: 0,
      End: rows.length - 1,
      Enter: at,
    };
    const to = moves[event.key];
    const next = to === undefined ? undefined : rows[to];
    if (!next) return;
    event.preventDefault();
    this.pick(next.id);
    void this.updateComplete.then(() => {
      [...this.renderRoot.querySelectorAll<HTMLElement>(".list [role=option]")]
        .find((e) => e.dataset["id"] === next.id)
        ?.focus();
    });
  };
}
