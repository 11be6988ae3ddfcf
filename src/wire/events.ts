/** Writes, maps and closes server-sent events as OpenAI's APIs frame them. `sse.ts` reads them. */
import type { EventStream, StreamEvent } from '../core/upstream.ts';
import type { Receiver } from '../lib/flow.ts';
import { textIn, type JsonObject } from '../lib/json.ts';
import type { Soon } from '../lib/soon.ts';

const DATA = Buffer.from('data: ');
const END = Buffer.from('\n\n');

/** Bytes before the JSON of a plain event without a name. */
export const DATA_OFFSET = DATA.length;

/** The last event of a chat stream. */
export const DONE: StreamEvent = { bytes: Buffer.from('data: [DONE]\n\n'), done: true };

/** Most of them are ASCII: such a one is written as the text that it is, and never made into bytes. */
class WrittenEvent implements StreamEvent {
  readonly data: JsonObject;
  declare readonly text?: string;
  readonly #written: string;
  #bytes: Buffer | undefined;

  constructor(data: JsonObject, written: string, text: string | undefined) {
    this.data = data;
    this.#written = written;
    if (text !== undefined) this.text = text;
  }

  get bytes(): Buffer {
    this.#bytes ??= Buffer.from(this.#written);
    return this.#bytes;
  }

  get latin1(): string {
    const written = this.#written;
    return Buffer.byteLength(written) === written.length ? written : this.bytes.toString('latin1');
  }
}

/** An event of a chat or completion stream. */
export const dataEvent = (data: JsonObject): StreamEvent =>
  new WrittenEvent(data, `data: ${JSON.stringify(data)}\n\n`, undefined);

/** An event of `/v1/responses`: its `event:` line repeats the `type`, as OpenAI sends it. */
export const namedEvent = (data: JsonObject): StreamEvent =>
  new WrittenEvent(data, named(data), undefined);

/** One that brings nothing but this text, and is else like one before it. */
export const namedTextEvent = (data: JsonObject, text: string): StreamEvent =>
  new WrittenEvent(data, named(data), text);

const named = (data: JsonObject): string =>
  `event: ${textIn(data['type'])}\ndata: ${JSON.stringify(data)}\n\n`;

/** @param json must hold no line feed. */
export function frame(json: Uint8Array, name: string | undefined): Buffer {
  return name === undefined
    ? Buffer.concat([DATA, json, END])
    : Buffer.concat([Buffer.from(`event: ${name}\n`), DATA, json, END]);
}

/** Reads what passes, body by body. */
interface BodyObserver {
  observe(body: JsonObject): void;
  /** The text of an event that is else like one observed before. */
  observeText(text: string): void;
}

/** Each event of a stream, from its first one on. */
export function showTo(observer: BodyObserver, event: StreamEvent): void {
  if (event.text !== undefined) observer.observeText(event.text);
  else if (event.data !== undefined) observer.observe(event.data);
}

/** Maps the events of one stream. `push` is synchronous; only `end` may wait, until state is stored. */
export interface EventStep {
  /** What replaces this one: itself, another, several or none. */
  push(event: StreamEvent): StreamEvent | readonly StreamEvent[];
  /** Called after the last event. Throwing here is a break, not an end. */
  end?(): Soon<readonly StreamEvent[]>;
  /** The events to send before the caller learns of a break. */
  fail?(error: unknown): readonly StreamEvent[];
  /** Called exactly once, before the caller learns of it: at the end (`isDone`), at a break (`error`), or where the stream is left. */
  closed?(error: unknown, isDone: boolean): void;
}

const NONE: readonly StreamEvent[] = [];

/**
 * The events with `step` applied, as they come. A break, of the stream or of the step, ends them once, after the events of `fail`;
 * one of the step stops the stream.
 */
export const mapEvents = (events: EventStream, step: EventStep): EventStream =>
  new MappedEvents(events, step);

class MappedEvents implements EventStream, Receiver<StreamEvent> {
  readonly #events: EventStream;
  readonly #step: EventStep;
  #to: Receiver<StreamEvent> | undefined;
  #isOver = false;

  constructor(events: EventStream, step: EventStep) {
    this.#events = events;
    this.#step = step;
  }

  pushTo(receiver: Receiver<StreamEvent>): void {
    this.#to = receiver;
    this.#events.pushTo(this);
  }

  hold(): void {
    this.#events.hold();
  }

  release(): void {
    this.#events.release();
  }

  cancel(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#step.closed?.(undefined, false);
    this.#events.cancel();
  }

  receive(event: StreamEvent): void {
    if (this.#isOver) return;
    let made: ReturnType<EventStep['push']>;
    try {
      made = this.#step.push(event);
    } catch (error) {
      this.#events.cancel();
      return this.#broke(error);
    }
    if (isOne(made)) this.#to?.receive(made);
    else this.#give(made);
  }

  batchEnd(): void {
    if (!this.#isOver) this.#to?.batchEnd();
  }

  ended(error?: unknown): void {
    if (this.#isOver) return;
    if (error !== undefined) return this.#broke(error);
    let made: Soon<readonly StreamEvent[]>;
    try {
      made = this.#step.end?.() ?? NONE;
    } catch (broken) {
      return this.#broke(broken);
    }
    if (made instanceof Promise) void this.#endLater(made);
    else this.#end(made);
  }

  async #endLater(made: Promise<readonly StreamEvent[]>): Promise<void> {
    try {
      this.#end(await made);
    } catch (broken) {
      this.#broke(broken);
    }
  }

  #broke(error: unknown): void {
    this.#end(restOf(this.#step, error), error);
  }

  #give(events: readonly StreamEvent[]): void {
    for (const event of events) if (!this.#isOver) this.#to?.receive(event);
  }

  #end(last: readonly StreamEvent[], error?: unknown): void {
    this.#give(last);
    if (this.#isOver) return;
    this.#isOver = true;
    let broken = error;
    try {
      this.#step.closed?.(error, error === undefined);
    } catch (bug) {
      broken ??= bug;
    }
    this.#to?.ended(broken);
  }
}

const isOne = (made: StreamEvent | readonly StreamEvent[]): made is StreamEvent => 'bytes' in made;

/** Empty if the step's `fail` throws too. */
function restOf(step: EventStep, error: unknown): readonly StreamEvent[] {
  try {
    return step.fail?.(error) ?? NONE;
  } catch {
    return NONE;
  }
}
