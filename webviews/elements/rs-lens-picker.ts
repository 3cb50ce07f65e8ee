// Which lenses judge and how they are set: a menu of all with whose rule each is, and a field for each option of those chosen.
import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { fire } from "../shared/events";
import { icon } from "../shared/icons";
import { kindWords } from "../shared/lensView";
import type { LensFile, LensInfo } from "../shared/runReads";
import { plural, t } from "../shared/strings";
import type { ViewState } from "../shared/viewState";
import { base } from "../styles/base";
import { menu } from "../styles/menu";

/** As many as the box takes at once. */
const mostLenses = 8;

@customElement("rs-lens-picker")
export class RsLensPicker extends LitElement {
  static override styles = [
    base,
    menu,
    css`
      .menu {
        inset: auto auto auto 0;
        width: min(560px, calc(100cqi - 2 * var(--rs-edge)));
      }
      .lens {
        padding: 2px 0;
      }
      .says {
        margin-inline-start: 26px;
      }
      .options {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 12px;
        margin-top: 6px;
      }
      vscode-text-field {
        width: 230px;
      }
    `,
  ];

  @property({ attribute: false }) lenses: readonly LensInfo[] = [];
  @property({ attribute: false }) file: LensFile | null = null;
  @property({ attribute: false }) saved!: ViewState;

  protected override render() {
    const chosen = this.chosen();
    return html`<div class="row wrap">
        <details @keydown=${this.onKey} @focusout=${this.onBlur}>
          <summary>
            ${icon("list")}
            ${chosen.length === 0 ? t("Choose lenses") : plural(chosen.length, "{0} lens", "{0} lenses")}
          </summary>
          <div class="menu">${this.usableFirst().map((lens) => this.choice(lens, chosen))}</div>
        </details>
        <span class="muted small">${this.whyWords()}</span>
        ${
          this.saved.lenses.length > 0
            ? html`<button class="link" @click=${() => this.choose([])}>${t("Choose by the references")}</button>`
            : nothing
        }
      </div>
      ${this.options(chosen)}`;
  }

  private chosen(): readonly string[] {
    if (this.saved.lenses.length > 0) return this.saved.lenses;
    return this.file?.columns.filter((column) => this.lenses.some(({ id }) => id === column)) ?? [];
  }

  private usableFirst(): readonly LensInfo[] {
    if (!this.isWithoutGold()) return this.lenses;
    return [...this.lenses].sort((a, b) => Number(a.reference === "needed") - Number(b.reference === "needed"));
  }

  private isWithoutGold(): boolean {
    return this.file?.kinds.includes("none") ?? false;
  }

  private whyWords(): string {
    const { file } = this;
    if (!file || this.isWithoutGold()) return "";
    const kinds = t("references: {0}", kindWords(file.kinds));
    return file.suggested ? t("{0}; these fit, from strict to lenient", kinds) : kinds;
  }

  private choice(lens: LensInfo, chosen: readonly string[]) {
    const on = chosen.includes(lens.id);
    const useless = lens.reference === "needed" && this.isWithoutGold();
    return html`<div class="lens">
      <vscode-checkbox
        .checked=${on}
        ?disabled=${!on && (useless || chosen.length >= mostLenses)}
        @change=${(e: Event) => this.toggle(lens.id, (e.target as HTMLInputElement).checked)}
        >${lens.id} <span class="muted small">${lens.title}</span></vscode-checkbox
      >
      <p class="says muted small">
        ${useless ? `${t("Needs a reference, and there is none here.")} ` : nothing}${lens.says}
      </p>
    </div>`;
  }

  private options(chosen: readonly string[]) {
    // A suggested lens is as its rule says; whoever sets it has chosen it.
    const own = this.lenses.filter(({ id, options }) => this.saved.lenses.includes(id) && options.length > 0);
    const fields = own.filter(({ id }) => chosen.includes(id));
    if (fields.length === 0) return nothing;
    const isSet = fields.some(({ id }) => Object.values(this.saved.lensOptions[id] ?? {}).some((text) => text !== ""));
    const asks = fields.some(({ reference }) => reference === "pattern");
    return html`<details ?open=${isSet || asks}>
      <summary>${t("Options of the lenses")}</summary>
      <div class="options">${fields.flatMap((lens) => lens.options.map((option) => this.option(lens.id, option)))}</div>
    </details>`;
  }

  private option(id: string, { name, says }: LensInfo["options"][number]) {
    return html`<vscode-text-field
      title=${says}
      placeholder=${says}
      .value=${this.saved.lensOptions[id]?.[name] ?? ""}
      @change=${(e: Event) => this.set(id, name, (e.target as HTMLInputElement).value)}
      >${id} · ${name}</vscode-text-field
    >`;
  }

  /** A box that was ticked by us says so too: what is chosen by now decides, not what was when it was drawn. */
  private toggle(id: string, on: boolean): void {
    const chosen = this.chosen();
    if (on === chosen.includes(id)) return;
    // In the order of the menu a strict one may come last: what is added goes behind what is there.
    this.choose(on ? [...chosen, id] : chosen.filter((other) => other !== id));
  }

  private choose(lenses: string[]): void {
    fire(this, "view-state", { lenses, lensCell: null, lensGap: null });
  }

  private set(id: string, name: string, value: string): void {
    const { lensOptions } = this.saved;
    fire(this, "view-state", { lensOptions: { ...lensOptions, [id]: { ...lensOptions[id], [name]: value } } });
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    if (event.key !== "Escape") return;
    (event.currentTarget as HTMLDetailsElement).open = false;
    this.renderRoot.querySelector("summary")?.focus();
  };

  private readonly onBlur = (event: FocusEvent): void => {
    const details = event.currentTarget as HTMLDetailsElement;
    if (event.relatedTarget instanceof Node && !details.contains(event.relatedTarget)) details.open = false;
  };
}
