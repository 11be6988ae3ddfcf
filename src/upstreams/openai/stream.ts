/** A streamed answer, event by event; an end is distinguished from a break. */
import { UpstreamError } from '../../core/errors.ts';
import type { EventStream, StreamEvent } from '../../core/upstream.ts';
import { Flow, type Receiver } from '../../lib/flow.ts';
import { isGiven, isObject, objectsIn, type Json, type JsonObject } from '../../lib/json.ts';
import { otherTurn } from '../../lib/turns.ts';
import { DONE } from '../../wire/events.ts';
import { SseEventTooLarge, sseSplitter, type SseEvent, type SseSplitter } from '../../wire/sse.ts';
import { badEvent, closingEvent, interpret, isDone, type EventOptions } from './event.ts';
import type { AnswerBody } from './form.ts';
import { isTooDeep, tooDeep } from './whole.ts';

export interface StreamOptions extends EventOptions {
  readonly maxEventBytes: number;
}

/**
 * Resolves at the first event: the commit point. Comments and empty events are dropped and do not commit.
 * @throws UpstreamError if the stream fails or ends before its first event.
 */
export async function openStream(from: AnswerBody, options: StreamOptions): Promise<EventStream> {
  const { events } = new StreamReader(from, options);
  await events.first();
  from.answered();
  return events;
}

/** Chunks of bytes in, events out. */
class StreamReader implements Receiver<Buffer> {
  readonly events: Flow<StreamEvent>;
  readonly #from: AnswerBody;
  readonly #options: StreamOptions;
  readonly #splitter: SseSplitter;
  /**
   * Events without choices that came before every choice had ended, and those before the first that says something. They commit to
   * nothing, as such a server may have no answer; and usage goes behind a finish reason that we add.
   */
  readonly #held: StreamEvent[] = [];
  #hasBegun = false;
  #isResting = false;
  #isOver = false;

