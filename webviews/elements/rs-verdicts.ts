// What each lens says of one sample, beside the recorded reward. Pointing at one, or focusing it, marks what it took in the text.
import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { icon } from "../shared/icons";
import type { LensGroup } from "../shared/runReads";
import { t } from "../shared/strings";
import { visible } from "../shared/text";
import { base } from "../styles/base";

type Judged = LensGroup["samples"][number];
type Verdict = NonNullable<Judged["recorded"]>;

const shownOfAnswer = 40;

@customElement("rs-verdicts")
export class RsVerdicts extends LitElement {
  static override styles = [
    base,
    css`
      [role="group"] {
        display: flex;
        flex-wrap: wrap;
        gap: 4px;
        align-items: center;
      }
      button.chip {
        max-width: 100%;
        text-align: start;
        overflow-wrap: anywhere;
        padding: 0 6px;
        border-radius: 10px;
        cursor: default;
      }
      .pass svg {
        color: var(--vscode-charts-green);
      }
      .fail svg {
        color: var(--vscode-charts-red, var(--vscode-errorForeground));
      }
      svg.icon {
        width: 13px;
        height: 13px;
        vertical-align: -2px;
      }
      button.chip.differs {
        border: 1px dashed var(--vscode-editorWarning-foreground, var(--vscode-charts-yellow));
      }
      .word {
        color: var(--vscode-editorWarning-foreground, var(--vscode-charts-yellow));
      }
    `,
  ];

  @property({ attribute: false }) lenses: readonly string[] = [];
  @property({ attribute: false }) judged: Judged | null = null;

  protected override render() {
    const { judged } = this;
    if (!judged || this.lenses.length === 0) return nothing;
    const chips = this.lenses.map((lens, i) => {
      const one = judged.judgements[i];
      if (!one) return nothing;
      const differs = judged.recorded !== null && (one.verdict === "pass") !== (judged.recorded === "pass");
      const answer = one.extracted === null ? "" : clipped(one.extracted);
      const title = [
        `${lens}: ${verdictWords(one.verdict)}`,
        differs ? t("unlike the recorded reward") : "",
        one.note ?? "",
      ];
      return html`<button
        class="chip plain ${one.verdict} ${differs ? "differs" : ""}"
        tabindex=${i === 0 ? 0 : -1}
        title=${title.filter(Boolean).join("; ")}
        @pointerenter=${() => this.point(i)}
        @pointerleave=${() => this.point(null)}
        @focus=${() => this.point(i)}
        @blur=${() => this.point(null)}
      >
        ${verdictIcon(one.verdict)} ${lens}<span class="sr">: ${verdictWords(one.verdict)}</span>
        ${answer ? html`<span class="mono">${visible(answer)}</span>` : nothing}
        ${differs ? html`<span class="word">≠ ${t("reward")}</span>` : nothing}
      </button>`;
    });
    return html`<div role="group" aria-label=${t("Verdicts of the lenses")} @keydown=${this.onKey}>${chips}</div>`;
  }

  /** One stop for the tabulator in each sample; the arrows go on from there. */
  private readonly onKey = (event: KeyboardEvent): void => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const chips = [...this.renderRoot.querySelectorAll<HTMLElement>("button")];
    const next = by === undefined ? undefined : chips[chips.findIndex((chip) => chip === event.target) + by];
    if (!next) return;
    event.preventDefault();
    next.focus();
  };

  private point(at: number | null): void {
    this.dispatchEvent(new CustomEvent("verdict-pointed", { detail: at }));
  }
}

const verdictIcon = (verdict: Verdict) =>
  verdict === "none" ? html`<span aria-hidden="true">–</span>` : icon(verdict === "pass" ? "succeeded" : "failed");

function verdictWords(verdict: Verdict): string {
  return { pass: t("passes"), fail: t("fails"), none: t("finds no answer") }[verdict];
}

function clipped(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > shownOfAnswer ? `${line.slice(0, shownOfAnswer)}…` : line;
}
