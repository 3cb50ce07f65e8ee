// A question and its answer over the channel, ten thousand times, one after the other.
import { agent } from "../../core/protocol/agent";
import type { Row } from "../row";
import { median, now, percentile, spread } from "../stats";

export const latency: Row = {
  name: "latency",
  run: async (bench) => {
    const client = bench.client();
    try {
      const peer = await client.session.link.peer();
      const ask = async (): Promise<number> => {
        const began = now();
        await peer.request(agent.ping, {});
        return now() - began;
      };
      // Both ends compile what they run often.
      for (let i = 0; i < 500; i++) await ask();
      const ours: number[] = [];
      for (let i = 0; i < (bench.quick ? 1000 : 10_000); i++) ours.push(await ask());
      const note = spread(ours);
      return [
        { name: "latency p50", ours: median(ours), unit: "ms", budget: { atMost: 2 }, peer: null, note },
        { name: "latency p99", ours: percentile(ours, 0.99), unit: "ms", budget: { atMost: 10 }, peer: null, note },
      ];
    } finally {
      await client.close();
    }
  },
};