  constructor(from: AnswerBody, options: StreamOptions) {
    this.#from = from;
    this.#options = options;
    this.#splitter = sseSplitter(options.maxEventBytes);
    this.events = new Flow<StreamEvent>({
      hold: () => from.body.hold(),
      release: () => {
        if (!this.#isResting) from.body.release();
      },
      cancel: () => this.#stop(),
    });
    from.body.pushTo(this);
  }

  receive(chunk: Buffer): void {
    if (this.#isOver) return;
    try {
      const taken = this.#takeAlike(chunk);
      if (taken === chunk.length) return;
      const events = doneBehind(linesApart(this.#splitter.push(chunk.subarray(taken))));
      for (const event of events) this.#take(event);
      if ((events[0]?.bytes.length ?? 0) > LARGE_EVENT_BYTES) void this.#rest();
    } catch (error) {
      this.#broke(error);
    }
  }

  /** What comes before anybody receives events waits in the exchange, and then in the kernel. */
  batchEnd(): void {
    this.events.batchEnd();
    if (!this.events.isWanted) this.#from.body.hold();
  }

  /** What is left becomes an event, if it is whole. */
  ended(error?: unknown): void {
    if (this.#isOver) return;
    if (error !== undefined) return this.#broke(error);
    try {
      const rest = this.#splitter.end();
      const events = rest === undefined ? [] : eachLine(rest).filter(isWholeEvent);
      for (const event of events) this.#take(event);
      if (!this.#isOver) this.#end({ isClosed: false });
    } catch (broken) {
      this.#broke(broken);
    }
  }

  /** Passes on the events at the beginning of a chunk that have the learned form; gives how many bytes they are. */
  #takeAlike(chunk: Buffer): number {
    const { textForm } = this.#options;
    if (textForm === undefined || this.#held.length > 0 || !this.#splitter.isBetween()) return 0;
    return textForm.takeFrom(chunk, this.#giveAlike);
  }

  readonly #giveAlike = (event: StreamEvent): void => this.events.receive(event);

  #take(event: SseEvent): void {
    const read = this.#isOver ? undefined : interpret(event, this.#options);
    if (read === undefined) return;
    if (read.done === true) return this.#end({ isClosed: true });
    const held = this.#held;
    if (held.length < MOST_HELD && this.#isHeld(read)) return void held.push(read);
    if (held.length > 0) for (const before of held.splice(0)) this.#give(before);
    this.#give(read);
  }

  #isHeld({ data }: StreamEvent): boolean {
    const { completeness } = this.#options;
    if (data === undefined || !completeness.hasDone || completeness.isComplete()) return false;
    return hasNoChoices(data) || (!this.#hasBegun && saysNothing(data));
  }

  #end({ isClosed }: Pick<End, 'isClosed'>): void {
    const last = ending(this.#options, {
      isClosed,
      hasBegun: this.#hasBegun,
      held: this.#held,
    });
    for (const event of last) {
      const before = event.done === true ? this.#options.usageLast?.atEnd() : undefined;
      for (const usage of before ?? []) this.#give(usage);
      this.#give(event);
    }
    this.#finish();
  }

  #give(event: StreamEvent): void {
    if (this.#isOver) return;
    this.#hasBegun = true;
    this.events.receive(event);
    if (isLast(event, this.#options)) this.#finish();
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#from.drain();
    this.events.ended();
  }

  #broke(error: unknown): void {
    if (this.#isOver) return;
    this.#stop();
    this.events.ended(this.#wordsOf(error));
  }

  #wordsOf(error: unknown): unknown {
    if (error instanceof SseEventTooLarge) return badEvent(this.#options, error.message, error);
    return isTooDeep(error) ? tooDeep(this.#options.context.upstream, error) : error;
  }

  #stop(): void {
    this.#isOver = true;
    this.#from.destroy();
  }

  /** Others have their turn; what comes meanwhile waits in the kernel. */
  async #rest(): Promise<void> {
    if (this.#isResting || this.#isOver) return;
    this.#isResting = true;
    this.#from.body.hold();
    await otherTurn();
    this.#isResting = false;
    if (this.events.isWanted) this.#from.body.release();
  }
}

const isLast = ({ done, data }: StreamEvent, { completeness }: StreamOptions): boolean =>
  done === true || (data !== undefined && completeness.isLast(data));

/** What is larger takes milliseconds: others have their turn before the next one. */
const LARGE_EVENT_BYTES = 128 * 1024;

const hasLines = ({ isPlain, data }: SseEvent): boolean =>
  !isPlain && data?.includes('\n') === true;

const linesApart = (events: readonly SseEvent[]): readonly SseEvent[] =>
  events.some(hasLines) ? events.flatMap(eachLine) : events;

/** Usage that a server sends right behind `[DONE]`, where nobody reads on, stands before it. */
function doneBehind(events: readonly SseEvent[]): readonly SseEvent[] {
  const at = events.findIndex(({ data }) => data !== undefined && isDone(data));
  if (at < 0 || at === events.length - 1) return events;
  const usage = events.slice(at + 1).filter(({ data }) => data?.includes('"usage"'));
  return [...events.slice(0, at), ...usage, ...events.slice(at, at + 1)];
}

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

const hasNoChoices = ({ choices }: JsonObject): boolean =>
  !Array.isArray(choices) || choices.length === 0;

/** The opening of an answer: a role, and texts that are empty. */
const saysNothing = ({ choices }: JsonObject): boolean => objectsIn(choices).every(isOpening);

function isOpening({ delta, text, finish_reason: reason }: JsonObject): boolean {
  if (isGiven(reason) || isSaid(text)) return false;
  if (!isObject(delta)) return true;
  for (const name in delta) if (name !== 'role' && isSaid(delta[name])) return false;
  return true;
}

const isSaid = (value: Json | undefined): boolean =>
  isGiven(value) && value !== '' && !(Array.isArray(value) && value.length === 0);

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
