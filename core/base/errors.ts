// Every failure with a reason to exist: a code to test with, and one sentence that says what happened, to what, and what to do.
export const errorCodes = [
  "connect/unreachable",
  "connect/auth-failed",
  "connect/host-key-changed",
  "connect/host-key-declined",
  "connect/bad-config",
  "connect/untrusted",
  "connect/lost",
  "agent/no-node",
  "agent/upload-failed",
  "agent/version-mismatch",
  "agent/crashed",
  "agent/in-use",
  "run/not-found",
  "run/bad-config",
  "run/bad-recipe",
  "run/launch-failed",
  "run/live",
  "trace/unreadable",
  "trace/not-found",
  "usage",
  "rpc/bad-params",
  "rpc/bad-result",
  "rpc/unknown-method",
  "rpc/timeout",
  "rpc/closed",
  "cancelled",
  "internal",
] as const;

export type ErrorCode = (typeof errorCodes)[number];

export class RunsideError extends Error {
  readonly data: Readonly<Record<string, unknown>>;

  constructor(
    readonly code: ErrorCode,
    message: string,
    options: { data?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "RunsideError";
    this.data = options.data ?? {};
  }
}

export function isError(error: unknown, code: ErrorCode): error is RunsideError {
  return error instanceof RunsideError && error.code === code;
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === "string" && (errorCodes as readonly string[]).includes(value);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whatever was thrown, as ours: unknown things become `internal`, keeping their message. */
export function asRunsideError(error: unknown): RunsideError {
  return error instanceof RunsideError ? error : new RunsideError("internal", messageOf(error), { cause: error });
}

export const cancelled = (): RunsideError => new RunsideError("cancelled", "Cancelled.");

export const untrusted = (box: string): RunsideError =>
  new RunsideError(
    "connect/untrusted",
    `This workspace is not trusted, so Runside does not connect to ${box}: trust it first.`,
    {
      data: { box },
    },
  );

export const untrustedAct = (box: string): RunsideError =>
  new RunsideError(
    "connect/untrusted",
    `This workspace is not trusted, so Runside launches and changes nothing on ${box}: trust it first.`,
    { data: { box } },
  );

export const runNotFound = (target: string): RunsideError =>
  new RunsideError(
    "run/not-found",
    `There is no run or folder "${target}" on this box; \`runside ls\` lists the runs.`,
    {
      data: { target },
    },
  );

export const runIsLive = (id: string, state: string): RunsideError =>
  new RunsideError("run/live", `${id} is ${state}, so nothing of it was deleted; stop it first.`, { data: { id } });

/** `hint`: what could be done about it, as the end of a sentence. */
export const nothingReadable = (path: string, hint?: string): RunsideError => {
  const more = hint === undefined ? "" : `: ${hint}`;
  return new RunsideError("trace/not-found", `Nothing that Runside can read was found in ${path}${more}.`, {
    data: { path },
  });
};

export const badConfig = (path: string, line: number | null, problem: string): RunsideError =>
  new RunsideError(
    "run/bad-config",
    `${path}${line === null ? "" : `:${line}`} is not a config that can run: ${problem}. Nothing was launched.`,
    { data: { path, line } },
  );

export const badRecipe = (recipe: string, problem: string): RunsideError =>
  new RunsideError("run/bad-recipe", `The recipe "${recipe}" cannot be used: ${problem}.`, { data: { recipe } });

export const launchFailed = (reason: string, data: Record<string, unknown> = {}): RunsideError =>
  new RunsideError("run/launch-failed", reason, { data });

export const wrongUsage = (message: string): RunsideError => new RunsideError("usage", message);
