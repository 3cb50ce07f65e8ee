// The run view: header, tabs, and the one part that is looked at. Parts that are not looked at do not exist.
import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { RunsideError } from "../../core/base/errors";
import { isLive } from "../../core/model/run";
import { emptyRunState, type RunState } from "../../core/model/runState";
import { fire, type ViewEvent } from "../shared/events";
import type { RunReads } from "../shared/runReads";
import type { LinkView, Place } from "../shared/runStore";
import { t } from "../shared/strings";
import type { TabInfo } from "./rs-tabs";
import { readViewState, tabs, type Tab, type ViewState } from "../shared/viewState";
import { base } from "../styles/base";
import "./rs-config";
import "./rs-curves";
import "./rs-diagnostics";
import "./rs-episodes";
import "./rs-evals";
import "./rs-header";
import "./rs-lenses";
import "./rs-log";
import "./rs-notice";
import "./rs-rollouts";
import "./rs-tabs";

@customElement("rs-run-view")
export class RsRunView extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        display: flex;
        flex-direction: column;
        height: 100%;
        overflow: auto;
      }
      rs-header,
      rs-notice,
      rs-diagnostics,
      rs-tabs {
        flex: none;
      }
      .panel {
        flex: 1 1 0;
        min-height: 260px;
        overflow: auto;
        position: relative;
      }
      .panel:focus-visible {
        outline-offset: -1px;
      }
    `,
  ];

  @property({ attribute: false }) run: RunState = emptyRunState;
  @property({ attribute: false }) place: Place | null = null;
  @property({ attribute: false }) link: LinkView = { state: "connecting", since: 0, message: null };
  @property({ attribute: false }) error: RunsideError | null = null;
  @property({ attribute: false }) reads: RunReads | null = null;
  @property({ attribute: false }) saved: ViewState = readViewState(null);
  @property({ type: Boolean }) filled = false;
  private scrolling: ReturnType<typeof setTimeout> | undefined;
  private restored: Tab | null = null;
  private logShown = false;

  override connectedCallback(): void {
    super.connectedCallback();
    this.addEventListener("step-selected", this.onStep as EventListener);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.removeEventListener("step-selected", this.onStep as EventListener);
    clearTimeout(this.scrolling);
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (!this.filled || !(changed.has("filled") || changed.has("saved")) || this.restored === this.saved.tab) return;
    this.restored = this.saved.tab;
    const top = this.saved.scroll[this.saved.tab] ?? 0;
    const panel = this.renderRoot.querySelector(".panel");
    // After the part's own first paint: before it there is no height to scroll in.
    if (panel) requestAnimationFrame(() => (panel.scrollTop = top));
  }

  /** A run that failed before its first curve has its reason in the log: once, so that whoever goes back to Curves stays there. */
  protected override willUpdate(): void {
    const { run, saved, logShown } = this;
    if (logShown || !this.filled || run.indexing || run.series.size > 0 || run.logSize === 0) return;
    if (saved.tab !== "curves" || run.status?.state !== "failed") return;
    this.logShown = true;
    queueMicrotask(() => fire(this, "view-state", { tab: "log" }));
  }

  protected override render() {
    const { run } = this;
    return html`
      <rs-header
        .run=${run}
        .link=${this.link}
        .reads=${this.reads}
        .filled=${this.filled}
        box=${this.place?.boxName ?? ""}
        name=${this.place?.title ?? ""}
      ></rs-header>
      ${
        this.error && this.filled
          ? html`<rs-notice inline kind="error" text=${this.error.message} retry @retry=${this.retry}></rs-notice>`
          : nothing
      }
      <rs-diagnostics .items=${run.diagnostics}></rs-diagnostics>
      <rs-tabs .tabs=${this.tabList()} active=${this.saved.tab}></rs-tabs>
      <div
        class="panel"
        role="tabpanel"
        aria-label=${this.tabList().find((tab) => tab.id === this.saved.tab)?.title ?? ""}
        @scroll=${this.onScroll}
      >
        ${this.content()}
      </div>
    `;
  }

  private content() {
    const { run, reads, saved } = this;
    if (!this.filled || !reads) {
      return this.error
        ? html`<rs-notice kind="error" text=${this.error.message} retry @retry=${this.retry}></rs-notice>`
        : html`<rs-notice kind="loading" text=${t("Asking the box for this run…")}></rs-notice>`;
    }
    const live = run.status === null || isLive(run.status.state);
    switch (saved.tab) {
      case "curves":
        return run.series.size === 0 && run.indexing
          ? html`<rs-notice kind="loading" text=${t("Reading the run's files…")}></rs-notice>`
          : html`<rs-curves
              .reads=${reads}
              .series=${run.series}
              .marks=${run.marks}
              .saved=${saved}
              .live=${live}
              .hasRollouts=${run.counts.rollouts > 0}
              .rolloutSource=${run.rolloutAxis?.source ?? null}
            ></rs-curves>`;
      case "rollouts":
        return html`<rs-rollouts
          .reads=${reads}
          .saved=${saved}
          .axis=${run.rolloutAxis}
          .count=${run.counts.rollouts}
        ></rs-rollouts>`;
      case "episodes":
        return html`<rs-episodes .reads=${reads} .saved=${saved} .count=${run.counts.episodes}></rs-episodes>`;
      case "lenses":
        return html`<rs-lenses .reads=${reads} .saved=${saved} .count=${run.counts.rollouts}></rs-lenses>`;
      case "evals":
        return html`<rs-evals .reads=${reads} .tables=${run.evals} .sources=${live ? null : run.sources}></rs-evals>`;
      case "log":
        return html`<rs-log .reads=${reads} .saved=${saved} .size=${run.logSize}></rs-log>`;
      case "config":
        return html`<rs-config .reads=${reads} .run=${run}></rs-config>`;
    }
  }

  private tabList(): TabInfo[] {
    const { run, filled } = this;
    const live = run.status !== null && isLive(run.status.state);
    const none = (what: string): string =>
      !filled ? t("Not loaded yet") : live || run.indexing ? t("No {0} yet", what) : t("This run has no {0}", what);
    const of = (id: Tab, title: string, count: number, what: string): TabInfo => ({
      id,
      title,
      count,
      empty: count > 0 ? "" : none(what),
    });
    const all: Record<Tab, TabInfo> = {
      curves: { id: "curves", title: t("Curves"), count: run.series.size, empty: "" },
      rollouts: of("rollouts", t("Rollouts"), run.counts.rollouts, t("rollouts")),
      episodes: of("episodes", t("Episodes"), run.counts.episodes, t("episodes")),
      lenses: { ...of("lenses", t("Lenses"), run.counts.rollouts, t("rollouts")), count: null },
      evals: of("evals", t("Evals"), Math.max(run.evals.length, run.counts.evals), t("evaluations")),
      log: { id: "log", title: t("Log"), count: null, empty: run.logSize > 0 || run.status ? "" : none(t("log")) },
      config: { id: "config", title: t("Config"), count: null, empty: filled ? "" : none(t("config")) },
    };
    return tabs.map((id) => all[id]);
  }

  private readonly onStep = (event: ViewEvent<"step-selected">): void => {
    const { step } = event.detail;
    if (this.run.counts.rollouts === 0) fire(this, "view-state", { step });
    else fire(this, "view-state", { tab: "rollouts", step, rollout: null, offset: 0 });
  };

  private readonly retry = (): void => {
    fire(this, "host-action", { kind: "retry" });
  };

  private readonly onScroll = (event: Event): void => {
    const top = (event.target as HTMLElement).scrollTop;
    const { tab, scroll } = this.saved;
    clearTimeout(this.scrolling);
    this.scrolling = setTimeout(() => fire(this, "view-state", { scroll: { ...scroll, [tab]: top } }), 200);
  };
}
