// Evaluations side by side, and what their rows give beside what the files say. A rate never stands without its n and its interval;
// the best is said, not only coloured.
import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { evalGroups, type GroupedTables } from "../../core/metrics/evalGroups";
import type { EvalMetric, EvalTable } from "../../core/model/evaluation";
import { fromWire } from "../../core/model/number";
import type { SourceInfo } from "../../core/model/runState";
import { evalColumns, evalRows, fromRows, type EvalCell, type EvalRow } from "../shared/evalGrid";
import { formatAligned, formatCount } from "../shared/format";
import { icon } from "../shared/icons";
import { Resource } from "../shared/resource";
import type { RunReads } from "../shared/runReads";
import { plural, t } from "../shared/strings";
import { visible } from "../shared/text";
import { whisker, whiskerStyle } from "../shared/whisker";
import { base } from "../styles/base";
import "./rs-notice";

@customElement("rs-evals")
export class RsEvals extends LitElement {
  static override styles = [
    base,
    whiskerStyle,
    css`
      .scroll {
        overflow-x: auto;
        padding: var(--rs-edge);
      }
      table {
        border-collapse: collapse;
        min-width: min(100%, 520px);
      }
      th,
      td {
        text-align: start;
        vertical-align: top;
        padding: 6px 16px 6px 0;
        border-bottom: 1px solid var(--rs-line);
      }
      td {
        min-width: 120px;
      }
      th {
        font-weight: 600;
      }
      tbody th {
        overflow-wrap: anywhere;
        min-width: 130px;
        position: sticky;
        left: 0;
        background: var(--vscode-editor-background);
      }
      th .small {
        font-weight: normal;
      }
      .value {
        font-size: 1.15em;
      }
      .best .value {
        font-weight: 700;
      }
      .tag {
        display: inline-flex;
        gap: 3px;
        align-items: center;
        margin-inline-start: 6px;
      }
      .tag svg {
        width: 12px;
        height: 12px;
        color: var(--vscode-charts-green);
      }
      caption {
        text-align: start;
        padding: var(--rs-edge) 0 0;
        font-weight: 600;
      }
      .differs {
        color: var(--vscode-editorWarning-foreground, var(--vscode-charts-yellow));
      }
      .whisker {
        max-width: 140px;
        margin: 3px 0 1px;
      }
    `,
  ];

  @property({ attribute: false }) tables: readonly EvalTable[] = [];
  @property({ attribute: false }) reads: RunReads | null = null;
  /** Of a run that has ended: when they change, the rows may say something else. null while it is written, for rows grow all the time. */
  @property({ attribute: false }) sources: readonly SourceInfo[] | null = null;
  /** The same tables with what their rows give; the files' own are shown until it is here, and where it cannot be had. */
  private readonly scored = new Resource<readonly unknown[], EvalTable[]>(
    this,
    (_key, signal) => this.reads?.evaluations(signal) ?? Promise.resolve([...this.tables]),
    (a, b) => a.every((part, at) => part === b[at]),
  );

  protected override willUpdate(): void {
    if (this.reads) this.scored.load([this.reads, this.tables, this.sources]);
  }

  protected override render() {
    const { value, loading, error } = this.scored;
    const tables = value ?? this.tables;
    const failed = error
      ? html`<rs-notice
          inline
          kind="error"
          text=${error.message}
          retry
          @retry=${() => this.scored.reload()}
        ></rs-notice>`
      : nothing;
    if (tables.length === 0) {
      if (error) return failed;
      return loading
        ? html`<rs-notice kind="loading" text=${t("Reading the rows…")}></rs-notice>`
        : html`<rs-notice text=${t("No evaluations were found.")}></rs-notice>`;
    }
    const { whole, parts } = evalGroups(tables);
    const rows = evalRows(evalColumns(whole));
    const close = rows.some((r) => r.cells.some((c) => c.close));
    const unlike = new Set(rows.flatMap((row) => row.unlike ?? []));
    return html`${failed}
      <div class="scroll" tabindex="0">
        ${whole.length > 0 ? this.grid(evalColumns(whole), rows) : nothing} ${parts.map((part) => this.parts(part))}
        ${[...unlike].map((message) => html`<p class="small differs">${visible(message)}</p>`)}
        ${
          close
            ? html`<p class="small muted">
                ${t("≈ best, but its interval overlaps another's: the difference may be chance.")}
              </p>`
            : nothing
        }
        <p class="small muted">
          ${t("Intervals are 95 % (Wilson). A metric that could not be computed shows n=0 and counts as worse.")}
        </p>
      </div>`;
  }

