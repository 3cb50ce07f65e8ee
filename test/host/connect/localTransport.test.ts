// Commands on this machine: what they said is kept until it is read, and nothing of them outlives the transport.
import { expect, it } from "vitest";
import { LocalTransport } from "../../../src/connect/localTransport";
import { collect, shellLine } from "../../../src/connect/transport";
import { atEnd } from "./connectKit";

const open = (): LocalTransport => {
  const transport = new LocalTransport();
  atEnd(() => transport.dispose());
  return transport;
};

it("keeps what a command said until somebody reads it, and its end too", async () => {
  const channel = await open().exec(shellLine("printf hello; printf oh >&2; exit 3"));
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await collect(channel, null)).toEqual({ code: 3, signal: null, stdout: "hello", stderr: "oh" });
});

it("ends a command whose output nobody reads, when it is disposed", async () => {
  const transport = open();
  const channel = await transport.exec(shellLine("printf hello; exec sleep 60"));
  transport.dispose();
  expect(await channel.exit).toEqual({ code: null, signal: "SIGTERM" });
});
