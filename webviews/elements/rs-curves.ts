// Small multiples of every series: reward first. One cursor for all, so that a spike in one is read off in the others.
import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { AttemptMark } from "../../core/model/runState";
import type { Series } from "../../core/model/series";
import { curveData, sortSeries, type CurveData } from "../shared/curveData";
import { fire, type ViewEvent } from "../shared/events";
import { curveDetail, detailOf } from "../shared/curveDetail";
import { covers, endsOf, type Range } from "../shared/curveRange";
import { icon } from "../shared/icons";
import { formatNumber, formatStep } from "../shared/format";
import type { RunReads } from "../shared/runReads";
import { plural, t } from "../shared/strings";
import type { ViewState } from "../shared/viewState";
import { base } from "../styles/base";
import { menu } from "../styles/menu";
import "./rs-curve";
import type { RsCurve } from "./rs-curve";
import "./rs-notice";

/** The same each time: a new one would redraw a chart for nothing. */
const noMarks: readonly AttemptMark[] = [];

@customElement("rs-curves")
export class RsCurves extends LitElement {
  static override styles = [
    base,
    menu,
    css`
      .bar {
        padding: var(--rs-gap) var(--rs-edge);
        position: sticky;
        top: 0;
        z-index: 2;
        background: var(--vscode-editor-background);
      }
      .bar vscode-text-field {
        flex: 1 1 140px;
        max-width: 280px;
        min-width: 0;
      }
      label {
        display: flex;
        align-items: center;
        gap: 6px;
        white-space: nowrap;
      }
      input[type="range"] {
        accent-color: var(--vscode-focusBorder);
        width: 110px;
        margin: 0;
      }
      .hint {
        text-align: end;
      }
      .reset {
        flex: 1 0 auto;
        white-space: nowrap;
        text-align: end;
      }
      @media (max-width: 720px) {
        .hint {
          visibility: hidden;
        }
      }
      @media (max-width: 480px) {
        .bar vscode-text-field {
          flex-basis: 100%;
          max-width: none;
        }
        input[type="range"] {
          width: 84px;
        }
      }
      output {
        min-width: 2.5em;
      }
      .grid {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(100%, 300px), 1fr));
        gap: var(--rs-gap);
        padding: 0 var(--rs-edge) var(--rs-edge);
      }
    `,
  ];

  @property({ attribute: false }) series: ReadonlyMap<string, Series> = new Map();
  @property({ attribute: false }) marks: readonly AttemptMark[] = [];
  @property({ attribute: false }) saved!: ViewState;
  @property({ type: Boolean }) live = false;
  @property({ type: Boolean }) hasRollouts = false;
  /** The source the rollouts come from: another phase's curves count other steps and lead nowhere. */
  @property({ attribute: false }) rolloutSource: string | null = null;
  @property({ attribute: false }) reads: RunReads | null = null;
  @state() private cursor: number | null = null;
  /** The stretch of steps that is shown, and the axis it is of. */
  @state() private zoom: { range: Range; axis: string } | null = null;
  private readonly detail = curveDetail(this, () => this.reads);
  private cursorLeads = true;
  private readonly made = new WeakMap<Series, { smoothing: number; data: CurveData }>();

  protected override render() {
    const all = sortSeries(this.series.values());
    if (all.length === 0) {
      return html`<rs-notice
        text=${this.live ? t("No metrics yet.") : t("No metrics were found in this run.")}
        detail=${this.live ? t("Curves appear here with the first line that the training writes.") : ""}
      ></rs-notice>`;
    }
    const filter = this.saved.curveFilter.trim().toLowerCase();
    const hidden = new Set(this.saved.hidden);
    const matching = all.filter((s) => !filter || `${s.name} ${s.raw}`.toLowerCase().includes(filter));
    const shown = matching.filter((s) => !hidden.has(s.key));
    const twins = new Set(all.map((s) => s.name).filter((name, i, names) => names.indexOf(name) !== i));
    return html`
      <div class="bar row wrap" role="toolbar" aria-label=${t("Curves")}>
        <vscode-text-field
          placeholder=${t("Filter curves")}
          aria-label=${t("Filter curves by name")}
          .value=${this.saved.curveFilter}
          @input=${(e: Event) => fire(this, "view-state", { curveFilter: (e.target as HTMLInputElement).value })}
        ></vscode-text-field>
        <label>
          ${t("Smoothing")}
          <input
            type="range"
            min="0"
            max="0.99"
            step="0.01"
            .value=${String(this.saved.smoothing)}
            @input=${(e: Event) => fire(this, "view-state", { smoothing: Number((e.target as HTMLInputElement).value) })}
          />
          <output class="num muted"
            >${this.saved.smoothing === 0 ? t("off") : formatNumber(this.saved.smoothing, 2)}</output
          >
        </label>
        ${
          this.zoom
            ? html`<button class="link reset small" @click=${() => this.setZoom(null)}>
                ${t("{0} {1} to {2}: show all", this.zoom.axis, ...endsOf(this.zoom.range).map(formatStep))}
              </button>`
            : html`<span class="grow clip muted small hint"
                >${this.hasRollouts ? t("Click a point for its rollouts, drag to zoom") : t("Drag to zoom")}</span
              >`
        }
        ${this.picker(all, hidden)}
      </div>
      ${
        shown.length === 0
          ? html`<rs-notice
              text=${filter ? t("No curve matches “{0}”.", this.saved.curveFilter) : t("All curves are hidden.")}
            ></rs-notice>`
          : html`<div
              class="grid"
              @cursor-moved=${this.onCursor}
              @show-curve=${this.onShow}
              @range-chosen=${this.onRange}
            >
              ${shown.map(
                (s) =>
                  html`<rs-curve
                    .series=${s}
                    .data=${this.dataOf(s)}
                    .step=${this.leads(s) ? this.saved.step : null}
                    .cursor=${this.leads(s) === this.cursorLeads ? this.cursor : null}
                    .marks=${s.axis === "step" ? this.marks : noMarks}
                    .leads=${this.leads(s)}
                    .logScale=${this.saved.logScale.includes(s.key)}
                    .range=${this.zoom?.axis === s.axis ? this.zoom.range : null}
                    .detail=${this.finer(s)}
                    .zooms=${true}
                    .note=${twins.has(s.name) ? s.source : ""}
                    @log-scale=${(e: CustomEvent<boolean>) => this.setLog(s.key, e.detail)}
                  ></rs-curve>`,
              )}
            </div>`
      }
    `;
  }

