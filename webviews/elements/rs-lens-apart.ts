// The rollouts on which two columns of the matrix disagree, and the chosen one with every verdict, its own samples named.
import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { ViewEvent } from "../shared/events";
import { formatCount } from "../shared/format";
import { columnName } from "../shared/lensView";
import { Resource } from "../shared/resource";
import type { LensApart, LensQuery, RunReads } from "../shared/runReads";
import { plural, t } from "../shared/strings";
import { base } from "../styles/base";
import type { LensCell } from "./rs-lens-tables";
import "./rs-notice";
import "./rs-rollout";
import "./rs-rollout-list";

interface Question {
  query: LensQuery;
  cell: LensCell;
}

const named = 12;

@customElement("rs-lens-apart")
export class RsLensApart extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        container-type: inline-size;
      }
      .both {
        display: grid;
        grid-template-columns: minmax(280px, 36%) minmax(0, 1fr);
        border: 1px solid var(--rs-line);
        border-radius: 4px;
        margin-top: 6px;
      }
      .list {
        max-height: 70vh;
        overflow: auto;
        border-inline-end: 1px solid var(--rs-line);
      }
      .one {
        max-height: 70vh;
        overflow: auto;
        min-width: 0;
      }
      .which {
        padding: var(--rs-gap) var(--rs-edge) 0;
      }
      @container (max-width: 640px) {
        .both {
          grid-template-columns: minmax(0, 1fr);
        }
        .list {
          max-height: 30vh;
          border-inline-end: 0;
          border-bottom: 1px solid var(--rs-line);
        }
        .one {
          max-height: none;
        }
      }
    `,
  ];

  @property({ attribute: false }) reads: RunReads | null = null;
  @property({ attribute: false }) query: LensQuery = {};
  @property({ attribute: false }) cell!: LensCell;
  /** Groups judged so far: with more of them the list grows. */
  @property({ type: Number }) looked = 0;
  @state() private chosen: string | null = null;
  private readonly found = new Resource<Question, LensApart>(
    this,
    ({ query, cell }, signal) =>
      this.reads
        ? this.reads.lensApart(query, cell, signal)
        : Promise.reject(new Error(t("There is no link to the box."))),
    (a, b) => JSON.stringify(a) === JSON.stringify(b),
  );

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!this.isConnected) return;
    const { key } = this.found;
    this.found.load({ query: this.query, cell: this.cell });
    if (key !== this.found.key) this.chosen = null;
    // Whoever reads one keeps it: the list is refreshed only until something was chosen.
    else if (changed.has("looked") && this.chosen === null && !this.found.loading) this.found.reload();
  }

  protected override render() {
    const { value, error } = this.found;
    const { pass, not } = this.cell;
    const title = t("{0} passes, {1} does not", columnName(pass), columnName(not));
    if (error)
      return html`<rs-notice kind="error" text=${error.message} retry @retry=${() => this.found.reload()}></rs-notice>`;
    if (!value) return html`<rs-notice kind="loading" text=${t("Looking for the rollouts…")}></rs-notice>`;
    const open = value.rows.find((row) => row.header.id === this.chosen) ?? value.rows[0];
    return html`<section>
      <h3>${title}</h3>
      <span class="muted small num">${this.countWords(value)}</span>
      <div class="both" @item-selected=${this.onPick}>
        <div class="list">
          <rs-rollout-list
            .rows=${value.rows.map(({ header }) => header)}
            .selected=${open?.header.id ?? null}
          ></rs-rollout-list>
        </div>
        <div class="one">
          ${
            open
              ? html`<p class="which small">${sampleWords(open.samples)}</p>
                  <rs-rollout
                    amongLenses
                    .reads=${this.reads}
                    rolloutId=${open.header.id}
                    .lenses=${this.query}
                  ></rs-rollout>`
              : nothing
          }
        </div>
      </div>
    </section>`;
  }

  private countWords({ samples, rows }: LensApart): string {
    const all = plural(samples, "{0} sample", "{0} samples", formatCount(samples));
    return t("{0}; {1} shown", all, plural(rows.length, "{0} rollout", "{0} rollouts"));
  }

  private readonly onPick = (event: ViewEvent<"item-selected">): void => {
    event.stopPropagation();
    this.chosen = event.detail.id;
  };
}

function sampleWords(samples: readonly number[]): string {
  const shown = samples.slice(0, named).map((at) => String(at + 1));
  const list = samples.length > named ? `${shown.join(", ")}…` : shown.join(", ");
  return plural(samples.length, "Sample {0} is one of them.", "Samples {0} are among them.", list);
}
