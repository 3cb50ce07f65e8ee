// What a child `ssh` may ask, told apart by its words (openssh-portable: sshconnect.c, sshconnect2.c), and answered from
// memory, secret storage or by the person. Remembers why a login had to stop.
import type { AskedByOpenSsh } from "./askpass";
import type { Credentials, SecretKind } from "./credentials";
import { hostKeyChanged, hostKeyDeclined, needsPrompt, promptDeclined } from "./failures";
import { fingerprintOf, forgetLine, KnownHosts, knownHostsName, nameOf } from "./hostKeys";
import type { PausableTimer } from "./pausableTimer";
import type { ConnectPrompts, HostKeyQuestion } from "./prompts";
import type { ResolvedHost } from "./sshConfig";
import type { Route } from "./sshRoute";
import { loginNameOf } from "./sshLogin";

export type OpenSshQuestion =
  | { kind: "hostKey"; question: HostKeyQuestion; otherTypeKnown: boolean }
  | { kind: "secret"; secret: SecretKind; name: string }
  | { kind: "dialogue"; login: string; prompt: string }
  | { kind: "notice"; text: string };

export function parseQuestion({ mode, text }: AskedByOpenSsh, route: Route): OpenSshQuestion {
  // 10.1 and later write a colon.
  const hostKey =
    /^The authenticity of host '(\S+) \([^)]*\)' can't be established([^]*?)(\S+) key fingerprint is:? (SHA256:[\w+/]+)/;
  const [, host, more, type, fingerprint] = hostKey.exec(text) ?? [];
  if (host && type && fingerprint) {
    const [, name = host, port = "22"] = /^\[(.+)\]:(\d+)$/.exec(host) ?? [];
    const question = { host: name, port: Number(port), fingerprint, keyType: keyTypeOf(type) };
    return { kind: "hostKey", question, otherTypeKnown: /keys of different type/.test(more ?? "") };
  }
  if (mode === "none") return { kind: "notice", text: text.trim() };
  const path = /^Enter passphrase for (?:key )?'?(.+?)'?: $/.exec(text)?.[1];
  if (path) return { kind: "secret", secret: "passphrase", name: wholePath(path, route) };
  const login = /^(\S+)'s password: $/.exec(text)?.[1];
  if (login) return { kind: "secret", secret: "password", name: loginOf(login, route) };
  const [, who, prompt] = /^\((\S+@\S+)\) ([^]*)$/.exec(text) ?? [];
  return { kind: "dialogue", login: who ?? route.alias, prompt: prompt ?? text };
}

/** ssh cuts a path after 100 bytes; where that leaves two keys alike, neither is guessed. */
function wholePath(asked: string, route: Route): string {
  if (Buffer.byteLength(asked) < 100) return asked;
  const files = new Set(route.hops.flatMap((hop) => hop.identityFiles));
  const alike = [...files].filter((file) => file.startsWith(asked));
  return files.has(asked) || alike.length !== 1 ? asked : (alike[0] ?? asked);
}

/** ssh asked for the known types first, and the box has none of them: that is a changed key, as in our own SSH. */
async function otherKeyKnown({ host, port, fingerprint, keyType }: HostKeyQuestion, route: Route): Promise<Error> {
  const name = knownHostsName(host, port);
  const hop = route.hops.find((one) => nameOf(one) === name) ?? route.box;
  const files = { user: hop.userKnownHostsFiles, global: hop.globalKnownHostsFiles };
  const known = (await KnownHosts.read(files)).first(name);
  if (!known) return hostKeyDeclined(hop.alias, fingerprint);
  const { file, line, blob } = known;
  const story = { label: hop.alias, file, line, keyType, known: fingerprintOf(blob), offered: fingerprint };
  return hostKeyChanged({ ...story, forget: forgetLine(name, file) });
}

const keyTypeOf = (name: string): string =>
  ({ ED25519: "ssh-ed25519", RSA: "ssh-rsa", ECDSA: "ecdsa-sha2" })[name] ?? name;

/** With the port, under which it may have been saved; ssh asks without. */
function loginOf(text: string, route: Route): string {
  const same = (hop: ResolvedHost): boolean => `${hop.user.slice(0, 30)}@${hop.hostname.slice(0, 128)}` === text;
  const hop = [...route.hops].reverse().find(same);
  return hop ? loginNameOf(hop) : text;
}

