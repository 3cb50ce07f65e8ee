// Many calls in, one call per interval out: the first at once after a quiet moment, then at most one per `ms`.
import type { Disposable } from "./disposable";

export interface Coalesced extends Disposable {
  (): void;
}

export function coalesce(ms: number, act: () => void): Coalesced {
  let timer: unknown = null;
  let again = false;
  const fire = (): void => {
    timer = setTimeout(() => {
      timer = null;
      if (again) {
        again = false;
        fire();
      }
    }, ms);
    act();
  };
  const call = (): void => {
    if (timer === null) fire();
    else again = true;
  };
  return Object.assign(call, {
    dispose: () => {
      clearTimeout(timer);
      timer = null;
      again = false;
    },
  });
}
