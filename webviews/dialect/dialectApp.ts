// Connects the try-out's element to the host: every change of text, choice or file is one question, and only the newest counts.
import * as z from "zod/mini";
import { Scope, type Disposable } from "../../core/base/disposable";
import { asRunsideError, isError } from "../../core/base/errors";
import { frameChoices } from "../../core/model/frame";
import { dialects } from "../../core/protocol/dialects";
import type { RsDialectView } from "../elements/rs-dialect-view";
import type { ViewEvent } from "../shared/events";
import type { Host } from "../shared/hostLink";
import { readingChoice } from "../shared/viewState";

const savedSchema = z.object({
  text: z.catch(z.string(), ""),
  dialect: z.catch(z.string(), "auto"),
  frame: z.catch(z.enum(frameChoices), "auto"),
  file: z.catch(z.nullable(z.string()), null),
});

type Saved = z.infer<typeof savedSchema>;

export function mountDialectView(host: Host, element: RsDialectView): Disposable {
  const { peer } = host;
  const scope = new Scope("dialectView");
  scope.add(host);
  const state: unknown = host.getState();
  let saved = savedSchema.parse(typeof state === "object" && state !== null ? state : {});
  let asking = false;
  let again = false;

  const draw = (): void => {
    element.text = saved.text;
    element.dialect = saved.dialect;
    element.frame = saved.frame;
  };
  const keep = (patch: Partial<Saved>): void => {
    saved = { ...saved, ...patch };
    host.setState(saved);
    draw();
  };
  /** One question at a time: while it is under way, what changes is asked together afterwards. */
  const ask = async (): Promise<void> => {
    again = asking;
    if (asking) return;
    asking = true;
    try {
      const question = { text: saved.text, ...readingChoice(saved) };
      element.answer = await peer.request(dialects.try, question);
      element.answered = question.text;
      element.error = null;
    } catch (error) {
      if (!isError(error, "cancelled")) element.error = asRunsideError(error);
    } finally {
      asking = false;
    }
    if (again) await ask();
  };
  const change = (patch: Partial<Saved>): void => {
    keep(patch);
    void ask();
  };
  const take = ({ text, dialect }: { text: string | null; dialect: string | null }): Partial<Saved> => ({
    ...(text === null ? {} : { text }),
    ...(dialect === null ? {} : { dialect }),
  });

  const listen = <K extends "view-state" | "text-typed" | "place-wanted">(
    name: K,
    act: (detail: ViewEvent<K>["detail"]) => void,
  ): void => {
    const listener = (event: Event): void => act((event as ViewEvent<K>).detail);
    element.addEventListener(name, listener);
    scope.onDispose(() => element.removeEventListener(name, listener));
  };
  listen("text-typed", ({ text }) => change({ text }));
  listen("view-state", ({ dialect, frame }) =>
    change({ ...(dialect === undefined ? {} : { dialect }), ...(frame === undefined ? {} : { frame }) }),
  );
  listen("place-wanted", (place) => {
    peer.request(dialects.reveal, place).catch((error: unknown) => (element.error = asRunsideError(error)));
  });
  scope.add(
    peer.on(dialects.declared, (declared) => {
      element.declared = declared;
      void ask();
    }),
  );
  scope.add(peer.on(dialects.show, (shown) => change(take(shown))));

  draw();
  peer.listen();
  peer.request(dialects.ready, {}).then(
    ({ declared, file, ...shown }) => {
      element.declared = declared;
      change({ ...take(shown), file });
    },
    (error: unknown) => (element.error = asRunsideError(error)),
  );
  return scope;
}