  private picker(all: readonly Series[], hidden: ReadonlySet<string>) {
    const count = all.length - all.filter((s) => hidden.has(s.key)).length;
    return html`<details @keydown=${this.onMenuKey} @focusout=${this.onMenuBlur}>
      <summary>
        ${icon("list")}
        ${count === all.length ? plural(count, "{0} curve", "{0} curves") : t("{0} of {1} curves", count, all.length)}
      </summary>
      <div class="menu">
        ${
          hidden.size > 0
            ? html`<button class="link" @click=${() => fire(this, "view-state", { hidden: [] })}>
                ${t("Show all")}
              </button>`
            : nothing
        }
        ${all.map(
          (s) =>
            html`<vscode-checkbox
              .checked=${!hidden.has(s.key)}
              @change=${(e: Event) => this.show(s.key, (e.target as HTMLInputElement).checked)}
              >${s.name} <span class="muted small">${s.raw === s.name ? "" : s.raw}</span></vscode-checkbox
            >`,
        )}
      </div>
    </details>`;
  }

  /** A series object is new exactly when it changed, so what was worked out for it can be kept. */
  private dataOf(series: Series): CurveData {
    const smoothing = this.saved.smoothing;
    const held = this.made.get(series);
    if (held && held.smoothing === smoothing) return held.data;
    const data = curveData(series, smoothing);
    this.made.set(series, { smoothing, data });
    return data;
  }

  private finer(series: Series): CurveData | null {
    const { zoom } = this;
    const held = this.detail.value;
    if (!zoom || !held || zoom.axis !== series.axis || !covers(held.range, zoom.range)) return null;
    const finer = held.series.get(series.key);
    return finer ? this.dataOf(finer) : null;
  }

  private setZoom(zoom: { range: Range; axis: string } | null): void {
    this.zoom = zoom;
    if (!zoom) return this.detail.clear();
    const hidden = new Set(this.saved.hidden);
    const keys = [...this.series.values()]
      .filter((s) => s.axis === zoom.axis && s.total > s.steps.length && !hidden.has(s.key))
      .map((s) => s.key);
    if (keys.length > 0) this.detail.load(detailOf(zoom.range, keys));
  }

  private readonly onRange = (event: ViewEvent<"range-chosen">): void => {
    event.stopPropagation();
    const { range } = event.detail;
    this.setZoom(range && { range, axis: (event.target as RsCurve).series?.axis ?? "" });
  };

  /** Whether a step of this curve is a step of the rollouts: the same folder, or nothing that tells them apart. */
  private leads(series: Series): boolean {
    const folder = (path: string): string => path.slice(0, path.lastIndexOf("/") + 1);
    if (!this.hasRollouts || this.rolloutSource === null) return this.hasRollouts;
    const wanted = folder(this.rolloutSource);
    const alone = ![...this.series.values()].some((s) => folder(s.source) === wanted);
    return alone || folder(series.source) === wanted;
  }

  private readonly onCursor = (event: ViewEvent<"cursor-moved">): void => {
    event.stopPropagation();
    this.cursorLeads = (event.target as RsCurve).leads;
    this.cursor = event.detail.step;
  };

  private readonly onShow = (event: ViewEvent<"show-curve">): void => {
    event.stopPropagation();
    this.show(event.detail.key, event.detail.shown);
  };

  private show(key: string, shown: boolean): void {
    const rest = this.saved.hidden.filter((k) => k !== key);
    if (shown !== !this.saved.hidden.includes(key)) fire(this, "view-state", { hidden: shown ? rest : [...rest, key] });
  }

  private setLog(key: string, on: boolean): void {
    const rest = this.saved.logScale.filter((k) => k !== key);
    fire(this, "view-state", { logScale: on ? [...rest, key] : rest });
  }

  private readonly onMenuKey = (event: KeyboardEvent): void => {
    if (event.key !== "Escape") return;
    (event.currentTarget as HTMLDetailsElement).open = false;
    this.renderRoot.querySelector("summary")?.focus();
  };

  private readonly onMenuBlur = (event: FocusEvent): void => {
    const menu = event.currentTarget as HTMLDetailsElement;
    if (event.relatedTarget instanceof Node && !menu.contains(event.relatedTarget)) menu.open = false;
  };
}
