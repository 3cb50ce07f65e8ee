// GPUs: one sample, or every change of them while this connection watches.
import type { Scope } from "../../core/base/disposable";
import type { Handlers } from "../../core/protocol/define";
import { gpus } from "../../core/protocol/gpus";
import type { Peer } from "../../core/rpc/peer";
import type { GpuSampler } from "../box/gpuSampler";

export function gpuHandlers(sampler: GpuSampler, peer: Peer, scope: Scope): Handlers<typeof gpus> {
  scope.add(sampler.onChange((report) => peer.emit(gpus.changed, report)));
  return {
    list: () => sampler.now(),
    watch: () => {
      sampler.watch();
      return sampler.now();
    },
    unwatch: () => {
      sampler.unwatch();
      return {};
    },
  };
}
