// The typed face of vscode-jsonrpc: message values in, zod at the door, errors with our codes, everything rejected on close.
// Used at every hop: agent <-> host (streams) and host <-> webview (postMessage).
import {
  CancellationTokenSource,
  ConnectionError,
  createMessageConnection,
  ErrorCodes,
  ParameterStructures,
  ResponseError,
  type CancellationToken,
  type MessageReader,
  type MessageWriter,
} from "vscode-jsonrpc";
import type * as z from "zod/mini";
import { toDisposable, type Disposable } from "../base/disposable";
import { Emitter, type Event } from "../base/emitter";
import { asRunsideError, isErrorCode, messageOf, RunsideError } from "../base/errors";
import { nullLogger, type Logger } from "../base/logger";
import type { Act, Area, CallContext, Handlers, Happening, Read } from "../protocol/define";

/** JSON-RPC's number for all our failures; ours is the string in `data.code`. */
const OUR_ERROR = -32000;

interface WireError {
  code: string;
  data: Record<string, unknown>;
}

export type RelayHandler = (method: string, params: unknown, context: CallContext) => Promise<unknown>;

export class Peer implements Disposable {
  private readonly connection;
  private readonly closeEmitter = new Emitter<void>();
  private isClosed = false;
  /** Sees every answer, event and error before anybody here does: where known secrets are masked. */
  arriving: { value(value: unknown, method: string): unknown; text(text: string): string } | null = null;
  /** Asked before a request that changes something on the other side is sent; throws where it must not be. */
  beforeAct: () => void = () => undefined;
  readonly onClose: Event<void> = this.closeEmitter.event;

  constructor(
    reader: MessageReader,
    writer: MessageWriter,
    private readonly logger: Logger = nullLogger,
  ) {
    this.connection = createMessageConnection(reader, writer, {
      error: (m) => logger.log("error", "rpc", m),
      warn: (m) => logger.log("warn", "rpc", m),
      info: (m) => logger.log("debug", "rpc", m),
      log: (m) => logger.log("debug", "rpc", m),
    });
    this.connection.onClose(() => this.close());
    this.connection.onError(([error]) => logger.log("warn", "rpc", `the link reported: ${error.message}`));
    this.connection.onUnhandledNotification(() => undefined);
  }

  get closed(): boolean {
    return this.isClosed;
  }

  /** Call once, after every `serve` and `on`. */
  listen(): void {
    this.connection.listen();
  }

  async request<P, R>(message: Read<P, R> | Act<P, R>, params: P, signal?: AbortSignal): Promise<R> {
    if (message.kind === "act") this.beforeAct();
    const raw = await this.relay(message.method, params, signal);
    const parsed = message.result.safeParse(raw);
    if (!parsed.success) {
      throw new RunsideError("rpc/bad-result", `The answer to ${message.method} was malformed: ${where(parsed.error)}`);
    }
    return parsed.data;
  }

  /** Sends a request without looking at its body or its answer: how the host passes a view's reads on. */
  async relay(method: string, params: unknown, signal?: AbortSignal): Promise<unknown> {
    if (this.isClosed) throw closedError(method);
    if (signal?.aborted) throw new RunsideError("cancelled", "Cancelled.");
    const source = new CancellationTokenSource();
    let abort = (): void => source.cancel();
    // Whoever gave up is not kept waiting for a far side that never answers.
    const givenUp = new Promise<never>((_resolve, reject) => {
      abort = () => {
        source.cancel();
        reject(new RunsideError("cancelled", "Cancelled."));
      };
    });
    signal?.addEventListener("abort", abort);
    try {
      const asked = this.connection.sendRequest(method, ParameterStructures.byName, params ?? {}, source.token);
      const answer: unknown = await (signal ? Promise.race([asked, givenUp]) : asked);
      return this.arriving ? this.arriving.value(answer, method) : answer;
    } catch (error) {
      throw this.masked(fromWireError(error, method), method);
    } finally {
      signal?.removeEventListener("abort", abort);
      source.dispose();
    }
  }

  emit<P>(event: Happening<P>, params: P): void {
    if (this.isClosed) return;
    this.connection
      .sendNotification(event.method, ParameterStructures.byName, params as object)
      .catch((error: unknown) => this.logger.log("debug", "rpc", `${event.method} was not sent: ${messageOf(error)}`));
  }

