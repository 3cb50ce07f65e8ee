// A connection made by the user's own `ssh`: for certificates, hardware keys, GSSAPI, host authorities, newer key exchanges.
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Disposable } from "../../core/base/disposable";
import { asRunsideError, cancelled, type RunsideError } from "../../core/base/errors";
import { startAskpass } from "./askpass";
import { withDeadline } from "./connectDeadline";
import { openSshConfig } from "./openSshConfig";
import { openSshFailure, plainLines } from "./openSshFailure";
import { startMaster, type OpenSshMaster } from "./openSshMaster";
import { ownKnownHosts, type OwnKnownHosts } from "./openSshKnownHosts";
import { OpenSshQuestions } from "./openSshQuestions";
import { OpenSshTransport } from "./openSshTransport";
import { makePrivateFolder } from "./privateFolder";
import { keepAliveFor, type SshOptions } from "./sshHandshake";
import type { Route } from "./sshRoute";
import { collect, shellLine } from "./transport";

const posix = process.platform !== "win32";

export interface OpenSshOptions extends SshOptions {
  program: string;
  /** Whether one connection carries all commands; wherever ssh can do that unless told. */
  shared?: boolean;
}

export async function connectOpenSsh(route: Route, options: OpenSshOptions): Promise<OpenSshTransport> {
  const signal = options.signal ?? new AbortController().signal;
  const folder = await makePrivateFolder();
  const opened: Disposable[] = [folder];
  const release = (): void =>
    opened
      .splice(0)
      .reverse()
      .forEach((one) => one.dispose());
  try {
    options.onProgress?.(`Connecting to ${route.alias}`);
    const known = await ownKnownHosts(route, folder.path, options.credentials);
    return await open(route, options, folder.path, known, opened, release, signal).finally(() => known.keep());
  } catch (error) {
    release();
    throw signal.aborted ? cancelled() : error;
  }
}

async function open(
  route: Route,
  options: OpenSshOptions,
  folder: string,
  known: OwnKnownHosts,
  opened: Disposable[],
  release: () => void,
  signal: AbortSignal,
): Promise<OpenSshTransport> {
  const { program, credentials, onProgress, logger } = options;
  const prompts = route.box.batchMode ? null : options.prompts;
  let master: OpenSshMaster | null = null;
  const questions = new OpenSshQuestions({ route, prompts, credentials, onProgress, stop: () => master?.dispose() });
  // Windows gives a script's arguments to a shell, and a question holds a box's own words: nothing is asked there.
  const askpass = posix ? await startAskpass(folder, (question) => questions.answer(question)) : null;
  if (askpass) opened.push(askpass);
  const file = join(folder, "config");
  const keepalive = keepAliveFor(route.box, options.keepalive);
  await writeFile(file, openSshConfig(route, options.config.configFile, keepalive, askpass !== null, known));
  const env = environment(options.agentSocket, askpass?.env ?? {});
  const failure = async (said: string): Promise<RunsideError> => {
    plainLines(said).forEach((line) => logger.log("info", "connect", `ssh ${route.alias}: ${line}`));
    if (questions.stopped) return asRunsideError(questions.stopped);
    return openSshFailure(route, said, await questions.failed(said), known.file);
  };
  const link = { label: route.alias, program, env, folder, release, failure };
  const base = ["-T", "-F", file];
  if (options.shared === false || !posix) {
    const args = [...base, "-S", "none", "--", route.alias];
    const transport = new OpenSshTransport({
      ...link,
      args,
      shared: false,
      ended: new Promise<string>(() => undefined),
    });
    // Every command logs in by itself; whoever connects wants to know now whether that works.
    await withDeadline(route.box, options, signal, async (timer, aborted) => {
      questions.timer = timer;
      await collect(await transport.exec(shellLine("true"), aborted), null, aborted);
    });
    questions.succeeded();
    return transport;
  }
  const log = join(folder, "connection.log");
  const socket = join(folder, "s").replaceAll("%", "%%");
  const held = startMaster([program, "-v", "-E", log, ...base, "-M", "-S", socket, "-N", "--", route.alias], log, env);
  master = held;
  opened.push(held);
  questions.instructions = () => held.takeWords();
  await withDeadline(route.box, options, signal, async (timer, aborted) => {
    questions.timer = timer;
    // It makes the socket when the box has let it in.
    while (!existsSync(join(folder, "s"))) {
      if (aborted.aborted) throw cancelled();
      if (held.hasEnded()) throw await failure(held.said());
      await sleep(8);
    }
  });
  questions.succeeded();
  return new OpenSshTransport({
    ...link,
    shared: true,
    // Without the shared connection ssh would make another one, and ask again.
    args: [...base, "-S", socket, "-o", "ControlMaster=no", "-o", "ProxyCommand=false", "--", route.alias],
    ended: held.ended.then(() => plainLines(held.said()).at(-1) ?? "ssh ended"),
  });
}

function environment(agentSocket: string | null | undefined, askpass: Record<string, string>): NodeJS.ProcessEnv {
  const { SSH_AUTH_SOCK: usual, ...rest } = process.env;
  const socket = agentSocket === undefined ? usual : agentSocket;
  return { ...rest, ...(socket ? { SSH_AUTH_SOCK: socket } : {}), ...askpass };
}
