// Writes each message, header and body, with ONE write: through a jump host two writes cost 43 ms, one costs 0.6 ms.
// Both ends of the SSH link use it; it knows nothing of Node, so that it can live here.
import { AbstractMessageWriter, type Message, type MessageWriter } from "vscode-jsonrpc";

export interface ByteSink {
  /** Calls `done` when the bytes were taken, which is how a full pipe slows the sender down. */
  write(bytes: Uint8Array, done: (error?: Error | null) => void): void;
}

export class SingleWriteMessageWriter extends AbstractMessageWriter implements MessageWriter {
  private readonly encoder = new TextEncoder();
  private failures = 0;

  constructor(private readonly sink: ByteSink) {
    super();
  }

  write(message: Message): Promise<void> {
    return new Promise((resolve, reject) => {
      this.sink.write(this.frame(message), (error) => {
        if (error) {
          this.fireError(error, message, ++this.failures);
          reject(error);
        } else resolve();
      });
    });
  }

  /** Tell the connection that nothing can be written any more. */
  end(): void {
    this.fireClose();
  }

  private frame(message: Message): Uint8Array {
    const body = this.encoder.encode(JSON.stringify(message));
    const header = this.encoder.encode(`Content-Length: ${body.length}\r\n\r\n`);
    const whole = new Uint8Array(header.length + body.length);
    whole.set(header);
    whole.set(body, header.length);
    return whole;
  }
}