  on<P>(event: Happening<P>, listener: (params: P) => void): Disposable {
    return this.connection.onNotification(event.method, (raw: unknown) => {
      const parsed = event.params.safeParse(this.arriving ? this.arriving.value(raw, event.method) : raw);
      if (parsed.success) listener(parsed.data);
      else this.logger.log("warn", "rpc", `a malformed ${event.method} was dropped: ${where(parsed.error)}`);
    });
  }

  serve<A extends Area>(area: A, handlers: Handlers<A>): Disposable {
    const registrations = Object.entries(area).flatMap(([name, message]) => {
      if (message.kind === "event") return [];
      const handler = (handlers as Record<string, (params: unknown, context: CallContext) => unknown>)[name];
      if (!handler) return [];
      return [
        this.connection.onRequest(message.method, (raw: unknown, token: CancellationToken) => {
          const parsed = message.params.safeParse(raw ?? {});
          if (!parsed.success) {
            const text = `The question ${message.method} was malformed: ${where(parsed.error)}`;
            return toWireError(new RunsideError("rpc/bad-params", text));
          }
          return this.answer(message.method, token, (context) => handler(parsed.data, context));
        }),
      ];
    });
    return toDisposable(() => registrations.forEach((r) => r.dispose()));
  }

  /** Whatever no area serves comes here; without it an unknown method is answered with `rpc/unknown-method`. */
  serveRest(handler: RelayHandler): void {
    this.connection.onRequest((method: string, params: unknown, token: CancellationToken) =>
      this.answer(method, token, (context) => handler(method, Array.isArray(params) ? params[0] : params, context)),
    );
  }

  dispose(): void {
    this.close();
  }

  private masked(error: RunsideError, method: string): RunsideError {
    const message = this.arriving?.text(error.message) ?? error.message;
    if (message === error.message) return error;
    return new RunsideError(error.code, message, {
      data: this.arriving?.value(error.data, method) as Record<string, unknown>,
    });
  }

  private async answer(
    method: string,
    token: CancellationToken,
    act: (context: CallContext) => unknown,
  ): Promise<unknown> {
    const controller = new AbortController();
    const listening = token.onCancellationRequested(() => controller.abort());
    try {
      return await act({ signal: controller.signal });
    } catch (error) {
      const ours = asRunsideError(error);
      if (ours.code === "internal")
        this.logger.log("error", "rpc", `${method} failed: ${ours.message}`, stackOf(error));
      return toWireError(ours);
    } finally {
      listening.dispose();
    }
  }

  private close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    // Without dispose, requests that are waiting would never settle.
    this.connection.dispose();
    this.closeEmitter.fire();
    this.closeEmitter.dispose();
  }
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined;
}

function where(error: z.core.$ZodError): string {
  return error.issues
    .slice(0, 3)
    .map((issue) => `${issue.path.join(".") || "(whole)"}: ${issue.message}`)
    .join("; ");
}

function toWireError(error: RunsideError): ResponseError<WireError> {
  return new ResponseError(OUR_ERROR, error.message, { code: error.code, data: error.data });
}

const closedError = (method: string): RunsideError =>
  new RunsideError(
    "rpc/closed",
    `The link closed before ${method} was answered; what runs on the box goes on: try again once Runside is connected.`,
  );

function fromWireError(error: unknown, method: string): RunsideError {
  if (error instanceof RunsideError) return error;
  if (error instanceof ConnectionError) return closedError(method);
  if (!(error instanceof ResponseError)) return asRunsideError(error);
  const { code, message } = error;
  const data = error.data as Partial<WireError> | undefined;
  if (data && isErrorCode(data.code)) return new RunsideError(data.code, message, { data: data.data ?? {} });
  if (code === ErrorCodes.PendingResponseRejected || code === ErrorCodes.ConnectionInactive) return closedError(method);
  if (code === ErrorCodes.MethodNotFound) {
    return new RunsideError(
      "rpc/unknown-method",
      `The other side does not know ${method}; its version is another one.`,
    );
  }
  return new RunsideError("internal", message);
}
