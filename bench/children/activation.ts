// Loads the built extension in a fresh process, as the editor's extension host does, with an editor that agrees to everything.
import { dirname } from "node:path";
import Module, { createRequire } from "node:module";

export interface ActivationTimes {
  load: number;
  activate: number;
}

type Loader = (request: string, ...rest: unknown[]) => unknown;

/** Callable, constructible, and every member of it again the same. */
const anything: unknown = new Proxy(function anything() {}, {
  get: (target, name) => {
    if (name === "prototype") return target.prototype as unknown;
    if (name === "then") return undefined;
    if (name === "fsPath") return dirname(process.argv[2] ?? "");
    if (name === Symbol.iterator) return () => [][Symbol.iterator]();
    if (name === Symbol.toPrimitive) return () => "";
    return anything;
  },
  set: () => true,
  apply: () => anything,
  construct: (target, args, newTarget) => Reflect.construct(target, args, newTarget) as object,
});

/** A bundle copies a module's own members and keeps its prototype: that is where they must come from. */
const editor: unknown = Object.create(anything as object);

const loader = Module as unknown as { _load: Loader };
const load = loader._load;
loader._load = (request, ...rest) => (request === "vscode" ? editor : load(request, ...rest));

const file = process.argv[2] ?? "";
const began = performance.now();
const extension = createRequire(file)(file) as { activate(context: unknown): unknown };
const loaded = performance.now();
extension.activate(anything);
const times: ActivationTimes = { load: loaded - began, activate: performance.now() - loaded };
console.log(JSON.stringify(times));
process.exit(0);
