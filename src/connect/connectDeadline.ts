// How long connecting may take, for both transports: the time in which a person is asked does not count.
import { tooSlow } from "./failures";
import { PausableTimer } from "./pausableTimer";
import type { ResolvedHost } from "./sshConfig";
import type { SshOptions } from "./sshHandshake";

const HANDSHAKE_MS = 20_000;

/** Connecting and the handshake share one deadline, which stands still while a person is asked. */
export async function withDeadline<T>(
  host: ResolvedHost,
  options: SshOptions,
  outer: AbortSignal,
  act: (timer: PausableTimer, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit =
    host.connectTimeout === null ? (options.handshakeTimeoutMs ?? HANDSHAKE_MS) : host.connectTimeout * 1000;
  const controller = new AbortController();
  let expired = false;
  const timer = new PausableTimer(limit, () => {
    expired = true;
    controller.abort();
  });
  const abort = (): void => controller.abort();
  outer.addEventListener("abort", abort);
  if (outer.aborted) abort();
  try {
    return await act(timer, controller.signal);
  } catch (error) {
    throw expired ? tooSlow(host.alias, `${host.hostname}:${host.port}`, limit / 1000) : error;
  } finally {
    outer.removeEventListener("abort", abort);
    timer.dispose();
  }
}
