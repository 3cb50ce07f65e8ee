// How texts were read as actions: dialect and frame with their reasons, each to be overridden by hand. Shown with episodes, rollouts
// and in the try-out.
import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { frameChoices, type FrameChoice } from "../../core/model/frame";
import type { Reading } from "../../core/model/reading";
import { fire } from "../shared/events";
import { frameNames, frameWords, isFrameChoice } from "../shared/frameWords";
import { icon } from "../shared/icons";
import { t } from "../shared/strings";
import { visible } from "../shared/text";
import { base } from "../styles/base";
import { choice } from "../styles/choice";

@customElement("rs-reading")
export class RsReading extends LitElement {
  static override styles = [
    base,
    choice,
    css`
      :host {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 4px 12px;
      }
      .why {
        overflow-wrap: anywhere;
      }
      .end {
        margin-inline-start: auto;
      }
    `,
  ];

  @property({ attribute: false }) reading: Reading | null = null;
  /** What the reader chose; "auto" where nothing. */
  @property() dialect = "auto";
  @property() frame: FrameChoice = "auto";
  /** A text that can be taken to the try-out; "" for none. */
  @property({ attribute: false }) text = "";

  protected override render() {
    const { reading } = this;
    if (!reading) return nothing;
    const found = reading.dialect?.title;
    const auto = this.dialect === "auto" && found ? t("auto: {0}", visible(found)) : t("auto");
    const known = reading.dialects.some(({ id }) => id === this.dialect) || this.dialect === "auto";
    const names = frameNames();
    return html`
      <label class="choice small">
        <span class="muted">${t("dialect")}</span>
        <select
          name="dialect"
          class=${this.dialect === "auto" ? "" : "chosen"}
          title=${visible(reading.why)}
          @change=${this.onDialect}
        >
          ${this.option("auto", auto, this.dialect)}
          ${known ? nothing : this.option(this.dialect, t("{0} (not here)", this.dialect), this.dialect)}
          ${reading.dialects.map(({ id, title, own }) =>
            this.option(id, visible(own ? t("{0} (of this project)", title) : title), this.dialect),
          )}
        </select>
      </label>
      <label class="choice small">
        <span class="muted">${t("frame")}</span>
        <select name="frame" class=${this.frame === "auto" ? "" : "chosen"} @change=${this.onFrame}>
          ${frameChoices.map((name) => this.option(name, names[name], this.frame))}
        </select>
      </label>
      <span class="small muted why">${this.words(reading)}</span>
      ${
        this.text === ""
          ? nothing
          : html`<button class="link small end" @click=${this.onTry}>
              ${icon("target")} ${t("Try a dialect on this text")}
            </button>`
      }
    `;
  }

  private words({ dialect, why, frame }: Reading): string {
    if (!dialect) return visible(why);
    return visible(frame ? frameWords(frame) : t("{0}; no coordinates", why));
  }

  private option(value: string, words: string, chosen: string) {
    return html`<option value=${value} .selected=${value === chosen}>${words}</option>`;
  }

  private readonly onDialect = (event: Event): void => {
    fire(this, "view-state", { dialect: (event.target as HTMLSelectElement).value });
  };

  private readonly onFrame = (event: Event): void => {
    const { value } = event.target as HTMLSelectElement;
    if (isFrameChoice(value)) fire(this, "view-state", { frame: value });
  };

  private readonly onTry = (): void => {
    fire(this, "host-action", { kind: "tryDialect", text: this.text });
  };
}
