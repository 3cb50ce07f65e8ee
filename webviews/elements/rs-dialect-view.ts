// The try-out of dialects: a text on one side, on the other what is understood of it, live while text or declarations change.
import { html, LitElement, nothing } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import type { RunsideError } from "../../core/base/errors";
import type { Action } from "../../core/model/action";
import type { FrameChoice } from "../../core/model/frame";
import type { Declared, DialectProblem, TryOut } from "../../core/protocol/dialects";
import { tryLimit } from "../../core/protocol/dialects";
import { actionWords } from "../shared/actionWords";
import { fire } from "../shared/events";
import { formatCount } from "../shared/format";
import { icon } from "../shared/icons";
import { plural, t } from "../shared/strings";
import { visible } from "../shared/text";
import { placeWords, type TextSpan } from "../shared/textMarks";
import { base } from "../styles/base";
import { tryOut } from "../styles/tryOut";
import "./rs-marked-input";
import type { RsMarkedInput } from "./rs-marked-input";
import "./rs-notice";
import "./rs-reading";
import "./rs-text";

@customElement("rs-dialect-view")
export class RsDialectView extends LitElement {
  static override styles = [base, tryOut];

  @property({ attribute: false }) text = "";
  @property() dialect = "auto";
  @property() frame: FrameChoice = "auto";
  @property({ attribute: false }) declared: Declared | null = null;
  @property({ attribute: false }) answer: TryOut | null = null;
  /** The text that the answer is about: a keystroke later its places are not those of the text shown. */
  @property({ attribute: false }) answered = "";
  @property({ attribute: false }) error: RunsideError | null = null;
  @state() private pointed: number | null = null;
  @query("rs-marked-input") private readonly input!: RsMarkedInput;

  protected override render() {
    const current = this.answer !== null && this.answered === this.text ? this.answer.parsed : null;
    return html`
      ${this.file()}
      <div class="split">
        <section class="said">
          <h2>${t("What the model wrote")}</h2>
          <rs-marked-input
            label=${t("What the model wrote")}
            placeholder=${t("Paste a model's text here.")}
            .value=${this.text}
            .actions=${current?.actions.map(({ span }) => span) ?? []}
            .problems=${current?.diagnostics.map(({ span }) => span) ?? []}
            .active=${this.pointed}
          ></rs-marked-input>
          ${
            this.text.length > tryLimit
              ? html`<p class="small muted">
                  ${t("Only the first {0} characters are read here.", formatCount(tryLimit))}
                </p>`
              : nothing
          }
        </section>
        <section class="understood" aria-live="polite">${this.understood()}</section>
      </div>
    `;
  }

  /** Which file, whether its patterns may run, and where it is wrong. */
  private file() {
    const { declared } = this;
    if (!declared) return nothing;
    const { path, problems, restricted } = declared;
    const none = t("No .runside/dialects.yaml in this workspace; the built-in dialects can be tried.");
    return html`<header>
      <p class="row wrap">
        ${
          path === null
            ? html`<span class="muted">${none}</span>`
            : html`<button class="link" @click=${() => fire(this, "place-wanted", { line: 1, column: 1 })}>
                  ${icon("file")} ${visible(path)}
                </button>
                ${
                  problems.length === 0
                    ? nothing
                    : html`<span class="warn">${plural(problems.length, "{0} problem", "{0} problems")}</span>`
                }`
        }
      </p>
      ${restricted === null ? nothing : html`<p class="row warn restricted">${icon("warning")} ${restricted}</p>`}
      ${
        problems.length === 0
          ? nothing
          : html`<ul class="problems">
              ${problems.map((problem) => this.problem(problem))}
            </ul>`
      }
    </header>`;
  }

  private problem({ severity, line, column, message }: DialectProblem) {
    return html`<li class="row ${severity}">
      ${icon(severity === "error" ? "failed" : "warning")}
      <button class="link num" @click=${() => fire(this, "place-wanted", { line, column })}>${line}:${column}</button>
      <span>${visible(message)}</span>
    </li>`;
  }

  private understood() {
    const { answer, error } = this;
    if (error) return html`<rs-notice inline kind="error" text=${error.message}></rs-notice>`;
    if (!answer) return html`<rs-notice inline kind="loading" text=${t("Reading…")}></rs-notice>`;
    const reading = html`<rs-reading
      .reading=${answer.reading}
      .dialect=${this.dialect}
      .frame=${this.frame}
    ></rs-reading>`;
    if (this.answered === "") return reading;
    const { parsed } = answer;
    if (!parsed) return html`${reading}${answer.reading.chosen ? nothing : this.nothingFits()}`;
    return html`${reading} ${this.actions(parsed.actions)}
    ${parsed.diagnostics.length > 0 ? this.diagnostics(parsed.diagnostics) : nothing}
    ${parsed.thought === null ? nothing : this.fact(t("Thought"), html`<rs-text .text=${parsed.thought}></rs-text>`)}
    ${parsed.state === null ? nothing : this.fact(t("State"), this.stateText(parsed.state))}`;
  }

  private nothingFits() {
    return html`<p class="row warn">
      ${icon("warning")} ${t("No dialect reads this text; choose one to see what it makes of it.")}
    </p>`;
  }

  private actions(actions: readonly Action[]) {
    if (actions.length === 0) return html`<p class="row warn">${icon("warning")} ${t("no action was understood")}</p>`;
    return this.fact(
      plural(actions.length, "{0} action", "{0} actions"),
      html`<ol class="actions">
        ${actions.map((action, i) => this.action(action, i))}
      </ol>`,
    );
  }

  private action(action: Action, at: number) {
    return html`<li @pointerenter=${() => (this.pointed = at)} @pointerleave=${() => (this.pointed = null)}>
      <span class="chip plain mono">${visible(actionWords(action))}</span>
      ${action.frame === undefined ? nothing : html`<span class="small muted">${action.frame}</span>`}
      ${this.place(action.span)}
    </li>`;
  }

  private diagnostics(found: readonly { message: string; span?: TextSpan | undefined }[]) {
    return this.fact(
      t("What did not parse"),
      html`<ul class="diagnostics">
        ${found.map(
          ({ message, span }) =>
            html`<li class="row warn">${icon("warning")}<span>${visible(message)}</span>${this.place(span)}</li>`,
        )}
      </ul>`,
    );
  }

  /** Where it stands; a click selects it there. */
  private place(span: TextSpan | undefined) {
    if (!span) return nothing;
    const [start, end] = span;
    const words = `${placeWords(this.answered, start)}–${placeWords(this.answered, end)}`;
    return html`<button class="link small num" @click=${() => this.input.select(span)}>${words}</button>`;
  }

  private stateText(value: unknown) {
    const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
    return html`<rs-text class="mono" .text=${text}></rs-text>`;
  }

  private fact(title: string, body: unknown) {
    return html`<div>
      <h3 class="small muted">${title}</h3>
      ${body}
    </div>`;
  }
}
