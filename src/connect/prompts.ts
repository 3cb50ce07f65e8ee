// What connecting may ask a person. The editor's dialogs implement it; tests answer from a list.
export interface KeyboardPrompt {
  prompt: string;
  /** Whether the typed text may be visible. */
  echo: boolean;
}

export interface HostKeyQuestion {
  host: string;
  port: number;
  /** As ssh prints it: SHA256:... */
  fingerprint: string;
  keyType: string;
}

export interface NodeQuestion {
  label: string;
  version: string;
  /** What is sent to the box. */
  megabytes: number;
  /** In words, and the folder there. */
  from: string;
  to: string;
}

/** null and false mean that the person declined. */
export interface ConnectPrompts {
  password(label: string): Promise<string | null>;
  passphrase(keyPath: string): Promise<string | null>;
  answers(name: string, instructions: string, prompts: readonly KeyboardPrompt[]): Promise<string[] | null>;
  confirmHostKey(question: HostKeyQuestion): Promise<boolean>;
  /** Whether Node.js may be brought to a box that has none. */
  bringNode(question: NodeQuestion): Promise<boolean>;
  /** Shows what is going on, with a way to cancel it: then the signal aborts. */
  withProgress<T>(
    title: string,
    work: (report: (message: string) => void, stop: AbortSignal) => Promise<T>,
  ): Promise<T>;
  /** After a login that succeeded: whether what was typed for `name` may lie in the editor's secret storage. */
  keepSecret(kind: "password" | "passphrase", name: string): Promise<boolean>;
}
