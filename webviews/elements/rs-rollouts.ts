// Rollouts in pages under a filter, and the chosen one beside them. On a narrow view one replaces the other.
import { html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { RunState } from "../../core/model/runState";
import { fire, type ViewEvent } from "../shared/events";
import { formatCount, formatStep } from "../shared/format";
import { icon } from "../shared/icons";
import { Resource } from "../shared/resource";
import { lensQuery } from "../shared/lensView";
import { axisWords, pageLimit, rolloutQuery, stepClause } from "../shared/rolloutQuery";
import type { RolloutPage, RolloutQuery, RunReads } from "../shared/runReads";
import { plural, t } from "../shared/strings";
import type { ViewState } from "../shared/viewState";
import { base } from "../styles/base";
import { split } from "../styles/split";
import "./rs-notice";
import "./rs-rollout";
import "./rs-rollout-list";

const sorts: readonly [ViewState["sort"], () => string][] = [
  ["newest", () => t("newest first")],
  ["oldest", () => t("oldest first")],
  ["-reward", () => t("highest reward")],
  ["reward", () => t("lowest reward")],
  ["-spread", () => t("widest spread")],
  ["spread", () => t("narrowest spread")],
];

/** Typing settles before the box is asked. */
const settle = 350;

@customElement("rs-rollouts")
export class RsRollouts extends LitElement {
  static override styles = [base, split];

  @property({ attribute: false }) reads: RunReads | null = null;
  @property({ attribute: false }) saved!: ViewState;
  @property({ attribute: false }) axis: RunState["rolloutAxis"] = null;
  @property({ type: Number }) count = 0;
  @state() private seenCount = 0;
  @state() private noNeighbour = "";
  private typing: ReturnType<typeof setTimeout> | undefined;
  private seeking: AbortController | null = null;
  private readonly page = new Resource<RolloutQuery, RolloutPage>(
    this,
    (query, signal) =>
      this.reads ? this.reads.rolloutPage(query, signal) : Promise.reject(new Error(t("There is no link to the box."))),
    (a, b) => JSON.stringify(a) === JSON.stringify(b),
  );

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.typing);
    this.seeking?.abort();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!this.isConnected) return;
    if (changed.has("saved")) this.noNeighbour = "";
    const query = rolloutQuery(this.saved, this.axis);
    const asked = this.page.key;
    this.page.load(query);
    if (asked !== this.page.key) this.seenCount = this.count;
    else if (this.count > this.seenCount && !this.page.loading && this.quietToRefresh()) this.refresh();
  }

  /** New rollouts may flow in by themselves only where nobody is reading something that would move away. */
  private quietToRefresh(): boolean {
    return (
      this.saved.offset === 0 && this.saved.sort === "newest" && this.saved.rollout === null && this.saved.step === null
    );
  }

  protected override render() {
    const { value, error, loading } = this.page;
    const picked = this.saved.rollout;
    // Whoever came for a step wants to see one of its groups; a list that grows by itself opens nothing unasked.
    const open = picked ?? (this.saved.step === null ? null : (value?.rows[0]?.id ?? null));
    return html`
      <div class="bar row wrap" role="toolbar" aria-label=${t("Which rollouts")}>
        ${this.stepPart()} ${this.filters()}
      </div>
      ${this.words()}
      <div class="split ${picked ? "picked" : ""}">
        <div class="list" @item-selected=${this.onPick}>
          ${
            error
              ? html`<rs-notice
                  kind="error"
                  text=${error.message}
                  retry
                  @retry=${() => this.page.reload()}
                ></rs-notice>`
              : !value
                ? html`<rs-notice kind="loading" text=${t("Loading rollouts…")}></rs-notice>`
                : value.rows.length === 0 && !loading
                  ? html`<rs-notice text=${this.emptyWords()} detail=${value.note ?? ""}></rs-notice>`
                  : html`<rs-rollout-list .rows=${value.rows} .selected=${open}></rs-rollout-list>${this.pager(value)}`
          }
        </div>
        <div class="detail" tabindex="-1">
          ${
            open
              ? html`<button class="link back" @click=${() => fire(this, "view-state", { rollout: null })}>
                    ${icon("left")} ${t("All rollouts")}
                  </button>
                  <rs-rollout
                    .reads=${this.reads}
                    rolloutId=${open}
                    .dialect=${this.saved.dialect}
                    .frame=${this.saved.frame}
                    .lenses=${lensQuery(this.saved)}
                  ></rs-rollout>`
              : html`<rs-notice text=${t("Choose a rollout to see its samples.")}></rs-notice>`
          }
        </div>
      </div>
    `;
  }

  private stepPart() {
    const { step } = this.saved;
    if (step === null) return nothing;
    const name = formatStep(step);
    return html`<span class="row">
      ${this.iconButton("left", t("Nearest earlier step with rollouts"), () => this.seek("<"))}
      <span class="chip num">
        ${t("step {0}", name)}
        ${this.iconButton("close", t("Show the rollouts of all steps"), () => fire(this, "view-state", { step: null, offset: 0 }))}
      </span>
      ${this.iconButton("right", t("Nearest later step with rollouts"), () => this.seek(">"))}
    </span>`;
  }

  private iconButton(name: Parameters<typeof icon>[0], title: string, act: () => void) {
    return html`<button class="quiet" title=${title} aria-label=${title} @click=${act}>${icon(name)}</button>`;
  }

  private filters() {
    return html`<vscode-dropdown
        aria-label=${t("Order")}
        @change=${(e: Event) => fire(this, "view-state", { sort: (e.target as HTMLSelectElement).value as ViewState["sort"], offset: 0 })}
      >
        ${sorts.map(([key, words]) => html`<vscode-option value=${key} ?selected=${key === this.saved.sort}>${words()}</vscode-option>`)}
      </vscode-dropdown>
      <vscode-text-field
        placeholder=${t("Where: reward < 0.5 and samples > 4")}
        aria-label=${t("Condition: step, version, reward, min, max, spread or samples, joined by and")}
        .value=${this.saved.where}
        @input=${(e: Event) => this.type({ where: (e.target as HTMLInputElement).value })}
      ></vscode-text-field>
      <vscode-text-field
        placeholder=${t("Text (regular expression)")}
        aria-label=${t("Text that the prompt or a sample must match, as a regular expression")}
        .value=${this.saved.text}
        @input=${(e: Event) => this.type({ text: (e.target as HTMLInputElement).value })}
      ></vscode-text-field>`;
  }

  private words() {
    const fresh = this.count - this.seenCount;
    const axis = axisWords(this.saved.step, this.axis);
    const note = this.page.value?.note ?? "";
    return html`<div class="words">
      ${axis ? html`<span class="muted">${axis}</span>` : nothing}
      ${note ? html`<span class="muted">${note}</span>` : nothing}
      ${this.noNeighbour ? html`<span class="muted" role="status">${this.noNeighbour}</span>` : nothing}
      ${
        fresh > 0
          ? html`<button class="link" @click=${() => this.refresh()}>
              ${icon("refresh")} ${plural(fresh, "{0} new rollout: show", "{0} new rollouts: show", formatCount(fresh))}
            </button>`
          : nothing
      }
    </div>`;
  }

  private emptyWords(): string {
    if (this.saved.where || this.saved.text) return t("No rollout fits this filter.");
    return this.saved.step === null
      ? t("No rollouts yet.")
      : t("No rollouts at step {0}. The arrows lead to the nearest step that has some.", formatStep(this.saved.step));
  }

  private pager(page: RolloutPage) {
    const { offset } = this.saved;
    const last = offset + page.rows.length;
    return html`<div class="pager row muted num">
      ${t("{0}–{1} of {2}", formatCount(offset + 1), formatCount(last), formatCount(page.total))}
      <button
        class="quiet"
        ?disabled=${offset === 0}
        aria-label=${t("Earlier page")}
        @click=${() => this.turn(-pageLimit)}
      >
        ${icon("left")}
      </button>
      <button
        class="quiet"
        ?disabled=${last >= page.total}
        aria-label=${t("Next page")}
        @click=${() => this.turn(pageLimit)}
      >
        ${icon("right")}
      </button>
    </div>`;
  }

  private turn(by: number): void {
    fire(this, "view-state", { offset: Math.max(0, this.saved.offset + by) });
    this.renderRoot.querySelector(".list")?.scrollTo?.(0, 0);
  }

  private readonly onPick = (event: ViewEvent<"item-selected">): void => {
    event.stopPropagation();
    fire(this, "view-state", { rollout: event.detail.id });
  };

  private refresh(): void {
    this.seenCount = this.count;
    this.page.reload();
  }

  private type(patch: Partial<ViewState>): void {
    clearTimeout(this.typing);
    this.typing = setTimeout(() => fire(this, "view-state", { ...patch, offset: 0 }), settle);
  }

  /** Not every step has rollouts; the box knows which is the next one that has. */
  private seek(sign: "<" | ">"): void {
    const { step } = this.saved;
    const where = step === null ? null : stepClause(step, this.axis, sign);
    if (!where || !this.reads) return;
    this.seeking?.abort();
    const controller = new AbortController();
    this.seeking = controller;
    const found = this.reads.rolloutPage(
      { offset: 0, limit: 1, sort: sign === "<" ? "newest" : "oldest", where },
      controller.signal,
    );
    found.then(
      ({ rows }) => {
        const row = rows[0];
        const version = row?.version ?? null;
        const next = this.axis?.by !== "version" ? (row?.step ?? null) : version === null ? null : version + 1;
        if (next === null)
          this.noNeighbour =
            sign === "<" ? t("There is no earlier step with rollouts.") : t("There is no later step with rollouts.");
        else fire(this, "view-state", { step: next, offset: 0, rollout: null });
      },
      () => undefined,
    );
  }
}
