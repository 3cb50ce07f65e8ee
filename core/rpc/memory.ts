// A connected pair of reader and writer in one process: for tests, and for "This machine" where no stream is needed.
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  type DataCallback,
  type Message,
  type MessageReader,
  type MessageWriter,
} from "vscode-jsonrpc";

/** One end: `post` sends a message to the other side, `deliver` hands in one that arrived. Also the shape of postMessage. */
export class PortReader extends AbstractMessageReader implements MessageReader {
  private callback: DataCallback | null = null;
  private early: Message[] = [];

  listen(callback: DataCallback): { dispose: () => void } {
    this.callback = callback;
    const held = this.early;
    this.early = [];
    held.forEach(callback);
    return { dispose: () => (this.callback = null) };
  }

  deliver(message: Message): void {
    if (this.callback) this.callback(message);
    else this.early.push(message);
  }

  end(): void {
    this.fireClose();
  }
}

export class PortWriter extends AbstractMessageWriter implements MessageWriter {
  constructor(private readonly post: (message: Message) => void) {
    super();
  }

  write(message: Message): Promise<void> {
    this.post(message);
    return Promise.resolve();
  }

  end(): void {
    this.fireClose();
  }
}

export interface Link {
  reader: PortReader;
  writer: PortWriter;
}

/** Two ends of one wire. Messages are copied through JSON, so nothing but JSON can pass, as on a real wire. */
export function memoryPair(): [Link, Link] {
  const a = new PortReader();
  const b = new PortReader();
  const send = (to: PortReader) => (message: Message) => {
    const copy = JSON.parse(JSON.stringify(message)) as Message;
    queueMicrotask(() => to.deliver(copy));
  };
  return [
    { reader: a, writer: new PortWriter(send(b)) },
    { reader: b, writer: new PortWriter(send(a)) },
  ];
}
