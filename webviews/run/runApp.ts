// Connects the store, the reads and the saved choices to the one element that draws them.
import { Scope, type Disposable } from "../../core/base/disposable";
import { isError } from "../../core/base/errors";
import { view } from "../../core/protocol/view";
import type { RsRunView } from "../elements/rs-run-view";
import type { HostAction, ViewEvent } from "../shared/events";
import type { Host } from "../shared/hostLink";
import { createRunReads } from "../shared/runReads";
import { onFrame, RunStore, type Schedule } from "../shared/runStore";
import { readViewState, type ViewState } from "../shared/viewState";

export function mountRunView(host: Host, element: RsRunView, schedule: Schedule = onFrame): Disposable {
  const scope = new Scope("runView");
  scope.add(host);
  const store = scope.add(new RunStore(host.peer, schedule));
  let saved = readViewState(host.getState());
  let target: string | null = null;

  const keep = (patch: Partial<ViewState>): void => {
    saved = { ...saved, ...patch };
    element.saved = saved;
    // The target rides along so that the editor can give a reloaded window the same run back.
    host.setState({ ...saved, target: store.place?.target ?? target, box: store.place?.box });
  };
  const paint = (): void => {
    element.run = store.state;
    element.link = store.link;
    element.error = store.error;
    element.filled = store.filled;
    element.place = store.place;
    if (store.place && store.place.target !== target) {
      target = store.place.target;
      element.reads = createRunReads(host.peer, target);
      keep({});
    }
  };

  const onSaved = (event: Event): void => keep((event as ViewEvent<"view-state">).detail);
  const onAction = (event: Event): void => act(host, store, (event as ViewEvent<"host-action">).detail);
  element.addEventListener("view-state", onSaved);
  element.addEventListener("host-action", onAction);
  scope.onDispose(() => {
    element.removeEventListener("view-state", onSaved);
    element.removeEventListener("host-action", onAction);
  });
  scope.add(store.onChange(paint));
  scope.add(store.onShowStep((step) => keep({ tab: "rollouts", step, rollout: null, offset: 0 })));

  element.saved = saved;
  host.peer.listen();
  void store.start();
  return scope;
}

function act(host: Host, store: RunStore, action: HostAction): void {
  const { peer } = host;
  const send = (): Promise<unknown> => {
    switch (action.kind) {
      case "copy":
        return peer.request(view.copy, { text: action.text });
      case "tryDialect":
        return peer.request(view.tryDialect, { text: action.text });
      case "retry":
        return peer.request(view.retry, {}).then(() => store.watch());
      case "stop":
        return peer.request(view.stop, {});
      case "runAgain":
        return peer.request(view.runAgain, {});
      case "restart":
        return peer.request(view.restart, {});
      case "openConfig":
        return peer.request(view.openConfig, {});
      case "openLog":
        return peer.request(view.openLog, {});
    }
  };
  send().catch((error: unknown) => {
    if (!isError(error, "cancelled")) store.report(error);
  });
}