/** A password that was taken as the first of two factors is right, whatever became of the second. */
function refusesPassword(said: string, name: string, route: Route): boolean {
  if (/^Authenticated (using "password" )?with partial success/m.test(said)) return false;
  if (/Too many authentication failures/.test(said)) {
    // Which hop said it is not told.
    const tried = [...said.matchAll(/^debug1: Next authentication method: (\S+)/gm)].at(-1)?.[1];
    return route.hops.length === 1 && tried === "password";
  }
  const denied = /^(\S+@\S+): Permission denied \(/m.exec(said)?.[1];
  return denied !== undefined && loginOf(denied, route) === name;
}

interface Given {
  secret: SecretKind;
  name: string;
  value: string;
  /** Which ssh got it last, and how often it asked. */
  by: string;
  times: number;
}

export interface QuestionOptions {
  route: Route;
  /** null: nobody may be asked now. */
  prompts: ConnectPrompts | null;
  credentials: Credentials;
  onProgress?: (message: string) => void;
  /** Ends ssh: it would go on asking otherwise. */
  stop(): void;
}

export class OpenSshQuestions {
  /** Set once a question was declined, or could not be asked. */
  stopped: Error | null = null;
  /** Stands still while a person is asked. */
  timer: PausableTimer | null = null;
  /** What ssh printed for people since its last question: the words that belong to a dialogue. */
  instructions: () => string = () => "";
  private readonly given = new Map<string, Given>();

  constructor(private readonly options: QuestionOptions) {}

  async answer(asked: AskedByOpenSsh): Promise<string | null> {
    const question = parseQuestion(asked, this.options.route);
    try {
      switch (question.kind) {
        case "notice":
          this.options.onProgress?.(question.text.split("\n")[0] ?? "");
          return null;
        case "hostKey":
          return question.otherTypeKnown
            ? this.end(await otherKeyKnown(question.question, this.options.route))
            : await this.hostKey(question.question);
        case "secret":
          return await this.secret(question.secret, question.name, asked.by);
        case "dialogue":
          return await this.dialogue(question.login, question.prompt);
      }
    } catch (error) {
      this.end(error instanceof Error ? error : new Error(String(error)));
      return null;
    }
  }

  /** The box took everything that was given. */
  succeeded(): void {
    for (const { secret, name, value } of this.given.values()) this.options.credentials.accept(secret, name, value);
    void this.options.credentials.offerToKeep(this.options.prompts);
  }

  /** In words for the person. The login failed: of what was given, only the password that the box refused was wrong. */
  async failed(said: string): Promise<string[]> {
    const hints: string[] = [];
    for (const { secret, name, times } of this.given.values()) {
      if (secret === "password" && refusesPassword(said, name, this.options.route))
        await this.options.credentials.forget(secret, name);
      if (secret === "passphrase" && times > 1) hints.push(`the passphrase of ${name} was wrong ${times} times`);
    }
    return hints;
  }

  private async hostKey(question: HostKeyQuestion): Promise<string | null> {
    const { prompts, route } = this.options;
    if (!prompts) return this.end(needsPrompt(route.alias, "your word on its host key"));
    return (await this.ask(() => prompts.confirmHostKey(question))) ? "yes" : "no";
  }

  private async secret(secret: SecretKind, name: string, by: string): Promise<string | null> {
    const { prompts, credentials, route } = this.options;
    const key = `${secret}:${name}`;
    const before = this.given.get(key);
    // One ssh asks again only when the first answer was wrong; that of a jump host asks for the same key as the next one.
    const wrong = before?.by === by;
    if (wrong) await credentials.forget(secret, name);
    const remembered = before && !wrong ? before.value : await credentials.recall(secret, name);
    const what = secret === "password" ? "the password" : `the passphrase of ${name}`;
    if (remembered === null && !prompts) return this.end(needsPrompt(route.alias, what));
    const value = remembered ?? (await this.ask(async () => prompts?.[secret](name) ?? null));
    if (value === null) return this.end(promptDeclined(route.alias, what));
    this.given.set(key, { secret, name, value, by, times: wrong ? before.times + 1 : 1 });
    return value;
  }

  private async dialogue(login: string, prompt: string): Promise<string | null> {
    const { prompts, route } = this.options;
    if (!prompts) return this.end(needsPrompt(route.alias, "a code or a password"));
    // ssh does not say whether the answer may be seen, so it is not.
    const answers = await this.ask(() => prompts.answers(login, this.instructions(), [{ prompt, echo: false }]));
    if (answers === null) return this.end(promptDeclined(route.alias, "an answer"));
    return answers[0] ?? "";
  }

  private ask<T>(question: () => Promise<T>): Promise<T> {
    return this.timer ? this.timer.during(question) : question();
  }

  private end(reason: Error): null {
    this.stopped ??= reason;
    this.options.stop();
    return null;
  }
}