  private grid(columns: readonly EvalTable[], rows: readonly EvalRow[]) {
    return html`<table>
      <thead>
        <tr>
          <th scope="col">${t("Metric")}</th>
          ${columns.map(
            (c) =>
              html`<th scope="col" title=${c.source}>
                ${visible(c.label)}
                <div class="small muted num">${sizeWords(c)}</div>
              </th>`,
          )}
        </tr>
      </thead>
      <tbody>
        ${rows.map((row) => this.row(row))}
      </tbody>
    </table>`;
  }

  /** The parts of one set, a row each: by level, by path length, by step. */
  private parts({ title, source, key, tables }: GroupedTables) {
    const names = [...new Set(tables.flatMap(({ metrics }) => metrics.map(({ name }) => name)))];
    const cell = (table: EvalTable, name: string): EvalCell => ({
      metric: table.metrics.find((metric) => metric.name === name) ?? null,
      best: false,
      close: false,
    });
    const computed = tables[0]?.scorer === undefined ? "" : t(" · computed from the rows");
    return html`<table>
      <caption title=${source}>
        ${visible(title)}<span class="small muted">${computed}</span>
      </caption>
      <thead>
        <tr>
          <th scope="col">${visible(key)}</th>
          ${names.map((name) => html`<th scope="col">${visible(name)}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${tables.map(
          (table) =>
            html`<tr>
              <th scope="row">${visible(table.by?.group ?? "")}</th>
              ${names.map((name) => this.cell(cell(table, name)))}
            </tr>`,
        )}
      </tbody>
    </table>`;
  }

  private row(row: EvalRow) {
    const direction =
      row.better === "unknown" ? "" : row.better === "lower" ? t("↓ lower is better") : t("↑ higher is better");
    return html`<tr>
      <th scope="row">
        ${visible(row.name)}
        <div class="small muted">${direction}</div>
      </th>
      ${row.cells.map((cell) => this.cell(cell))}
    </tr>`;
  }

  private cell({ metric, best, close }: EvalCell) {
    if (!metric) return html`<td class="muted" title=${t("not measured")}>–</td>`;
    const n = metric.n === null ? t("n unknown") : t("n={0}", formatCount(metric.n));
    if (metric.value === null)
      return html`<td class="num muted">– (${t("n={0}", formatCount(metric.n ?? 0))}) ${rowsWords(metric)}</td>`;
    const interval =
      metric.low === null || metric.high === null ? "" : `${formatAligned(metric.low)}–${formatAligned(metric.high)}`;
    return html`<td class="num ${best ? "best" : ""}">
      <span class="value">${formatAligned(metric.value)}</span>
      ${best ? html`<span class="tag small">${icon("star")}${close ? t("≈ best") : t("best")}</span>` : nothing}
      ${interval ? whisker(...shownAs(metric)) : nothing}
      <div class="small muted">${[n, interval].filter(Boolean).join(" · ")}</div>
      ${rowsWords(metric)}
    </td>`;
  }
}

/** Whether the number follows from its rows, else what they give. */
function rowsWords(metric: EvalMetric) {
  const own = fromRows(metric);
  if (!own) return nothing;
  if (own.difference === null) return html`<div class="small muted">${t("✓ follows from the rows")}</div>`;
  const n = own.n === null ? t("n unknown") : t("n={0}", formatCount(own.n));
  const value = own.value === null ? "–" : formatAligned(own.value);
  return html`<div class="small differs" title=${own.difference}>${t("≠ {0} from the rows ({1})", value, n)}</div>`;
}

function sizeWords(table: EvalTable): string {
  return [
    table.scorer === undefined ? "" : t("computed from {0}", visible(table.source.replace(/^.*\//, ""))),
    table.episodes === null ? "" : plural(table.episodes, "{0} episode", "{0} episodes", formatCount(table.episodes)),
    table.steps === null ? "" : plural(table.steps, "{0} step", "{0} steps", formatCount(table.steps)),
    table.backend === null ? "" : visible(table.backend),
  ]
    .filter(Boolean)
    .join(" · ");
}

/** Intervals come only with rates. */
function shownAs({ value, low, high }: EvalMetric): [rate: number, low: number, high: number] {
  return [fromWire(value) ?? 0, fromWire(low) ?? 0, fromWire(high) ?? 0];
}
