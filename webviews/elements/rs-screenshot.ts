// One screenshot of the run, fetched in pieces into a blob, with what was expected and what was predicted drawn on it.
import { css, html, LitElement, nothing, svg, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { Action } from "../../core/model/action";
import type { FrameSizes } from "../../core/model/frame";
import type { Rollout } from "../../core/model/rollout";
import { markOf, type Mark } from "../shared/marks";
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
      .label {
        /* On a still of a filmstrip nobody could read it. */
        display: var(--rs-mark-label, inline);
        stroke: var(--vscode-editor-background);
        stroke-width: 0.16em;
        stroke-opacity: 0.8;
        paint-order: stroke;
        font-family: var(--vscode-font-family);
        font-weight: 600;
      }
      .label.expected {
        fill: var(--vscode-charts-green);
      }
      .label.predicted {
        fill: var(--vscode-charts-purple);
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
  /** What the actions' coordinates are divided by, by frame. */
  @property({ attribute: false }) sizes: FrameSizes = { px: null, canvas: null, model_px: null };
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
    // What the agent could not measure, the picture itself knows.
    const sizes = { ...this.sizes, px: this.sizes.px ?? this.size };
    const expected = this.expected ? markOf(this.expected, sizes, this.size, r, "circle") : null;
    const predicted = this.predicted.flatMap((action) => markOf(action, sizes, this.size, r, "cross") ?? []);
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
      ${expected ? this.mark(expected, "expected", r) : nothing}
      ${predicted.map((mark) => this.mark(mark, "predicted", r))}
    </svg>`;
  }

  private mark({ path, label, at }: Mark, role: string, r: number) {
    return svg`${twice(
      role,
      (cls, w) => svg`<path class=${cls} stroke-width=${w} d=${path} vector-effect="non-scaling-stroke" />`,
    )}${
      label === ""
        ? nothing
        : svg`<text class=${`label ${role}`} x=${at.x + 1.2 * r} y=${at.y + 2.4 * r} font-size=${1.8 * r}>${label}</text>`
    }`;
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
