// One login: which methods to offer in which order, and what to ask a person. ssh2 calls `next` after every refusal.
import type { AnyAuthMethod, Prompt } from "ssh2";
import type { Logger } from "../../core/base/logger";
import type { Credentials } from "./credentials";
import { authFailed, needsPrompt, promptDeclined } from "./failures";
import type { PausableTimer } from "./pausableTimer";
import type { ConnectPrompts } from "./prompts";
import type { ResolvedHost } from "./sshConfig";
import { agentSigner, decryptKey, listAgentKeys, OneKeyAgent, readKeyFile, type KeyFile } from "./sshKeys";

/** As `ssh` would write it, with the port where it is not the usual one: the name under which a password is kept. */
export function loginNameOf({ user, hostname, port }: ResolvedHost): string {
  return `${user}@${hostname}${port === 22 ? "" : `:${port}`}`;
}

export interface LoginOptions {
  host: ResolvedHost;
  /** null: nobody may be asked now. */
  prompts: ConnectPrompts | null;
  credentials: Credentials;
  /** SSH_AUTH_SOCK, unless the config names another. */
  agentSocket: string | null;
  logger: Logger;
}

interface KeyCandidate {
  what: string;
  method(): Promise<AnyAuthMethod | null>;
}

/** For the passphrase of one key. */
const MAX_TRIES = 3;

export class Login {
  private readonly candidates: KeyCandidate[] = [];
  private readonly tried: string[] = [];
  private readonly hints: string[] = [];
  private methods: string[] | null = null;
  private passwordTries = 0;
  private keyboardTries = 0;
  private skippedQuestion: string | null = null;
  /** Offered, and not yet taken or refused. */
  private offeredPassword: string | null = null;
  /** Set once a question was declined; ends the login. */
  private stopped: Error | null = null;

  /** Stands still while a person is asked. */
  timer: PausableTimer | null = null;

  private constructor(private readonly options: LoginOptions) {}

  static async prepare(options: LoginOptions): Promise<Login> {
    const login = new Login(options);
    await login.collectKeys();
    return login;
  }

