// Run Config: read, plan, choose the box, show the command, send the files, start, and open the view beside the config.
import * as vscode from "vscode";
import { asRunsideError, cancelled, isError, untrusted } from "../../../core/base/errors";
import type { BoxId } from "../../runs/box";
import { boxLabel, type BoxSession, type Boxes } from "../../runs/boxes";
import { buildLaunch, type ReadyLaunch } from "../../launch/buildSpec";
import { launchOn } from "../../runs/launchConfig";
import { heedWarnings } from "./launchWarnings";
import type { RunSecrets } from "../../runs/runSecrets";
import type { EnvironmentFound } from "../../../core/recipes/environments";
import { setupTexts } from "../../../core/model/setup";
import { findSecrets } from "../../../core/secrets/detect";
import { setupFor } from "../../settings";
import type { BoxChoice } from "../boxChoice";
import { placeOf, type ConfigPlace } from "../configFiles";
import type { VscodePlatform } from "../vscodePlatform";
import { chooseGpus } from "./gpuChoice";
import { askWithoutSecrets } from "./secrets";
import { uploadQuestions } from "./uploadQuestions";
import { secretWords } from "../secretWarnings";
import type { RunPanels } from "../panels/runPanel";

export interface RunConfigParts {
  boxes: Boxes;
  choice: BoxChoice;
  panels: RunPanels;
  secrets: RunSecrets;
  platform: VscodePlatform;
}

interface Confirmed {
  launch: ReadyLaunch;
  box: BoxId;
  /** Of the box, to run in as it is; undefined where the workspace is sent. */
  folder: string | undefined;
  /** Shell text before the command: the box's own, or what the person took from the project's environment. */
  setup: string;
}

/** With `askFolder`, the config runs in a folder of the box, and nothing is sent. */
export async function runConfig(
  parts: RunConfigParts,
  given?: vscode.Uri,
  askFolder = false,
): Promise<string | undefined> {
  if (!vscode.workspace.isTrusted) throw untrusted("any box");
  const uri = given ?? vscode.window.activeTextEditor?.document.uri;
  const place = uri ? placeOf(uri) : null;
  if (!uri || !place) {
    await vscode.window.showInformationMessage(vscode.l10n.t("Open a config first: a YAML file that a recipe knows."));
    return undefined;
  }
  const document = await vscode.workspace.openTextDocument(uri);
  if (document.isDirty) await document.save();
  const launch = await planOrShow(document, place, null);
  if (!launch) return undefined;
  const box = await parts.choice.get();
  if (box === null) return undefined;
  const folder = askFolder ? await askFolderOf(parts, box) : inPlaceOf(parts, box);
  if (folder === null) return undefined;
  const setup = setupFor(parts.platform.settings(), box);
  const confirmed = await confirm(parts, document, place, { launch, box, folder, setup });
  return confirmed ? start(parts, place, confirmed) : undefined;
}

/** The plan, or null after its error was shown where it stands in the config. */
async function planOrShow(
  document: vscode.TextDocument,
  place: ConfigPlace,
  seed: number | null,
): Promise<ReadyLaunch | null> {
  try {
    return await buildLaunch(place.workspace, place.path, { text: document.getText(), seed });
  } catch (error) {
    const { message, data } = asRunsideError(error);
    const line = data["line"];
    if (!isError(error, "run/bad-config") || typeof line !== "number") throw error;
    const show = vscode.l10n.t("Show Line {0}", line);
    if ((await vscode.window.showErrorMessage(message, show)) === show) {
      const at = new vscode.Position(line - 1, 0);
      await vscode.window.showTextDocument(document, { selection: new vscode.Range(at, at) });
    }
    return null;
  }
}

interface Choice extends vscode.QuickPickItem {
  act: "run" | "box" | "seed" | "secret" | "setup";
}

/** Shows the exact command before anything is done. Enter runs it. */
async function confirm(
  parts: RunConfigParts,
  document: vscode.TextDocument,
  place: ConfigPlace,
  first: Confirmed,
): Promise<Confirmed | null> {
  let { launch, box, folder, setup } = first;
  for (;;) {
    const offered = launch.unusedEnvironment(setup, folder === undefined);
    const items = choices({ launch, box, folder, setup }, await parts.secrets.namesFor(box), offered);
    const chosen = await vscode.window.showQuickPick<Choice>(items, {
      title: vscode.l10n.t("Run {0}", place.path),
      placeHolder: launch.plan.note ?? vscode.l10n.t("Recipe: {0}", launch.recipe.title),
    });
    if (!chosen) return null;
    if (chosen.act === "run") return { launch, box, folder, setup };
    if (chosen.act === "secret") return showSecretIn(document);
    if (chosen.act === "setup") setup = offered?.setup ?? setup;
    else if (chosen.act === "box") {
      const other = (await parts.choice.ask()) ?? box;
      // A folder of one box says nothing about another.
      if (other !== box) {
        folder = inPlaceOf(parts, other);
        setup = setupFor(parts.platform.settings(), other);
      }
      box = other;
    } else {
      const seed = await askSeed(launch.plan.seed);
      const again = seed === null ? null : await planOrShow(document, place, seed);
      if (again) launch = again;
    }
  }
}

/** The setting is by the box's name; undefined where the workspace is to be sent. */
const inPlaceOf = ({ platform }: RunConfigParts, box: BoxId): string | undefined =>
  platform.settings().runInPlace[boxLabel(box)] ?? platform.settings().runInPlace[box];

