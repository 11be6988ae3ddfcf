/** A streamed answer, event by event; an end is distinguished from a break. */
import { UpstreamError } from '../../core/errors.ts';
import type { StreamEvent } from '../../core/upstream.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { Soon } from '../../lib/soon.ts';
import { otherTurn } from '../../lib/turns.ts';
import { DONE } from '../../wire/events.ts';
import { SseEventTooLarge, sseSplitter, type SseEvent } from '../../wire/sse.ts';
import { badEvent, closingEvent, interpret, isDone, type EventOptions } from './event.ts';
import type { AnswerBody } from './form.ts';

export interface StreamOptions extends EventOptions {
  readonly maxEventBytes: number;
}

const OVER: IteratorResult<StreamEvent> = { done: true, value: undefined };

/**
 * Resolves at the first event: the commit point. Comments and empty events are dropped and do not commit.
 * @throws UpstreamError if the stream fails or ends before its first event.
 */
export async function openStream(
  from: AnswerBody,
  options: StreamOptions,
): Promise<AsyncIterator<StreamEvent>> {
  const events = readStream(from, options);
  const first = await events.next();
  from.answered();
  let isFirst = true;
  return {
    next: () => {
      if (!isFirst) return events.next();
      isFirst = false;
      return Promise.resolve(first);
    },
    return: () => {
      events.stop();
      return Promise.resolve(OVER);
    },
  };
}

/** What came of an event of the server's: one of ours, the end of the stream, or nothing yet. */
type Taken = StreamEvent | 'end' | 'nothing';

interface EventReader {
  next(): Promise<IteratorResult<StreamEvent>>;
  stop(): void;
}

const readStream = (from: AnswerBody, options: StreamOptions): EventReader =>
  new StreamReader(from, options);

/** Without asynchronous functions: a stream crosses them for each of its events. */
class StreamReader implements EventReader {
  readonly #from: AnswerBody;
  readonly #options: StreamOptions;
  readonly #source: SseSource;
  /** Read already, to be given next. */
  readonly #waiting: StreamEvent[] = [];
  /**
   * Events without choices that came before every choice had ended. They commit to nothing, as such a server
   * may have no answer; and usage goes behind a finish reason that we add.
   */
  readonly #held: StreamEvent[] = [];
  #hasBegun = false;
  #isOver = false;

  constructor(from: AnswerBody, options: StreamOptions) {
    this.#from = from;
    this.#options = options;
    this.#source = sseSource(from, options.maxEventBytes);
  }

  next(): Promise<IteratorResult<StreamEvent>> {
    if (this.#isOver) return Promise.resolve(OVER);
    try {
      const event = this.#waiting.shift() ?? this.#ready();
      return event === 'nothing' ? this.#read() : Promise.resolve(this.#give(event));
    } catch (error) {
      return Promise.reject(this.#failureOf(error));
    }
  }

  stop(): void {
    if (!this.#isOver) this.#from.destroy();
    this.#isOver = true;
  }

  /** Of what has arrived. */
  #ready(): Taken {
    const source = this.#source;
    for (let event = source.ready(); event !== undefined; event = source.ready()) {
      const found = this.#taken(event);
      if (found !== 'nothing') return found;
    }
    return 'nothing';
  }

  #read(): Promise<IteratorResult<StreamEvent>> {
    return this.#source.read().then(this.#came, this.#broken);
  }

  /** One step from the bytes to the event: each promise between would be one more for every event. */
  readonly #came = (chunk: Buffer | undefined): Soon<IteratorResult<StreamEvent>> => {
    try {
      this.#source.push(chunk);
      let found = this.#ready();
      if (found === 'nothing' && chunk === undefined) found = this.#taken(undefined);
      return found === 'nothing' ? this.#read() : this.#give(found);
    } catch (error) {
      throw this.#failureOf(error);
    }
  };

