// The run's own output: the tail, followed; earlier pages on request; find with counts. Colours kept, escapes dropped.
import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { asRunsideError, isError, type RunsideError } from "../../core/base/errors";
import { fire } from "../shared/events";
import { formatBytes, formatCount } from "../shared/format";
import { icon } from "../shared/icons";
import { plainText } from "../shared/ansi";
import { askAfter, fromPage, withEarlier, withLater, type LogLines } from "../shared/logBuffer";
import type { LogPage, RunReads } from "../shared/runReads";
import { plural, t } from "../shared/strings";
import type { ViewState } from "../shared/viewState";
import { base } from "../styles/base";
import "./rs-log-lines";
import "./rs-notice";

const page = 128 * 1024;

@customElement("rs-log")
export class RsLog extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        display: flex;
        flex-direction: column;
        height: 100%;
      }
      .bar {
        padding: var(--rs-gap) var(--rs-edge);
        border-bottom: 1px solid var(--rs-line);
      }
      vscode-text-field {
        flex: 1 1 140px;
        max-width: 300px;
        min-width: 0;
      }
      .lines {
        flex: 1 1 0;
        min-height: 0;
        overflow: auto;
        padding: 6px 0;
      }
      .earlier {
        margin: 2px var(--rs-edge) 8px;
      }
    `,
  ];

  @property({ attribute: false }) reads: RunReads | null = null;
  @property({ attribute: false }) saved!: ViewState;
  @property({ type: Number }) size = 0;
  @state() private held: LogLines | null = null;
  @state() private error: RunsideError | null = null;
  @state() private find = "";
  @state() private hit = 0;
  private busy = false;
  private askedAt = -1;
  private ended = new AbortController();

  override connectedCallback(): void {
    super.connectedCallback();
    this.ended = new AbortController();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.ended.abort();
    this.busy = false;
  }

  protected override willUpdate(): void {
    if (!this.isConnected || this.busy) return;
    if (!this.held && !this.error) this.ask({}, fromPage);
    // Only on a new size: an unfinished last line keeps `end` behind it, and asking again at once would go in a circle.
    else if (this.size !== this.askedAt) this.catchUp();
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (this.saved.follow && changed.get("saved")?.follow === false) this.toEnd();
  }

  /** Until it stays there: blocks near the end get their true height only once they are laid out. */
  private readonly toEnd = (): void => {
    if (!this.saved.follow || this.find) return;
    const lines = this.renderRoot.querySelector(".lines");
    const down = (left: number): void => {
      if (!lines || left === 0) return;
      const before = lines.scrollHeight;
      lines.scrollTop = before;
      requestAnimationFrame(() => {
        if (lines.scrollHeight !== before || lines.scrollTop + lines.clientHeight < before - 2) down(left - 1);
      });
    };
    down(20);
  };

  protected override render() {
    const { held, error } = this;
    if (!held) {
      return error
        ? html`<rs-notice kind="error" text=${error.message} retry @retry=${this.retry}></rs-notice>`
        : html`<rs-notice kind="loading" text=${t("Loading the log…")}></rs-notice>`;
    }
    const hits = this.hits(held);
    const at = hits.length > 0 ? (hits[((this.hit % hits.length) + hits.length) % hits.length] ?? null) : null;
    return html`
      <div class="bar row wrap" role="toolbar" aria-label=${t("Log")}>
        <vscode-text-field
          placeholder=${t("Find in the loaded lines")}
          aria-label=${t("Find in the loaded lines")}
          .value=${this.find}
          @input=${(e: Event) => this.search((e.target as HTMLInputElement).value)}
          @keydown=${this.onFindKey}
        ></vscode-text-field>
        ${this.find ? this.findPart(hits, at) : nothing}
        <vscode-checkbox
          .checked=${this.saved.follow}
          @change=${(e: Event) => this.setFollow((e.target as HTMLInputElement).checked)}
          >${t("Follow")}</vscode-checkbox
        >
        <span class="muted small num">
          ${plural(held.lines.length, "{0} line", "{0} lines", formatCount(held.lines.length))} ·
          ${t("{0} in all", formatBytes(held.size))}
        </span>
      </div>
      ${error ? html`<rs-notice inline kind="error" text=${error.message} retry @retry=${this.retry}></rs-notice>` : nothing}
      <div
        class="lines"
        tabindex="0"
        role="log"
        aria-live="off"
        aria-label=${t("Output of the run")}
        @wheel=${this.onWheel}
      >
        ${
          held.start > 0
            ? html`<button class="link earlier" @click=${this.earlier}>
                ${t("Load earlier lines ({0} above)", formatBytes(held.start))}
              </button>`
            : nothing
        }
        ${
          held.dropped > 0
            ? html`<p class="muted small earlier">
                ${t("{0} lines at the top were let go to stay fast; Log in the title opens the whole file.", formatCount(held.dropped))}
              </p>`
            : nothing
        }
        ${
          held.lines.length === 0
            ? html`<rs-notice text=${t("The log is empty.")}></rs-notice>`
            : html`<rs-log-lines
                .lines=${held.lines}
                .find=${this.find}
                .at=${at}
                @lines-drawn=${this.toEnd}
              ></rs-log-lines>`
        }
      </div>
    `;
  }

  private findPart(hits: readonly number[], at: number | null) {
    const words =
      hits.length === 0
        ? t("nothing found")
        : t(
            "{0} of {1}",
            formatCount(hits.indexOf(at ?? -1) + 1),
            plural(hits.length, "{0} line", "{0} lines", formatCount(hits.length)),
          );
    return html`<span class="small num" aria-live="polite">${words}</span>
      <button class="quiet" aria-label=${t("Previous match")} @click=${() => this.step(-1)}>${icon("up")}</button>
      <button class="quiet" aria-label=${t("Next match")} @click=${() => this.step(1)}>${icon("down")}</button>`;
  }

  private hits(held: LogLines): number[] {
    const needle = this.find.toLowerCase();
    if (!needle) return [];
    return held.lines.flatMap((line, i) => (plainText(line).toLowerCase().includes(needle) ? [i] : []));
  }

  private search(text: string): void {
    this.find = text;
    // The newest match first: that is where one looks in a log.
    this.hit = -1;
  }

  private step(by: number): void {
    this.hit += by;
  }

  private readonly onFindKey = (event: KeyboardEvent): void => {
    if (event.key === "Enter") this.step(event.shiftKey ? 1 : -1);
    if (event.key === "Escape") this.find = "";
  };

  private readonly onWheel = (event: WheelEvent): void => {
    // Scrolling up is a wish to read; following would pull the text away.
    if (event.deltaY < 0 && this.saved.follow) this.setFollow(false);
  };

  private setFollow(follow: boolean): void {
    if (follow !== this.saved.follow) fire(this, "view-state", { follow });
  }

  private readonly retry = (): void => {
    this.error = null;
    this.askedAt = -1;
  };

  private readonly earlier = (): void => {
    const held = this.held;
    if (!held) return;
    this.setFollow(false);
    this.ask({ before: held.start }, (answer) => withEarlier(held, answer));
  };

  private catchUp(): void {
    const held = this.held;
    if (!held) return;
    if (this.size < held.end) {
      this.ask({}, fromPage);
      return;
    }
    // Far behind (the view was asleep): the tail again, rather than everything in between.
    if (this.size - held.end > page) this.ask({}, fromPage);
    else if (this.size > held.end) this.ask({ after: askAfter(held) }, (answer) => this.joined(held, answer));
  }

  private joined(held: LogLines, answer: LogPage): LogLines {
    const next = withLater(held, answer);
    if (next !== "restarted") return next;
    // What was asked for is no page of the file that is there now.
    this.ask({}, fromPage);
    return held;
  }

  private ask(range: { before?: number; after?: number }, take: (answer: LogPage) => LogLines): void {
    const { reads } = this;
    if (!reads || this.busy) return;
    this.busy = true;
    this.askedAt = this.size;
    const { signal } = this.ended;
    reads.log({ ...range, maxBytes: page }, signal).then(
      (answer) => {
        if (signal.aborted) return;
        this.busy = false;
        this.error = null;
        this.held = take(answer);
      },
      (error: unknown) => {
        if (signal.aborted) return;
        this.busy = false;
        if (!isError(error, "cancelled")) this.error = asRunsideError(error);
      },
    );
  }
}
