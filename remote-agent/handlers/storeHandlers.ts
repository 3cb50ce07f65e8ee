// What Runside has on this box, and taking it away.
import type { Disposable } from "../../core/base/disposable";
import type { Handlers } from "../../core/protocol/define";
import type { store } from "../../core/protocol/store";
import { footprint } from "../disk/footprint";
import type { Home } from "../disk/home";
import { uninstall } from "../disk/uninstall";

/** `writers`: whatever in this agent follows files and might write; it ends before an uninstall begins. */
export function storeHandlers(home: Home, writers: readonly Disposable[]): Handlers<typeof store> {
  return {
    footprint: () => footprint(home),
    uninstall: ({ runs }) => uninstall(home, runs, () => writers.forEach((each) => each.dispose())),
  };
}
