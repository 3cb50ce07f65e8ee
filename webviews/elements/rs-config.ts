// The config as it was run, with the command, the surroundings, and the files that were read.
import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { factValueWords, factWords, type RecordedFact } from "../../core/model/fact";
import type { SetupRecord } from "../../core/model/environment";
import type { RunManifest } from "../../core/model/run";
import { emptyRunState, type RunState } from "../../core/model/runState";
import { commandWords, quoted } from "../../core/model/words";
import { setupOf, setupTexts, withoutSetup } from "../../core/model/setup";
import { fire } from "../shared/events";
import { formatBytes, formatShare, formatStep, formatTime } from "../shared/format";
import { icon } from "../shared/icons";
import { Resource } from "../shared/resource";
import type { RunReads } from "../shared/runReads";
import { t } from "../shared/strings";
import { visible } from "../shared/text";
import { base } from "../styles/base";
import "./rs-notice";
import "./rs-text";

@customElement("rs-config")
export class RsConfig extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        padding: var(--rs-edge);
        container-type: inline-size;
      }
      .columns {
        display: grid;
        grid-template-columns: minmax(0, 1.3fr) minmax(260px, 1fr);
        gap: 16px;
        align-items: start;
      }
      @container (max-width: 700px) {
        .columns {
          grid-template-columns: minmax(0, 1fr);
        }
      }
      .stack > * + * {
        margin-top: 14px;
      }
      .code {
        background: var(--vscode-textCodeBlock-background);
        border: 1px solid var(--vscode-contrastBorder, transparent);
        border-radius: 4px;
        padding: 8px 10px;
        margin-top: 4px;
      }
      dl {
        display: grid;
        grid-template-columns: fit-content(45%) minmax(12ch, 1fr);
        gap: 3px 12px;
        margin-top: 4px;
      }
      dl.compared {
        display: flex;
        flex-wrap: wrap;
        gap: 8px 24px;
        margin: 0 0 14px;
      }
      dt,
      dd {
        overflow-wrap: anywhere;
      }
      .argv span {
        display: inline-block;
        margin-inline-end: 0.7em;
        overflow-wrap: anywhere;
      }
    `,
  ];

  @property({ attribute: false }) reads: RunReads | null = null;
  @property({ attribute: false }) run: RunState = emptyRunState;
  private readonly manifest = new Resource<string, Awaited<ReturnType<RunReads["manifest"]>>>(
    this,
    async (_key, signal) => {
      if (!this.reads) throw new Error(t("There is no link to the box."));
      return this.reads.manifest(signal);
    },
  );

  protected override willUpdate(): void {
    if (this.isConnected) this.manifest.load("manifest");
  }

  protected override render() {
    const { value, error } = this.manifest;
    if (error)
      return html`<rs-notice
        kind="error"
        text=${error.message}
        retry
        @retry=${() => this.manifest.reload()}
      ></rs-notice>`;
    if (!value) return html`<rs-notice kind="loading" text=${t("Loading the config…")}></rs-notice>`;
    const { manifest, setup } = value;
    return html`${manifest ? this.compared(manifest.facts) : nothing}
      <div class="columns">
        <div class="stack">
          ${
            manifest
              ? this.config(manifest)
              : html`<rs-notice
                  text=${t("Runside did not launch this folder, so it has no config on record.")}
                  detail=${t("What was read in it is listed here.")}
                ></rs-notice>`
          }
        </div>
        <div class="stack">
          ${manifest ? this.facts(manifest) : nothing} ${setup ? madeOf(setup) : nothing} ${this.sources()}
          ${this.checkpoints()}
        </div>
      </div>`;
  }

  /** What this run is compared by, before everything else: a glance tells two runs apart. */
  private compared(facts: readonly RecordedFact[]) {
    if (facts.length === 0) return nothing;
    return html`<dl class="compared" aria-label=${t("What runs are compared by")}>
      ${facts.map(
        ({ name, key, value }) =>
          html`<div title=${key ?? t("not in the config: given at launch, or the program's default")}>
            <dt class="muted">${visible(factWords(name))}</dt>
            <dd class="mono">${visible(factValueWords(value))}</dd>
          </div>`,
      )}
    </dl>`;
  }

  private config(manifest: RunManifest) {
    const setup = setupTexts(setupOf(manifest.commands));
    const commands = manifest.commands.map((argv) => withoutSetup(argv).command);
    return html`<section>
        <div class="row">
          <h2 class="grow">${t("Config as it was run")}</h2>
          ${this.copy(manifest.config.text, t("Copy the config"))}
        </div>
        <p class="muted small mono">${visible(manifest.config.path)}</p>
        <div class="code"><rs-text class="mono" .text=${manifest.config.text}></rs-text></div>
      </section>
      <section>
        <div class="row">
          <h2 class="grow">${manifest.commands.length === 1 ? t("Command") : t("Commands, in this order")}</h2>
          ${this.copy([...setup, ...commands.map(commandWords)].join("\n"), t("Copy the command"))}
        </div>
        ${setup.map((text) => html`<div class="code setup"><rs-text class="mono" .text=${text}></rs-text></div>`)}
        ${commands.map(
          (argv) =>
            html`<div class="code argv mono">${argv.map((arg) => html`<span>${visible(quoted(arg))}</span>`)}</div>`,
        )}
      </section>`;
  }

  private facts(manifest: RunManifest) {
    const { git } = manifest;
    const rows: [string, string][] = [
      [t("Run"), manifest.id],
      [t("Recipe"), manifest.recipe],
      [t("Launched"), formatTime(manifest.createdAt)],
      [t("Folder"), manifest.cwd],
      [t("Output"), manifest.out],
      [t("Seed"), manifest.seed === null ? t("not given") : String(manifest.seed)],
      [t("Commit"), git ? `${git.commit}${git.dirty ? ` ${t("(with changes)")}` : ""}` : t("no git repository")],
      [t("Snapshot"), manifest.snapshot ?? t("none: ran in the folder itself")],
    ];
    return html`<section>
        <h2>${t("Where and how")}</h2>
        ${list(rows)}
      </section>
      <section>
        <h2>${t("Environment")}</h2>
        ${
          Object.keys(manifest.env).length + manifest.secretNames.length === 0
            ? html`<p class="muted">${t("Nothing was added to the box's own.")}</p>`
            : list([
                ...Object.entries(manifest.env),
                ...manifest.secretNames.map((name): [string, string] => [name, t("(secret, not recorded)")]),
              ])
        }
      </section>`;
  }

  private sources() {
    const { sources } = this.run;
    if (sources.length === 0) return nothing;
    return html`<section>
      <h2>${t("Files that were read")}</h2>
      ${list(sources.map((s) => [s.path, [s.title, formatBytes(s.bytes), s.confidence < 1 ? t("{0} sure", formatShare(s.confidence)) : ""].filter(Boolean).join(" · ")]))}
    </section>`;
  }

  private checkpoints() {
    const { checkpoints } = this.run;
    if (checkpoints.length === 0) return nothing;
    return html`<section>
      <h2>${t("Checkpoints")}</h2>
      ${list(
        checkpoints.map((c) => [
          c.name,
          [
            c.step === null ? c.path : t("step {0}", formatStep(c.step)),
            ...(c.base ? [t("adapter of {0}", c.base)] : []),
          ].join(" · "),
        ]),
      )}
    </section>`;
  }

  private copy(text: string, title: string) {
    return html`<button
      class="quiet"
      title=${title}
      aria-label=${title}
      @click=${() => fire(this, "host-action", { kind: "copy", text })}
    >
      ${icon("copy")}
    </button>`;
  }
}

/** What the setup made of the environment, as the training got it. */
function madeOf({ set, removed, hidden, kept }: SetupRecord) {
  const rows: [string, string][] = [
    ...Object.entries(set).map(([name, value]): [string, string] => [
      name,
      kept.includes(name) ? `${value} ${t("(as in the attempt before; the setup gave another)")}` : value,
    ]),
    ...hidden.map((name): [string, string] => [name, t("(looks like a secret, not recorded)")]),
    ...removed.map((name): [string, string] => [name, t("(removed)")]),
  ];
  return html`<section class="made">
    <h2>${t("What the setup made of it")}</h2>
    ${rows.length > 0 ? list(rows) : html`<p class="muted">${t("Nothing that lasts.")}</p>`}
  </section>`;
}

const list = (rows: readonly (readonly [string, string])[]) =>
  html`<dl>
    ${rows.map(
      ([name, value]) =>
        html`<dt class="muted">${visible(name)}</dt>
          <dd class="mono">${visible(value)}</dd>`,
    )}
  </dl>`;