async function askFolderOf(parts: RunConfigParts, box: BoxId): Promise<string | null> {
  const typed = await vscode.window.showInputBox({
    title: vscode.l10n.t("Folder on {0} that the config runs in, as it is there", boxLabel(box)),
    value: inPlaceOf(parts, box) ?? "",
    placeHolder: "~/project",
    validateInput: (text) =>
      /^(?:\/|~(?:\/|$))/.test(text) ? null : vscode.l10n.t("A path that begins with / or ~/."),
  });
  return typed ?? null;
}

/** The launch is given up: what is written there should not leave this machine. */
async function showSecretIn(document: vscode.TextDocument): Promise<null> {
  const [first] = findSecrets(document.getText());
  const at = first ? new vscode.Range(first.line, first.column, first.line, first.endColumn) : undefined;
  await vscode.window.showTextDocument(document, at ? { selection: at } : {});
  return null;
}

function choices(
  { launch, box, folder, setup }: Confirmed,
  secrets: readonly string[],
  offered: EnvironmentFound | null,
): Choice[] {
  const { commands, seed } = launch.plan;
  const known: Record<string, string> = {
    "{config}": launch.path,
    "{node}": "node",
    "{out}": "<run>/out",
    "{workspace}": folder ?? "<snapshot>",
    "{seed}": String(seed ?? ""),
  };
  const readable = (argument: string): string =>
    argument.replace(/\{(config|node|out|workspace|seed)\}/g, (name) => known[name] ?? name);
  const command = commands.map((argv) => argv.map((argument) => quoted(readable(argument))).join(" ")).join("  then  ");
  const shown = [...setupTexts({ box: setup, recipe: launch.plan.setup ?? "" }), command].join("  then  ");
  const [written] = findSecrets(launch.text);
  return [
    {
      act: "run",
      label:
        folder === undefined
          ? vscode.l10n.t("$(play) Run on {0}", boxLabel(box))
          : vscode.l10n.t("$(play) Run on {0} in {1}", boxLabel(box), folder),
      ...(secrets.length > 0 ? { description: vscode.l10n.t("with {0}", secrets.join(", ")) } : {}),
      detail: shown,
    },
    ...(written
      ? [
          {
            act: "secret",
            label: vscode.l10n.t("$(warning) Line {0} holds a secret", written.line + 1),
            detail: secretWords(written),
          } satisfies Choice,
        ]
      : []),
    ...(offered
      ? [
          {
            act: "setup",
            label: vscode.l10n.t("$(lightbulb) Set up as {0} says", offered.file),
            description: vscode.l10n.t("this launch alone; runside.setup or a recipe's `setup` make it every launch"),
            detail: offered.setup,
          } satisfies Choice,
        ]
      : []),
    { act: "box", label: vscode.l10n.t("$(server) Another box...") },
    {
      act: "seed",
      label: vscode.l10n.t("$(symbol-numeric) Another seed..."),
      description: seed === null ? vscode.l10n.t("the config has none") : String(seed),
    },
  ];
}

/** For reading only: nothing is ever run from this text. */
const quoted = (argument: string): string =>
  /^[\w@%+=:,./{}<>-]+$/.test(argument) ? argument : JSON.stringify(argument);

async function askSeed(current: number | null): Promise<number | null> {
  const typed = await vscode.window.showInputBox({
    title: vscode.l10n.t("Seed of this run"),
    value: current === null ? "" : String(current),
    validateInput: (text) => (/^\d{1,10}$/.test(text) ? null : vscode.l10n.t("A whole number, 0 or more.")),
  });
  return typed === undefined ? null : Number(typed);
}

async function start(
  parts: RunConfigParts,
  place: ConfigPlace,
  { launch, box, folder, setup }: Confirmed,
): Promise<string> {
  const session = parts.boxes.open(box);
  const id = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t("Run {0} on {1}", launch.path, session.label),
      cancellable: true,
    },
    async (progress, token) => {
      const stop = new AbortController();
      token.onCancellationRequested(() => stop.abort());
      progress.report({ message: vscode.l10n.t("connecting") });
      const peer = await connected(session, stop.signal);
      await heedWarnings(peer, stop.signal);
      const report = (message: string): void => progress.report({ message });
      const secrets = await parts.secrets.forLaunch(box, askWithoutSecrets);
      const uri = vscode.Uri.file(place.workspace);
      const settings = parts.platform.settings();
      const gpus = launch.plan.gpus ?? (await chooseGpus(session, peer));
      if (gpus === null) throw cancelled();
      const { id: started } = await launchOn({
        workspace: place.workspace,
        launch,
        secrets,
        setup,
        gpus,
        folder,
        include: vscode.workspace.getConfiguration("runside", uri).get<string[]>("include", []),
        maxBytes: settings["upload.limitMB"] * 1e6,
        questions: uploadQuestions(uri, settings),
        peer,
        report,
        signal: stop.signal,
      });
      return started;
    },
  );
  parts.panels.show(session, id);
  return id;
}

/** A person asked: a connection that had given up tries again, with its questions. */
async function connected(session: BoxSession, signal: AbortSignal): ReturnType<BoxSession["link"]["peer"]> {
  if (session.link.status.state === "failed") session.link.retry();
  return session.link.peer(signal);
}
