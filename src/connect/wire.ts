// JSON-RPC over a pair of byte streams: the stock reader, and the writer that sends each message in one write.
import type { Readable, Writable } from "node:stream";
import type { MessageReader, MessageWriter } from "vscode-jsonrpc";
import { StreamMessageReader } from "vscode-jsonrpc/node";
import { SingleWriteMessageWriter } from "../../core/rpc/streamWriter";

export interface Wire {
  reader: MessageReader;
  writer: MessageWriter;
}

export function createWire(from: Readable, to: Writable): Wire {
  const writer = new SingleWriteMessageWriter({
    write: (bytes, done) => {
      if (to.writable) to.write(bytes, done);
      else done(new Error("the stream has ended"));
    },
  });
  to.on("close", () => writer.end());
  // Without a listener, a broken pipe would end the whole process.
  to.on("error", () => writer.end());
  return { reader: new StreamMessageReader(from), writer };
}