  #taken(event: SseEvent | undefined): Taken {
    const waiting = this.#waiting;
    const held = this.#held;
    const options = this.#options;
    const read = event === undefined ? undefined : interpret(event, options);
    if (event === undefined || read?.done === true) {
      const isClosed = event !== undefined;
      waiting.push(...ending(options, { isClosed, hasBegun: this.#hasBegun, held }));
      this.#from.drain();
      return waiting.shift() ?? 'end';
    }
    if (read === undefined) return 'nothing';
    if (held.length < MOST_HELD && isHeld(read, options)) {
      held.push(read);
      return 'nothing';
    }
    if (held.length === 0) return read;
    waiting.push(...held.splice(0), read);
    return waiting.shift() ?? 'end';
  }

  readonly #give = (event: StreamEvent | 'end'): IteratorResult<StreamEvent> => {
    if (event === 'end') {
      this.#isOver = true;
      return OVER;
    }
    this.#hasBegun = true;
    if (isLast(event, this.#options)) {
      this.#isOver = true;
      this.#from.drain();
    }
    return { done: false, value: event };
  };

  readonly #broken = (error: unknown): never => {
    throw this.#failureOf(error);
  };

  #failureOf(error: unknown): unknown {
    this.#isOver = true;
    this.#from.destroy();
    const isTooLarge = error instanceof SseEventTooLarge;
    return isTooLarge ? badEvent(this.#options, error.message, error) : error;
  }
}

const isLast = ({ done, data }: StreamEvent, { completeness }: StreamOptions): boolean =>
  done === true || (data !== undefined && completeness.isLast(data));

interface SseSource {
  /** The next event that has arrived. */
  ready(): SseEvent | undefined;
  /** More bytes; undefined at the end. */
  read(): Promise<Buffer | undefined>;
  /** Cuts them into events; at the end what is left becomes one, if it is whole. */
  push(chunk: Buffer | undefined): void;
}

function sseSource(from: AnswerBody, maxEventBytes: number): SseSource {
  const splitter = sseSplitter(maxEventBytes);
  let events: readonly SseEvent[] = [];
  let at = 0;
  return {
    ready: () => events[at++],
    read: () => {
      const isLarge = (events[0]?.bytes.length ?? 0) > LARGE_EVENT_BYTES;
      return isLarge ? otherTurn().then(() => from.read()) : from.read();
    },
    push: (chunk) => {
      at = 0;
      if (chunk !== undefined) {
        const pushed = splitter.push(chunk);
        events = pushed.some(hasLines) ? pushed.flatMap(eachLine) : pushed;
        return;
      }
      const rest = splitter.end();
      events = rest === undefined ? [] : eachLine(rest).filter(isWholeEvent);
    },
  };
}

/** What is larger takes milliseconds: others have their turn before the next one, and its bytes wait in the kernel. */
const LARGE_EVENT_BYTES = 128 * 1024;

const hasLines = ({ isPlain, data }: SseEvent): boolean =>
  !isPlain && data?.includes('\n') === true;

/** The lines of one event, each of which is whole by itself: a server that leaves out the blank lines between. */
function eachLine(event: SseEvent): readonly SseEvent[] {
  const { data } = event;
  if (data === undefined || !hasLines(event)) return [event];
  const lines = data.split('\n').map((line) => ({
    bytes: Buffer.from(`data: ${line}\n\n`),
    data: line,
    name: event.name,
    isPlain: false,
  }));
  return lines.every(isWholeEvent) ? lines : [event];
}

/** True if a last event without its blank line is otherwise complete. */
function isWholeEvent({ data = '' }: SseEvent): boolean {
  if (isDone(data)) return true;
  try {
    JSON.parse(data);
    return true;
  } catch {
    return false;
  }
}

/** Azure sends one event without choices, before the first; a server that goes on so is let through. */
const MOST_HELD = 16;

const isHeld = ({ data }: StreamEvent, { completeness }: StreamOptions): boolean =>
  data !== undefined && completeness.hasDone && hasNoChoices(data) && !completeness.isComplete();

const hasNoChoices = ({ choices }: JsonObject): boolean =>
  !Array.isArray(choices) || choices.length === 0;

interface End {
  /** By `[DONE]`; else the connection ended by itself. */
  readonly isClosed: boolean;
  readonly hasBegun: boolean;
  readonly held: readonly StreamEvent[];
}

/**
 * A finished answer lacks at most its `[DONE]`. With `[DONE]`, one that is whole has ended too: some servers
 * never give a finish reason. Any other is broken: servers send `[DONE]` after a failure as well.
 */
function ending(options: StreamOptions, { isClosed, hasBegun, held }: End): readonly StreamEvent[] {
  const { completeness, context } = options;
  if (completeness.isComplete()) return completeness.hasDone ? [...held, DONE] : held;
  const closing = isClosed ? completeness.closing() : undefined;
  if (closing !== undefined) return [closingEvent(closing, options), ...held, DONE];
  if (!hasBegun) {
    const message = `'${context.upstream}' answered a stream without events that hold an answer.`;
    throw new UpstreamError('bad_answer', message);
  }
  const message = `'${context.upstream}' ended its stream before the answer was finished.`;
  throw new UpstreamError('interrupted', message);
}
