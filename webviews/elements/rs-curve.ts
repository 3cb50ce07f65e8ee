// One chart, owned and updated in place. Says its step on click and Enter, follows the cursor of its neighbours.
import { html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import type { Disposable } from "../../core/base/disposable";
import type { AttemptMark } from "../../core/model/runState";
import type { Series } from "../../core/model/series";
import {
  marksWords,
  nearest,
  oddWords,
  pointWords,
  spansDecades,
  summarise,
  thin,
  type CurveData,
  type Point,
} from "../shared/curveData";
import { CurveChart } from "../shared/curveChart";
import { CurveGestures, drawBrush, drawCursor } from "../shared/curveGestures";
import { wholeOf, within, type Range } from "../shared/curveRange";
import { drawInTurn, leaveTurn } from "../shared/drawTurns";
import { fire } from "../shared/events";
import { formatNumber, formatStep } from "../shared/format";
import { icon } from "../shared/icons";
import { t } from "../shared/strings";
import { theme } from "../shared/theme";
import { base } from "../styles/base";
import { curveStyle } from "../styles/curve";
import "./rs-curve-table";

@customElement("rs-curve")
export class RsCurve extends LitElement {
  static override styles = [base, curveStyle];

  @property({ attribute: false }) series: Series | null = null;
  @property({ attribute: false }) data: CurveData | null = null;
  /** Chosen step, drawn as a line. */
  @property({ attribute: false }) step: number | null = null;
  /** Where later attempts begin, if this curve's axis counts their steps. */
  @property({ attribute: false }) marks: readonly AttemptMark[] = [];
  /** Where the pointer stands in any of the charts. */
  @property({ attribute: false }) cursor: number | null = null;
  /** Whether a step chosen here leads to rollouts. */
  @property({ type: Boolean }) leads = true;
  /** There is no list from which it could be shown again: it cannot be hidden. */
  @property({ type: Boolean }) fixed = false;
  @property({ type: Boolean }) logScale = false;
  /** The stretch of steps that is shown; null for all. */
  @property({ attribute: false }) range: Range | null = null;
  /** The same curve with more points there, where it has more. */
  @property({ attribute: false }) detail: CurveData | null = null;
  /** Whether a stretch can be chosen: somebody listens. */
  @property({ type: Boolean }) zooms = false;
  @property({ attribute: false }) note = "";
  @state() private asTable = false;
  @state() private spoken = "";
  @query("canvas") private canvas!: HTMLCanvasElement | null;
  @query(".plot") private plot!: HTMLElement | null;
  @query(".cursor") private cursorLine!: HTMLElement | null;
  @query(".dot") private dot!: HTMLElement | null;
  @query(".brush") private brush!: HTMLElement | null;
  private chart: CurveChart | null = null;
  private watching: Disposable | null = null;
  private inSight: IntersectionObserver | null = null;
  private seen = true;
  /** The stretch was chosen here: this chart is drawn before the others. */
  private hand = false;

  private readonly gestures = new CurveGestures({
    shown: () => {
      const whole = wholeOf(this.data?.points ?? []);
      return this.zooms && whole ? { range: this.range ?? whole, whole } : null;
    },
    stepAt: (clientX) => this.axisAt(clientX),
    brush: (area) => drawBrush(this.brush, this.plot, area),
    choose: (range) => {
      this.hand = true;
      if (range !== this.range) fire(this, "range-chosen", { range });
    },
  });

  override connectedCallback(): void {
    super.connectedCallback();
    this.watching = theme().onChange(() => this.draw());
    // Charts scrolled out of sight are not redrawn for every delta.
    if (typeof IntersectionObserver === "function") {
      this.inSight = new IntersectionObserver((entries) => {
        const shown = entries.some((e) => e.isIntersecting);
        if (shown && !this.seen) this.requestUpdate("data");
        this.seen = shown;
        if (shown) this.draw();
      });
      this.inSight.observe(this);
    }
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.watching?.dispose();
    this.inSight?.disconnect();
    leaveTurn(this.draw);
    this.chart?.dispose();
    this.chart = null;
  }

  protected override updated(changed: PropertyValues<RsCurve>): void {
    // A moved cursor alone must not redraw twenty canvases.
    if (changed.size === 1 && (changed.has("cursor") || changed.has("spoken" as keyof RsCurve))) this.placeCursor();
    else this.draw();
  }

  /** Another stretch of the same curve changes the picture alone. */
  protected override shouldUpdate(changed: PropertyValues<RsCurve>): boolean {
    const moved = changed.size === 1 && changed.has("range") && this.chart !== null;
    if (moved && this.hand) this.draw();
    else if (moved) drawInTurn(this.draw);
    this.hand = false;
    return !moved;
  }

  protected override render() {
    const { series, data } = this;
    if (!series || !data) return nothing;
    const { points } = this.detail ?? data;
    const at = this.cursor === null ? -1 : nearest(points, this.cursor);
    const point = points[at] ?? data.last;
    const odd = oddWords(data);
    return html`
      <header>
        <h3>${series.name}</h3>
        <span class="value num">
          ${
            at >= 0 && point
              ? html`<span class="muted small">${t("{0} {1}", series.axis, formatStep(point.x))}</span>
                  ${formatNumber(point.y)}`
              : html`<strong>${formatNumber(point?.y)}</strong>`
          }
        </span>
      </header>
      <div class="raw small muted">
        <span class="clip" title=${`${series.raw} (${[series.source, ...(series.alsoIn ?? [])].join(", ")})`}
          >${series.raw}${this.note ? ` · ${this.note}` : ""}</span
        >
        ${odd ? html`<span class="odd" title=${t("Points without a place on the axis; marked × at the bottom")}>× ${odd}</span>` : nothing}
        <span class="tools">
          ${
            spansDecades(data) || this.logScale
              ? this.tool("logScale", t("Logarithmic axis"), this.logScale, () => this.toggleLog())
              : nothing
          }
          ${this.tool("table", t("Show {0} as a table", series.name), this.asTable, () => (this.asTable = !this.asTable))}
          ${this.fixed ? nothing : this.tool("hide", t("Hide {0}", series.name), null, () => fire(this, "show-curve", { key: series.key, shown: false }))}
        </span>
      </div>
      ${
        this.asTable
          ? html`<rs-curve-table .series=${series} .data=${data}></rs-curve-table>`
          : html`<div
              class="plot"
              tabindex="0"
              role="group"
              aria-roledescription=${t("chart")}
              aria-label=${t("{0}. Arrow keys move along the points, Enter shows the rollouts of a step.", series.name)}
              @pointermove=${this.onMove}
              @pointerdown=${(e: PointerEvent) => (this.gestures.down(e), this.onMove(e))}
              @pointerup=${(e: PointerEvent) => this.gestures.up(e)}
              @pointercancel=${() => this.gestures.cancel()}
              @dblclick=${() => this.range && fire(this, "range-chosen", { range: null })}
              @wheel=${(e: WheelEvent) => this.gestures.wheel(e)}
              @pointerleave=${() => fire(this, "cursor-moved", { step: null })}
              @blur=${() => fire(this, "cursor-moved", { step: null })}
              @click=${this.onClick}
              @keydown=${this.onKey}
            >
              <canvas
                role="img"
                aria-label=${[summarise(series, data), ...marksWords(this.marks, series.axis)].join("; ")}
              ></canvas>
              <div class="cursor" hidden></div>
              <div class="dot" hidden></div>
              <div class="brush" hidden></div>
            </div>`
      }
      <div class="sr" aria-live="polite">${this.spoken}</div>
    `;
  }

  private tool(name: Parameters<typeof icon>[0], title: string, pressed: boolean | null, act: () => void) {
    return html`<button
      class="quiet"
      title=${title}
      aria-label=${title}
      aria-pressed=${pressed ?? nothing}
      @click=${act}
    >
      ${icon(name)}
    </button>`;
  }

  private readonly draw = (): void => {
    leaveTurn(this.draw);
    const { series, data, plot, canvas } = this;
    if (!series || !data || !plot || !canvas || !this.isConnected) {
      this.chart?.dispose();
      this.chart = null;
      return;
    }
    if (!this.seen && this.chart) return;
    if (this.chart && this.chart.canvas !== canvas) {
      this.chart.dispose();
      this.chart = null;
    }
    this.chart ??= CurveChart.on(canvas, () => this.placeCursor());
    const columns = plot.clientWidth || 300;
    const { points, smooth, odd } = this.detail ?? data;
    this.chart?.show({
      points: thin(within(points, this.range), columns),
      smooth: thin(within(smooth, this.range), columns),
      range: this.range,
      odd: odd.map((p) => p.x),
      step: this.step,
      marks: this.marks,
      name: series.name,
      logScale: this.logScale && data.min > 0,
      colours: theme().colours,
    });
    this.placeCursor();
  };

  private placeCursor(): void {
    const { cursorLine, dot, chart, range } = this;
    if (!cursorLine || !dot) return;
    const found = this.cursor === null ? undefined : this.points[nearest(this.points, this.cursor)];
    const point = found && range && (found.x < range.from || found.x > range.to) ? undefined : found;
    const place = point && chart ? chart.place(point) : null;
    drawCursor(cursorLine, dot, place);
  }

  private stepAt(event: MouseEvent): number | null {
    const x = this.axisAt(event.clientX);
    return x === null ? null : (this.points[nearest(this.points, x)]?.x ?? null);
  }

  private axisAt(clientX: number): number | null {
    return this.chart?.stepAt(clientX - (this.plot?.getBoundingClientRect().left ?? 0)) ?? null;
  }

  private get points(): readonly Point[] {
    return (this.detail ?? this.data)?.points ?? [];
  }

  private readonly onMove = (event: PointerEvent): void => {
    if (this.zooms && this.gestures.move(event)) return;
    const step = this.stepAt(event);
    if (step !== this.cursor) fire(this, "cursor-moved", { step });
  };

  private readonly onClick = (event: MouseEvent): void => {
    if (!this.leads || this.gestures.endsDrag()) return;
    // A click's place is rounded to whole pixels, a move's is not: what was read off is what is chosen.
    const step = this.cursor ?? this.stepAt(event);
    if (step !== null) fire(this, "step-selected", { step });
  };

  private readonly onKey = (event: KeyboardEvent): void => {
    const { points } = this;
    if (points.length === 0) return;
    if (this.gestures.key(event.key, this.cursor)) return event.preventDefault();
    const at = this.cursor === null ? points.length : nearest(points, this.cursor);
    if (event.key === "Enter" || event.key === " ") {
      if (!this.leads) return;
      const step = this.cursor ?? this.data?.last?.x;
      event.preventDefault();
      if (step !== undefined) fire(this, "step-selected", { step });
      return;
    }
    const jump = event.shiftKey ? 10 : 1;
    const moves: Record<string, number> = {
      ArrowLeft: at - jump,
      ArrowRight: at + jump,
      Home: 0,
      End: points.length - 1,
    };
    const next = moves[event.key];
    if (next === undefined) return;
    event.preventDefault();
    const point = points[Math.max(0, Math.min(points.length - 1, next))];
    if (!point) return;
    this.spoken = this.series ? pointWords(this.series, point) : "";
    fire(this, "cursor-moved", { step: point.x });
  };

  private toggleLog(): void {
    this.dispatchEvent(new CustomEvent("log-scale", { detail: !this.logScale }));
  }
}
