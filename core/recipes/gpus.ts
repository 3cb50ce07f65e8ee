// How many GPUs a config asks for, where it or its command says so in a way that means nothing else.
import type { GpuRequest } from "../model/gpu";
import { numberAt } from "./configText";

/** Per node, as verl and others write them: a box is one node. */
const KEYS = ["trainer.n_gpus_per_node", "n_gpus_per_node", "num_gpus", "n_gpus", "gpus"];

/** `--nproc_per_node=4`, `--nproc-per-node 4`, `--num_processes 4`: one process per GPU. */
const FLAG = /^--(?:nproc[_-]per[_-]node|num[_-]processes|num[_-]gpus)(?:=(.*))?$/;

/** null where nothing says it. */
export function gpusSaid(doc: unknown, commands: readonly (readonly string[])[]): GpuRequest | null {
  for (const key of KEYS) {
    const value = numberAt(doc, key);
    if (value !== null && Number.isInteger(value) && value >= 0) return requestOf(value);
  }
  for (const argv of commands)
    for (const [at, argument] of argv.entries()) {
      const flag = FLAG.exec(argument);
      const value = flag ? (flag[1] ?? argv[at + 1] ?? "") : "";
      if (/^\d{1,3}$/.test(value) && Number(value) > 0) return requestOf(Number(value));
    }
  return null;
}

const requestOf = (count: number): GpuRequest => (count === 0 ? "none" : { count });
