// One screenshot of the run, fetched in pieces into a blob, with what was expected and what was predicted drawn on it.
import { css, html, LitElement, nothing, svg, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { Action } from "../../core/model/action";
import type { Rollout } from "../../core/model/rollout";
import { endOf, spotOf, type Spot } from "../shared/actionWords";
import { Resource } from "../shared/resource";
import type { RunReads } from "../shared/runReads";
import { t } from "../shared/strings";
import { base } from "../styles/base";
import "./rs-notice";

@customElement("rs-screenshot")
export class RsScreenshot extends LitElement {
  static override styles = [
    base,
    css`
      .frame {
        position: relative;
        display: inline-block;
        max-width: 100%;
        line-height: 0;
        border: 1px solid var(--rs-line);
        background: var(--vscode-editorWidget-background, transparent);
      }
      img {
        display: block;
        max-width: 100%;
        max-height: var(--rs-shot-height, 60vh);
        height: auto;
      }
      .frame svg {
        position: absolute;
        inset: 0;
        width: 100%;
        height: 100%;
        overflow: visible;
        pointer-events: none;
        fill: none;
      }
      .under {
        stroke: var(--vscode-editor-background);
        stroke-opacity: 0.8;
      }
      .expected {
        stroke: var(--vscode-charts-green);
      }
      .predicted {
        stroke: var(--vscode-charts-purple);
      }
      .wait {
        display: flex;
        align-items: center;
        justify-content: center;
        min-height: 60px;
        min-width: 90px;
        line-height: 1.4;
      }
    `,
  ];

  @property({ attribute: false }) reads: RunReads | null = null;
  @property() path = "";
  @property() alt = "";
  @property({ attribute: false }) expected: Action | null = null;
  @property({ attribute: false }) expectedBox: Rollout["expectedBox"] = null;
  @property({ attribute: false }) predicted: readonly Action[] = [];
  @state() private size = { width: 0, height: 0 };
  @state() private near = false;
  @state() private broken = false;
  private url = "";
  private shownBytes: Uint8Array | null = null;
  private sight: IntersectionObserver | null = null;
  private readonly bytes = new Resource<string, Uint8Array<ArrayBuffer>>(this, (path, signal) =>
    this.reads ? this.reads.file(path, signal) : Promise.reject(new Error(t("There is no link to the box."))),
  );

  override connectedCallback(): void {
    super.connectedCallback();
    if (typeof IntersectionObserver !== "function") {
      this.near = true;
      return;
    }
    this.sight = new IntersectionObserver((entries) => (this.near ||= entries.some((e) => e.isIntersecting)), {
      rootMargin: "200px",
    });
    this.sight.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.sight?.disconnect();
    this.release();
    this.shownBytes = null;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("path")) this.broken = false;
    if (this.path && this.near && this.isConnected) this.bytes.load(this.path, { blank: true });
    if (this.bytes.value !== this.shownBytes) {
      this.release();
      this.shownBytes = this.bytes.value;
      if (this.shownBytes)
        this.url = URL.createObjectURL(new Blob([this.shownBytes as BlobPart], { type: typeOf(this.path) }));
    }
  }

  protected override render() {
    if (this.bytes.error || this.broken) {
      const text = this.broken ? t("{0} is not a picture that can be shown.", this.path) : this.bytes.error?.message;
      return html`<rs-notice
        inline
        kind="error"
        text=${text ?? ""}
        ?retry=${!this.broken}
        @retry=${() => this.bytes.reload()}
      ></rs-notice>`;
    }
    if (!this.url)
      return html`<div class="frame wait"><rs-notice inline kind="loading" text=${t("Loading…")}></rs-notice></div>`;
    return html`<div class="frame">
      <img src=${this.url} alt=${this.alt} @load=${this.onLoad} @error=${() => (this.broken = true)} />
      ${this.size.width > 0 ? this.overlay() : nothing}
    </div>`;
  }

  private overlay() {
    const { width, height } = this.size;
    const r = Math.max(width, height) * (this.predicted.length > 3 ? 0.012 : 0.018);
    const box = this.expectedBox;
    const expected = this.expected ? spotOf(this.expected, this.size) : null;
    const end = this.expected ? endOf(this.expected, this.size) : null;
    return html`<svg viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" aria-hidden="true">
      ${
        box
          ? twice(
              "expected box",
              (cls, w) => svg`<rect class=${cls} stroke-width=${w} x=${box.x0 * width} y=${box.y0 * height}
            width=${(box.x1 - box.x0) * width} height=${(box.y1 - box.y0) * height} vector-effect="non-scaling-stroke" />`,
            )
          : nothing
      }
      ${expected ? this.circle(expected, r) : nothing}
      ${expected && end ? this.arrow("expected", expected, end) : nothing}
      ${this.predicted.map((action) => {
        const spot = spotOf(action, this.size);
        const to = endOf(action, this.size);
        return spot ? svg`${this.crosshair(spot, r)}${to ? this.arrow("predicted", spot, to) : nothing}` : nothing;
      })}
    </svg>`;
  }

  private circle(spot: Spot, r: number) {
    const { width, height } = this.size;
    return twice(
      "expected",
      (cls, w) =>
        svg`<circle class=${cls} stroke-width=${w} cx=${spot.x * width} cy=${spot.y * height} r=${r} vector-effect="non-scaling-stroke" />`,
    );
  }

  /** Another shape than the expectation's, not only another hue. */
  private crosshair(spot: Spot, r: number) {
    const x = spot.x * this.size.width;
    const y = spot.y * this.size.height;
    const d = `M${x - 1.5 * r} ${y}H${x + 1.5 * r}M${x} ${y - 1.5 * r}V${y + 1.5 * r}`;
    return twice(
      "predicted",
      (cls, w) => svg`<path class=${cls} stroke-width=${w} d=${d} vector-effect="non-scaling-stroke" />`,
    );
  }

  private arrow(kind: string, from: Spot, to: Spot) {
    const { width, height } = this.size;
    const d = `M${from.x * width} ${from.y * height}L${to.x * width} ${to.y * height}`;
    return twice(
      kind,
      (cls, w) => svg`<path class=${cls} stroke-width=${w} d=${d} vector-effect="non-scaling-stroke" />`,
    );
  }

  private readonly onLoad = (event: Event): void => {
    const image = event.target as HTMLImageElement;
    this.size = { width: image.naturalWidth, height: image.naturalHeight };
  };

  private release(): void {
    if (this.url) URL.revokeObjectURL(this.url);
    this.url = "";
  }
}

/** Each stroke over a wider one in the background's colour: seen on any picture. */
const twice = (kind: string, draw: (cls: string, width: number) => unknown): unknown => [
  draw("under", 4),
  draw(kind, 2.25),
];

function typeOf(path: string): string {
  const ending = /\.([a-z]+)$/i.exec(path)?.[1]?.toLowerCase();
  return ending === "jpg" || ending === "jpeg"
    ? "image/jpeg"
    : ending === "webp"
      ? "image/webp"
      : ending === "gif"
        ? "image/gif"
        : "image/png";
}
