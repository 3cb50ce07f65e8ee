// How many samples of one group each lens passes, beside what the trainer recorded.
import { html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { recorded } from "../../core/protocol/lenses";
import { fire } from "../shared/events";
import { columnName } from "../shared/lensView";
import type { LensGroup } from "../shared/runReads";
import { t } from "../shared/strings";
import { base } from "../styles/base";

@customElement("rs-lens-summary")
export class RsLensSummary extends LitElement {
  static override styles = base;

  @property({ attribute: false }) group: LensGroup | null = null;
  @property() error = "";
  /** It stands among all rollouts by lens: no link leads there. */
  @property({ type: Boolean }) among = false;

  protected override render() {
    const { group } = this;
    if (this.error) return html`<p class="small muted">${t("The lenses did not judge: {0}", this.error)}</p>`;
    if (!group || group.lenses.length === 0) return nothing;
    const of = (verdicts: readonly (string | null | undefined)[]): string =>
      `${verdicts.filter((v) => v === "pass").length}/${verdicts.filter((v) => v).length}`;
    const words = group.lenses.map((lens, i) => `${lens} ${of(group.samples.map((s) => s.judgements[i]?.verdict))}`);
    if (group.mark !== null) words.push(`${columnName(recorded)} ${of(group.samples.map((s) => s.recorded))}`);
    return html`<p class="small muted num">
      ${t("Pass:")} ${words.join(" · ")}
      ${
        this.among
          ? nothing
          : html`·
              <button class="link" @click=${() => fire(this, "view-state", { tab: "lenses" })}>
                ${t("All rollouts by lens")}
              </button>`
      }
    </p>`;
  }
}
