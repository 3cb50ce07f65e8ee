// The answers of all rollouts judged by other rules: rates, who disagrees with whom, and what a strict rule loses against a lenient one.
// The box judges for a moment and answers; as long as there is more it is asked again, so that figures grow while somebody looks.
import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { recorded } from "../../core/protocol/lenses";
import { curveData } from "../shared/curveData";
import { fire, type ViewEvent } from "../shared/events";
import { formatCount, formatNumber } from "../shared/format";
import { columnName, gapOf, gapSeries, lensQuery, type Gap } from "../shared/lensView";
import { Resource } from "../shared/resource";
import type { LensFile, LensInfo, LensQuery, RunReads } from "../shared/runReads";
import { t } from "../shared/strings";
import type { ViewState } from "../shared/viewState";
import { base } from "../styles/base";
import "./rs-curve";
import "./rs-lens-apart";
import "./rs-lens-picker";
import "./rs-lens-tables";
import type { LensCell } from "./rs-lens-tables";
import "./rs-notice";

/** How long the box judges before it says how far it is. */
const slice = 1.5;
/** A live run's new rollouts are asked for no more often than this. */
const pause = 2000;

@customElement("rs-lenses")
export class RsLenses extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        container-type: inline-size;
        padding: var(--rs-gap) var(--rs-edge) var(--rs-edge);
      }
      .stack {
        display: flex;
        flex-direction: column;
        gap: 14px;
      }
      .fields vscode-text-field {
        flex: 0 1 300px;
        min-width: 0;
      }
      .grid {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(100%, 280px), 1fr));
        gap: var(--rs-gap);
      }
      .selects {
        margin-bottom: 6px;
      }
      vscode-dropdown {
        min-width: 130px;
      }
      rs-lens-apart {
        scroll-margin-top: 8px;
      }
    `,
  ];

  @property({ attribute: false }) reads: RunReads | null = null;
  @property({ attribute: false }) saved!: ViewState;
  @property({ type: Number }) count = 0;
  @state() private stopped = false;
  @state() private cursor: number | null = null;
  private askedAt = 0;
  private waiting: ReturnType<typeof setTimeout> | undefined;
  private readonly known = new Resource<string, LensInfo[]>(this, (_key, signal) =>
    this.reads ? this.reads.lenses(signal) : this.noLink(),
  );
  private readonly file = new Resource<LensQuery, LensFile>(
    this,
    (query, signal) => (this.reads ? this.reads.lensFile(query, slice, signal) : this.noLink()),
    (a, b) => JSON.stringify(a) === JSON.stringify(b),
  );

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.waiting);
  }

  protected override willUpdate(): void {
    if (!this.isConnected) return;
    this.known.load("all");
    const key = this.file.key;
    this.file.load(lensQuery(this.saved, this.saved.lensWhere));
    if (key !== this.file.key) {
      this.stopped = false;
      this.askedAt = this.count;
    }
  }

  protected override updated(changed: PropertyValues<this>): void {
    const { value, loading, error } = this.file;
    if (!value || loading || error || !this.isConnected) return;
    if (value.more && !this.stopped) this.ask();
    else if (changed.has("count") && this.count !== this.askedAt) {
      clearTimeout(this.waiting);
      this.waiting = setTimeout(() => this.ask(), pause);
    }
  }

  protected override render() {
    const { value, error } = this.file;
    return html`<div class="stack">
      <rs-lens-picker .lenses=${this.known.value ?? []} .file=${value} .saved=${this.saved}></rs-lens-picker>
      ${this.fields(value)}
      ${
        error
          ? html`<rs-notice kind="error" text=${error.message} retry @retry=${() => this.file.reload()}></rs-notice>`
          : value
            ? this.figures(value)
            : html`<rs-notice kind="loading" text=${t("Judging the rollouts…")}></rs-notice>`
      }
    </div>`;
  }

  private figures(file: LensFile) {
    if (file.columns.every((column) => column === recorded)) return this.withoutLenses(file);
    const cell = this.saved.lensCell;
    const shown = cell && file.columns.includes(cell.pass) && file.columns.includes(cell.not) ? cell : null;
    return html`${this.progress(file)}
      <rs-lens-tables .file=${file} .cell=${shown} @cell-selected=${this.onCell}>${this.gap(file)}</rs-lens-tables>
      ${
        shown
          ? html`<rs-lens-apart
              .reads=${this.reads}
              .query=${lensQuery(this.saved, this.saved.lensWhere)}
              .cell=${shown}
              .looked=${file.looked}
            ></rs-lens-apart>`
          : nothing
      }`;
  }

  private withoutLenses(file: LensFile) {
    if (!file.kinds.includes("none"))
      return html`<rs-notice text=${t("Choose the lenses that shall judge.")}></rs-notice>`;
    return html`<rs-notice
      text=${t("These rollouts have no reference (a gold answer) to judge against.")}
      detail=${t(
        "Three lenses need none: json-valid and xml-valid look at the form, regex looks for a pattern of yours. Choose them above.",
      )}
    ></rs-notice>`;
  }

  private fields(file: LensFile | null) {
    return html`<div class="row wrap fields">
      <vscode-text-field
        placeholder=${t("Where: step > 20 and reward < 1")}
        aria-label=${t("Condition: step, version, reward, min, max, spread or samples, joined by and")}
        .value=${this.saved.lensWhere}
        @change=${(e: Event) => fire(this, "view-state", { lensWhere: (e.target as HTMLInputElement).value })}
      ></vscode-text-field>
      ${
        file?.mark === null
          ? nothing
          : html`<vscode-text-field
              placeholder=${t("Reward passes above {0}", formatNumber(file?.mark))}
              aria-label=${t("A recorded reward above this counts as a pass")}
              .value=${this.saved.lensMark === null ? "" : String(this.saved.lensMark)}
              @change=${this.onMark}
            ></vscode-text-field>`
      }
    </div>`;
  }

  private progress(file: LensFile) {
    const words = file.complete
      ? t("{0} samples of {1} rollouts", formatCount(file.samples), formatCount(file.rollouts))
      : t(
          "{0} samples of {1} of {2} rollouts, spread evenly over all",
          formatCount(file.samples),
          formatCount(file.looked),
          formatCount(file.rollouts),
        );
    const without =
      file.withoutReference > 0 ? t("{0} rollouts without a reference", formatCount(file.withoutReference)) : "";
    return html`<div class="row wrap muted num" role="status">
      <span>${[words, without, file.note ?? ""].filter(Boolean).join(" · ")}</span>
      ${
        !file.more
          ? nothing
          : this.stopped
            ? html`<button class="link" @click=${this.goOn}>${t("Judge the others too")}</button>`
            : html`<span>${t("judging…")}</span>
                <button class="link" @click=${() => (this.stopped = true)}>${t("That is enough")}</button>`
      }
    </div>`;
  }

  private gap(file: LensFile) {
    const gap = gapOf(file, this.saved.lensGap);
    const series = gap ? gapSeries(file, gap) : [];
    if (!gap || series.length === 0) return nothing;
    const perStep = Math.round(file.samples / file.steps.length);
    return html`<section>
      <div class="row wrap selects">
        <h3>${t("Strict–lenient gap by step")}</h3>
        ${this.select(t("Strict"), file, gap.strict, (strict) => ({ ...gap, strict }))}
        ${this.select(t("Lenient"), file, gap.lenient, (lenient) => ({ ...gap, lenient }))}
        <span class="muted small">${t("n ≈ {0} samples a step", formatCount(perStep))}</span>
      </div>
      <div class="grid" @cursor-moved=${this.onCursor}>
        ${series.map(
          (one) =>
            html`<rs-curve
              fixed
              .series=${one}
              .data=${curveData(one, this.saved.smoothing)}
              .step=${this.saved.step}
              .cursor=${this.cursor}
            ></rs-curve>`,
        )}
      </div>
    </section>`;
  }

  private select(label: string, file: LensFile, chosen: string, change: (column: string) => Gap) {
    return html`<vscode-dropdown
      aria-label=${label}
      @change=${(e: Event) => fire(this, "view-state", { lensGap: change((e.target as HTMLSelectElement).value) })}
    >
      ${file.columns.map((column) => html`<vscode-option value=${column} ?selected=${column === chosen}>${columnName(column)}</vscode-option>`)}
    </vscode-dropdown>`;
  }

  private ask(): void {
    this.askedAt = this.count;
    this.file.reload();
  }

  private noLink(): Promise<never> {
    return Promise.reject(new Error(t("There is no link to the box.")));
  }

  private readonly goOn = (): void => {
    this.stopped = false;
  };

  private readonly onMark = (event: Event): void => {
    const text = (event.target as HTMLInputElement).value.trim();
    const mark = text === "" || !Number.isFinite(Number(text)) ? null : Number(text);
    fire(this, "view-state", { lensMark: mark });
  };

  private readonly onCell = async (event: CustomEvent<LensCell>): Promise<void> => {
    const { pass, not } = event.detail;
    const again = this.saved.lensCell?.pass === pass && this.saved.lensCell.not === not;
    fire(this, "view-state", { lensCell: again ? null : { pass, not } });
    await this.updateComplete;
    this.renderRoot.querySelector("rs-lens-apart")?.scrollIntoView({ block: "nearest" });
  };

  private readonly onCursor = (event: ViewEvent<"cursor-moved">): void => {
    event.stopPropagation();
    this.cursor = event.detail.step;
  };
}
