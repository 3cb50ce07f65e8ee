// Snapshots of RLVR's buffer, most of a trace's bytes: of those between two steps the first is read when it comes, so that there is
// something to see, and the last when the step ends or the file does. Those between them are never decoded.
import { isFields, numberOf, type Fields } from "../base/json";
import type { RecordSink } from "./reader";
import { ascii, parseLine, startsWith } from "./scan";

const head = ascii('{"type": "buffer",');

interface State {
  /** Nothing has been read since the step began. */
  due: boolean;
  step: number;
  /** Curves that have a point of this step, which the next snapshot replaces. */
  told: string[];
  /** The line that was passed over last. */
  held: string;
}

export class BufferSnapshots {
  private due = true;
  private step = 0;
  private told = new Set<string>();
  private held = new Uint8Array(1 << 14);
  private length = 0;

  constructor(
    private readonly sink: RecordSink,
    saved: unknown,
  ) {
    if (!isFields(saved)) return;
    const state = saved as Partial<State>;
    this.due = state.due ?? true;
    this.step = state.step ?? 0;
    this.told = new Set(state.told);
    this.hold(ascii(state.held ?? ""));
  }

  state(): State {
    const held = new TextDecoder().decode(this.held.subarray(0, this.length));
    return { due: this.due, step: this.step, told: [...this.told], held };
  }

  /** Whether the line is a snapshot as Python writes it that need not be read now. */
  passOver(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.due || !startsWith(bytes, start, end, head)) return false;
    this.hold(bytes.subarray(start, end));
    return true;
  }

  /** Fates are cumulative counts of prompts over the whole run. */
  read(event: Fields, step: number): void {
    if (this.due) {
      this.step = step;
      this.told.clear();
    }
    this.due = false;
    this.length = 0;
    const size = numberOf(event.size);
    if (size !== null) this.point("buffer.size", size);
    // Absent where nothing waits: how many policies' samples are mixed.
    this.point("buffer.versions", Object.keys(isFields(event.by_version) ? event.by_version : {}).length);
    for (const [fate, byVersion] of Object.entries(isFields(event.fates) ? event.fates : {})) {
      if (!isFields(byVersion)) continue;
      const total = Object.values(byVersion).reduce((sum: number, n) => sum + (typeof n === "number" ? n : 0), 0);
      this.point(`buffer.${fate}`, total);
    }
  }

  /** The last one so far is what the step came to. */
  catchUp(): void {
    if (this.length === 0) return;
    const event = parseLine(this.held, 0, this.length, this.sink);
    this.length = 0;
    if (isFields(event)) this.read(event, this.step);
  }

  endStep(): void {
    this.catchUp();
    this.due = true;
  }

  private point(raw: string, value: number): void {
    this.sink.point(raw, this.step, value, this.told.has(raw));
    this.told.add(raw);
  }

  private hold(line: Uint8Array): void {
    if (line.length > this.held.length) this.held = new Uint8Array(line.length * 2);
    this.held.set(line);
    this.length = line.length;
  }
}
