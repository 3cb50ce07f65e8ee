// The GPUs that a run was given, and while it lives how busy they are. Asked for only while it is seen.
import { css, html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import { gpuLabel, gpuName, usageWords, type Gpu } from "../../core/model/gpu";
import type { RunReads } from "../shared/runReads";
import { Resource } from "../shared/resource";
import { plural } from "../shared/strings";
import { base } from "../styles/base";

const EVERY_MS = 3_000;

@customElement("rs-gpus")
export class RsGpus extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        display: inline-flex;
        flex-wrap: wrap;
        gap: 2px 14px;
      }
    `,
  ];

  @property({ attribute: false }) reads: RunReads | null = null;
  @property({ attribute: false }) uuids: readonly string[] = [];
  @property({ type: Boolean }) live = false;
  private readonly seen = new Resource<string, Gpu[]>(
    this,
    (_key, signal) => this.reads?.gpus(signal) ?? Promise.resolve([]),
  );
  private ticking: ReturnType<typeof setInterval> | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.ticking = setInterval(() => {
      if (this.live && !document.hidden && !this.seen.loading) this.seen.reload();
    }, EVERY_MS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.ticking);
  }

  protected override render() {
    // What a GPU does after the run has ended is somebody else's.
    if (this.live && this.reads) this.seen.load("gpus");
    const found = this.uuids.flatMap((uuid) => this.seen.value?.find((gpu) => gpu.uuid === uuid) ?? []);
    if (!this.live || found.length === 0)
      return html`<span title=${this.uuids.join("\n")}>${plural(this.uuids.length, "1 GPU", "{0} GPUs")}</span>`;
    return found.map(
      (gpu) =>
        html`<span
          class="num"
          title="${gpuName(gpu)}
${gpu.uuid}"
          >${gpuLabel(gpu)} · ${usageWords(gpu)}</span
        >`,
    );
  }
}