  /** ssh2 hides a refusal's list of methods for agent keys, except in its debug lines. */
  watchDebug(line: string): void {
    const match = /^Inbound: Received USERAUTH_FAILURE \(([^)]*)\)/.exec(line);
    if (match) this.methods = (match[1] ?? "").split(",").filter(Boolean);
  }

  /** `accepted`: what was offered last was right, and the box wants another factor. */
  async next(accepted = false): Promise<AnyAuthMethod | false> {
    const { user: username, passwordPrompts, methods: wanted } = this.options.host;
    await this.judgePassword(accepted);
    if (this.stopped) return false;
    if (this.methods === null && this.candidates.length === 0) return { type: "none", username };
    while (this.takes("publickey")) {
      const candidate = this.candidates.shift();
      if (!candidate) break;
      const method = await candidate.method();
      if (this.stopped) return false;
      if (!method) continue;
      this.tried.push(candidate.what);
      return method;
    }
    // All keys were skipped before the first question to the box.
    if (this.methods === null) return { type: "none", username };
    // Where both are taken, a refused password goes on as dialogue: such boxes often want a code as well.
    const dialogue = this.takes("keyboard-interactive") && this.keyboardTries < passwordPrompts;
    const dialogueFirst =
      wanted.indexOf("keyboard-interactive") < wanted.indexOf("password") && this.keyboardTries === 0;
    if (dialogue && dialogueFirst) return this.keyboard();
    if (this.takes("password") && this.passwordTries < passwordPrompts && (this.passwordTries === 0 || !dialogue)) {
      return await this.password();
    }
    return dialogue ? this.keyboard() : false;
  }

  get declined(): boolean {
    return this.stopped !== null;
  }

  succeeded(): void {
    void this.judgePassword(true);
    void this.options.credentials.offerToKeep(this.options.prompts);
  }

  /** The box refused what was offered last, or nothing could be offered. */
  failure(): Error {
    void this.judgePassword(false);
    if (this.stopped) return this.stopped;
    const { alias } = this.options.host;
    if (this.skippedQuestion !== null) return needsPrompt(alias, this.skippedQuestion);
    const story = { tried: this.tried, left: this.methods ?? [], hints: this.hints };
    return authFailed(this.loginName(), alias, story);
  }

  private takes(method: string): boolean {
    if (!this.options.host.methods.some((one) => one === method)) return false;
    return this.methods === null ? method === "publickey" : this.methods.includes(method);
  }

  private ask<T>(question: () => Promise<T>): Promise<T> {
    return this.timer ? this.timer.during(question) : question();
  }

  private loginName(): string {
    return loginNameOf(this.options.host);
  }

  /** A password is remembered when the box has taken it, and forgotten for good when it was refused. */
  private async judgePassword(accepted: boolean): Promise<void> {
    const offered = this.offeredPassword;
    this.offeredPassword = null;
    if (offered === null) return;
    if (accepted) this.options.credentials.accept("password", this.loginName(), offered);
    else await this.options.credentials.forget("password", this.loginName());
  }

  private async collectKeys(): Promise<void> {
    const { host, agentSocket } = this.options;
    const files = await Promise.all(host.identityFiles.map(readKeyFile));
    const named = files.flatMap((file) => (file.kind === "unusable" || !file.publicBlob ? [] : [file.publicBlob]));
    const isNamed = (blob: Buffer): boolean => named.some((one) => one.equals(blob));
    const socket = host.identityAgent === "none" ? null : (host.identityAgent ?? agentSocket);
    const held: Buffer[] = [];
    const found = socket ? await listAgentKeys(socket) : null;
    if (socket && !found) this.options.logger.log("info", "connect", `no ssh agent answers at ${socket}`);
    if (found) {
      const keys = found.keys.filter((key) => !host.identitiesOnly || isNamed(key.getPublicSSH()));
      // The named ones first: a box hangs up after six refusals.
      keys.sort((a, b) => Number(isNamed(b.getPublicSSH())) - Number(isNamed(a.getPublicSSH())));
      for (const key of keys) {
        held.push(key.getPublicSSH());
        const agent = new OneKeyAgent(key, agentSigner(found.agent, key));
        const what = `agent key ${key.comment || key.type}`;
        this.candidates.push({ what, method: () => Promise.resolve({ type: "agent", username: host.user, agent }) });
      }
    }
    const order = { plain: 0, encrypted: 1, public: 2, unusable: 3 };
    for (const file of [...files].sort((a, b) => order[a.kind] - order[b.kind])) {
      if (file.kind === "unusable") this.hints.push(file.hint);
      else if (!held.some((blob) => file.publicBlob?.equals(blob))) this.addKeyFile(file);
    }
  }

  private addKeyFile(file: KeyFile): void {
    const username = this.options.host.user;
    if (file.kind === "plain") {
      const { key, path } = file;
      this.candidates.push({
        what: `key ${path}`,
        method: () => Promise.resolve({ type: "publickey", username, key }),
      });
    } else if (file.kind === "encrypted") {
      const { path, publicBlob } = file;
      const method = async (): Promise<AnyAuthMethod | null> => {
        if (publicBlob === null) {
          const key = await this.unlock(file);
          return key && { type: "publickey", username, key };
        }
        const agent = new OneKeyAgent(publicBlob, async (data, hash) => {
          const key = await this.unlock(file);
          if (!key) throw new Error("no passphrase");
          return key.sign(data, hash);
        });
        return { type: "agent", username, agent };
      };
      this.candidates.push({ what: `key ${path}`, method });
    }
  }

  private async unlock(file: KeyFile & { kind: "encrypted" }) {
    const { credentials, prompts } = this.options;
    const before = await credentials.recall("passphrase", file.path);
    const known = before === null ? null : decryptKey(file.text, before);
    if (known) return known;
    if (before !== null) await credentials.forget("passphrase", file.path);
    if (!prompts) {
      this.skippedQuestion = `the passphrase of ${file.path}`;
      return null;
    }
    for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
      const passphrase = await this.ask(() => prompts.passphrase(file.path));
      if (passphrase === null) {
        this.stopped = promptDeclined(this.options.host.alias, `the passphrase of ${file.path}`);
        return null;
      }
      const key = decryptKey(file.text, passphrase);
      if (!key) continue;
      credentials.accept("passphrase", file.path, passphrase);
      return key;
    }
    this.hints.push(`the passphrase of ${file.path} was wrong ${MAX_TRIES} times`);
    return null;
  }

  private async password(): Promise<AnyAuthMethod | false> {
    const { host, prompts, credentials } = this.options;
    const name = this.loginName();
    this.passwordTries++;
    let password = await credentials.recall("password", name);
    if (password === null) {
      if (!prompts) {
        this.skippedQuestion = "the password";
        return this.takes("keyboard-interactive") ? this.keyboard() : false;
      }
      password = await this.ask(() => prompts.password(name));
    }
    if (password === null) {
      this.stopped = promptDeclined(host.alias, "the password");
      return false;
    }
    this.offeredPassword = password;
    this.tried.push("password");
    return { type: "password", username: host.user, password };
  }

  private keyboard(): AnyAuthMethod | false {
    const { host, prompts } = this.options;
    this.keyboardTries++;
    if (!prompts) {
      this.skippedQuestion ??= "a code or a password";
      return false;
    }
    this.tried.push("keyboard-interactive");
    const prompt = (
      name: string,
      instructions: string,
      _language: string,
      questions: Prompt[],
      finish: (answers: string[]) => void,
    ): void => {
      const asked = questions.map((one) => ({ prompt: one.prompt, echo: one.echo === true }));
      this.ask(() => prompts.answers(name, instructions, asked))
        .then((answers) => {
          if (answers === null) this.stopped = promptDeclined(host.alias, "an answer");
          // An empty answer makes the box refuse, after which `next` ends the login.
          finish(answers ?? asked.map(() => ""));
        })
        .catch((error: unknown) => {
          this.stopped = error instanceof Error ? error : new Error(String(error));
          finish(asked.map(() => ""));
        });
    };
    return { type: "keyboard-interactive", username: host.user, prompt };
  }
}
