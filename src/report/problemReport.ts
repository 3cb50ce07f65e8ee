// Everything a maintainer needs to find a fault, as one Markdown text that names nobody: versions, settings, boxes, the log's end.
import os from "node:os";
import { messageOf } from "../../core/base/errors";
import { agent } from "../../core/protocol/agent";
import { protocolVersion } from "../../core/protocol/catalogue";
import { Redactor } from "../../core/secrets/redact";
import { resolveRoute } from "../connect/sshRoute";
import type { App } from "../app";
import { defaultSettings, type Settings } from "../settings";
import type { AgentHello } from "../connect/agentSession";
import { localBox } from "../runs/box";
import type { BoxSession } from "../runs/boxes";
import type { RecentLog } from "./recentLog";

export interface ReportFacts {
  /** As shown: `["Runside", "0.1.0"]`. */
  versions: readonly (readonly [string, string])[];
  settings: Settings;
  isTrusted: boolean;
  extensionFolder: string;
  /** Absolute. */
  workspaces: readonly string[];
  log: RecentLog;
}

/** A box that does not answer must not keep the report from being written. */
const ANSWER_MS = 3000;

interface BoxFacts {
  session: BoxSession;
  hello: AgentHello | null;
  silence: string | null;
}

export async function problemReport(app: App, facts: ReportFacts): Promise<string> {
  await app.secrets.ready();
  const boxes = await Promise.all(app.boxes.opened().map(askBox));
  const names = [...knownNames(app, facts, boxes), ...(await routeNames(app, facts.settings))];
  const redactor = new Redactor({ names });
  const text = [
    "# Runside: problem report",
    "",
    "Please say here what you did, what you expected and what happened:",
    "",
    "",
    "",
    "Names, addresses, paths and secrets below were replaced by numbered words. Read it through before you send it.",
    "",
    "## Versions",
    "",
    ...facts.versions.map(([name, value]) => `- ${name}: ${value}`),
    `- protocol: ${protocolVersion}`,
    `- this machine: ${os.platform()} ${os.release()} ${os.arch()}, ${os.cpus().length} CPUs, node ${process.version}`,
    `- workspace: ${facts.isTrusted ? "trusted" : "not trusted"}, ${facts.workspaces.length} folders`,
    "",
    "## Settings",
    "",
    ...settingLines(facts.settings),
    "",
    "## Boxes",
    "",
    `- known: ${app.boxes.ids().length}, opened in this window: ${boxes.length}`,
    ...boxes.flatMap(boxLines),
    `- secrets kept: ${(await app.secrets.list()).length}`,
    "",
    "## Last lines of the log",
    "",
    // Longer than any fence inside it.
    "````text",
    ...facts.log.last(),
    "````",
    "",
  ].join("\n");
  return redactor.text(app.secrets.mask.text(text));
}

async function askBox(session: BoxSession): Promise<BoxFacts> {
  const peer = session.link.current;
  if (!peer) return { session, hello: null, silence: session.link.status.message };
  try {
    const hello = await peer.request(agent.hello, { protocol: protocolVersion }, AbortSignal.timeout(ANSWER_MS));
    return { session, hello, silence: null };
  } catch (error) {
    return { session, hello: null, silence: messageOf(error) };
  }
}

/** They name nobody, and stand in ordinary sentences. */
const anybody = new Set(["root", "admin", "ubuntu", "debian", "ec2-user", "user", "git", "localhost"]);
/** Of a config that holds a whole cluster. */
const MOST_ROUTES = 500;

/** What messages call the hosts on the way to a box, and who logs in there: names that the SSH config alone knows. */
async function routeNames(app: App, settings: Settings): Promise<[string, string][]> {
  const configFile = settings["ssh.configFile"] === "" ? null : settings["ssh.configFile"];
  const opened = app.boxes.opened().map(({ id }) => id);
  const asked = [...new Set([...opened, ...app.boxes.ids()])].filter((id) => id !== localBox).slice(0, MOST_ROUTES);
  const routes = asked.flatMap((id) => [
    // As ssh reads it only where something was done: a process for each of hundreds of hosts would take minutes.
    ...(opened.includes(id) ? [resolveRoute(id, { configFile, signal: AbortSignal.timeout(ANSWER_MS) })] : []),
    resolveRoute(id, { configFile, sshProgram: null }),
  ]);
  const found = await Promise.all(routes.map((route) => route.catch(() => null)));
  return found
    .flatMap((route) => route?.hops ?? [])
    .flatMap(({ alias, hostname, hostKeyAlias, user }): [string, string][] => [
      [hostname, "host"],
      [alias, "host"],
      ...(hostKeyAlias === null ? [] : [[hostKeyAlias, "host"] as [string, string]]),
      [user, "user"],
    ])
    .filter(([name]) => !anybody.has(name.toLowerCase()));
}

function boxLines({ session, hello, silence }: BoxFacts): string[] {
  const { state, since } = session.link.status;
  const states = new Map<string, number>();
  for (const { status } of session.directory.list()) states.set(status.state, (states.get(status.state) ?? 0) + 1);
  const runs = [...states].map(([name, count]) => `${count} ${name}`).join(", ");
  return [
    `- ${session.label}: ${state} since ${new Date(since).toISOString()}${silence ? `: ${silence}` : ""}`,
    `  - runs: ${runs || "none"}`,
    ...(hello
      ? [
          `  - agent ${hello.version}, protocol ${hello.protocol}, node ${hello.node}, ${hello.platform} ${hello.arch}, ${hello.cpus} CPUs`,
          `  - store: ${hello.runsideHome}`,
        ]
      : []),
  ];
}

function settingLines(settings: Settings): string[] {
  const defaults: Record<string, unknown> = defaultSettings;
  const changed = Object.entries(settings).filter(([name, value]) => !same(value, defaults[name]));
  if (changed.length === 0) return ["- all as they come"];
  return changed.map(([name, value]) => `- runside.${name}: ${shown(value)}`);
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Objects hold a person's own words (host names as keys, commands): only that they are set is told. */
const shown = (value: unknown): string =>
  typeof value === "object" && value !== null ? `set, ${Object.keys(value).length} entries` : String(value);

function knownNames(app: App, facts: ReportFacts, boxes: readonly BoxFacts[]): [string, string][] {
  const user = os.userInfo().username;
  return [
    ...app.boxes.ids().flatMap((id): [string, string][] => (id === localBox ? [] : [[id, "box"]])),
    ...boxes.flatMap(({ session, hello }): [string, string][] => [
      ...(session.id === localBox ? [] : [[session.id, "box"] as [string, string]]),
      ...(hello
        ? [
            [hello.hostname, "host"] as [string, string],
            [hello.user, "user"] as [string, string],
            [hello.runsideHome, "store"] as [string, string],
            [hello.home, "home"] as [string, string],
          ]
        : []),
      ...session.directory.list().flatMap((run): [string, string][] => [
        [run.id, "run"],
        [run.configPath, "config"],
      ]),
    ]),
    ...facts.workspaces.map((folder): [string, string] => [folder, "workspace"]),
    [facts.extensionFolder, "extension"],
    [os.homedir(), "home"],
    [os.hostname(), "host"],
    [user, "user"],
  ];
}
