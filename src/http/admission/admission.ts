/**
 * The requests under way, from their admission to the end of their answer. What comes while there is no room waits in line, before
 * a byte of its body is read, and is refused at once where it would wait too long.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { GatewayError } from '../../core/errors.ts';
import { Bag } from '../../lib/bag.ts';
import type { ByteBudget } from '../../lib/byte-budget.ts';
import type { Soon } from '../../lib/soon.ts';
import { keyShares } from './key-shares.ts';
import { FairQueue, type Waiting } from './fair-queue.ts';
import { Place, type Admitted, type PlaceOwner } from './place.ts';

export interface Admission {
  /**
   * A place, now or when one has come to it.
   * @throws GatewayError `gateway_draining` at the shutdown, `gateway_overloaded` where it would wait, or has waited, longer than it
   * may, `caller_hung_up`; thrown or as a rejection
   */
  admit(caller: string, asking: Asking): Soon<Admitted>;
  /** Requests whose answer has not begun. */
  unanswered(): number;
  /** A connection was accepted: the next one may wait for a turn of the event loop. */
  connected(): void;
  /** Resolves when no request is under way or in line. */
  empty(): Promise<void>;
  /** Ends every request under way with this error, as far as each said how. */
  endAll(error: GatewayError): void;
}

/** A request for a place. */
interface Asking {
  readonly outgoing: Pick<ServerResponse, 'once' | 'off'>;
  /** The part of its body that is in memory before it is read. */
  readonly bytes: number;
}

/** Node reads so much of a body before anybody asks for it. */
const READ_AHEAD_BYTES = 64 * 1024;

export function askingOf({ headers }: IncomingMessage, outgoing: ServerResponse): Asking {
  const length = headers['content-length'];
  const isOpen = length === undefined && headers['transfer-encoding'] !== undefined;
  const bytes = isOpen ? READ_AHEAD_BYTES : Math.min(Number(length ?? 0), READ_AHEAD_BYTES);
  return { outgoing, bytes };
}

interface AdmissionOptions {
  /** Requests under way at most. */
  readonly maxInFlight: number;
  /** Milliseconds that one waits for a place, at most. */
  readonly maxWaitMs: number;
  /** How many go on in one turn of the event loop: with more, each would be slower and others would wait. */
  readonly aTurn: number;
  readonly memory: Pick<ByteBudget, 'fits' | 'add'>;
  readonly isDraining: () => boolean;
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
}

/** The line is at most this many times as long as `maxInFlight`: each waiting request takes some 20 kB. */
const LINE_LENGTH = 4;
/**
 * Node accepts one connection in each turn of its event loop. While connections come, so few requests go on in a turn: with as many
 * as otherwise, the thousandth caller would be accepted after ten seconds. In a turn that was long anyway as many go on as make up for it.
 */
const CONNECTING = { aTurn: 4, aMs: 2 };
/** How often requests that have waited too long are looked for. */
const LOOK_EVERY_MS = 50;

export function createAdmission(options: AdmissionOptions): Admission {
  return new Places(options);
}

class Places implements Admission, PlaceOwner {
  readonly #options: AdmissionOptions;
  readonly #underWay = new Bag<Place>();
  readonly #queue = new FairQueue<InLine>();
  readonly #shares;
  #unanswered = 0;
  #hasConnected = false;
  #isMoving = false;
  #movedAtMs = 0;
  #looking: NodeJS.Timeout | undefined;
  #onEmpty: (() => void)[] = [];

  constructor(options: AdmissionOptions) {
    this.#options = options;
    this.#shares = keyShares(Math.ceil(options.maxInFlight / 2));
  }

  admit(caller: string, asking: Asking): Soon<Admitted> {
    const { isDraining, nowMs, maxInFlight, aTurn } = this.#options;
    if (isDraining()) throw draining();
    const now = nowMs();
    const isGreedy = this.#shares.asks(caller, now);
    const isFree = this.#underWay.size < maxInFlight && !isGreedy;
    if (isFree && this.#queue.size === 0 && this.#unanswered < aTurn) return this.#enter(caller);
    const hasPlace = isFree && this.#placesTaken(now) < maxInFlight;
    if (!hasPlace) this.#requireShortLine(caller, { bytes: asking.bytes, isGreedy, now });
    const untilMs = hasPlace ? Infinity : now + this.#options.maxWaitMs;
    return this.#wait({ caller, untilMs, bytes: asking.bytes }, asking.outgoing, now);
  }

  unanswered(): number {
    return this.#unanswered;
  }

  connected(): void {
    this.#hasConnected = true;
  }

  empty(): Promise<void> {
    if (this.#isEmpty()) return Promise.resolve();
    return new Promise((resolve) => void this.#onEmpty.push(resolve));
  }

  endAll(error: GatewayError): void {
    for (const one of this.#queue.all()) one.refuse(error);
    for (const { limit } of this.#underWay.items()) limit?.end(error);
  }

  /** @throws GatewayError `gateway_overloaded` where one more would wait too long */
  #requireShortLine(caller: string, { bytes, isGreedy, now }: Asked): void {
    const { maxInFlight, maxWaitMs, memory } = this.#options;
    const isSoon = this.#queue.foreseenMs(caller, now) < maxWaitMs;
    if (isSoon && memory.fits(bytes) && this.#hasRoom(caller)) return;
    throw isGreedy ? greedy(caller, maxInFlight) : overloaded(this.#options);
  }

  /** Whether there is room in the line. If it is full, the key with the most requests in it gives way to the others. */
  #hasRoom(caller: string): boolean {
    if (this.#queue.size < LINE_LENGTH * this.#options.maxInFlight) return true;
    const last = this.#queue.makeRoomFor(caller);
    last?.refuse(overloaded(this.#options));
    return last !== undefined;
  }

  /** By requests under way, and by those in line that have one and only wait for their turn. */
  #placesTaken(now: number): number {
    const all = this.#underWay.size + this.#queue.size;
    if (all < this.#options.maxInFlight) return all;
    return this.#underWay.size + this.#queue.sizeOf((caller) => !this.#shares.isFull(caller, now));
  }

  #wait(
    { caller, untilMs, bytes }: Waiting & Pick<Asking, 'bytes'>,
    outgoing: Asking['outgoing'],
    now: number,
  ): Promise<Admitted> {
    return new Promise((resolve, reject) => {
      const { memory } = this.#options;
      const leave = (): void => {
        outgoing.off('close', hangUp);
        memory.add(-bytes);
      };
      const one: InLine = {
        caller,
        untilMs,
        enter: () => {
          leave();
          resolve(this.#enter(caller));
        },
        refuse: (error) => {
          leave();
          reject(error);
          this.#left();
        },
      };
      const hangUp = (): void => {
        this.#queue.leave(one);
        one.refuse(hungUp());
      };
      outgoing.once('close', hangUp);
      memory.add(bytes);
      this.#queue.join(one, now);
      this.#looking ??= setInterval(() => this.#look(), LOOK_EVERY_MS);
      this.#move();
    });
  }

  #enter(caller: string): Admitted {
    const place = new Place(caller, this);
    this.#underWay.add(place);
    this.#shares.entered(caller);
    this.#unanswered += 1;
    return place;
  }

  answered(place: Place): void {
    if (place.isUnanswered) this.#unanswered -= 1;
    place.isUnanswered = false;
  }

  leave(place: Place): void {
    this.answered(place);
    if (!this.#underWay.delete(place)) return;
    this.#shares.left(place.caller);
    if (this.#queue.size > 0) this.#move();
    this.#left();
  }

  #isEmpty(): boolean {
    return this.#underWay.size === 0 && this.#queue.size === 0;
  }

  #left(): void {
    if (!this.#isEmpty()) return;
    const waiting = this.#onEmpty;
    this.#onEmpty = [];
    for (const resolve of waiting) resolve();
  }

  /** Once in this turn of the event loop, after what it has read. */
  #move(): void {
    if (this.#isMoving) return;
    this.#isMoving = true;
    setImmediate(() => {
      this.#isMoving = false;
      this.#letIn();
    });
  }

  #letIn(): void {
    const { maxInFlight, aTurn, nowMs } = this.#options;
    const now = nowMs();
    const mayHave = (caller: string): boolean => !this.#shares.isFull(caller, now);
    const most = this.#hasConnected ? Math.min(this.#whileConnecting(now), aTurn) : aTurn;
    this.#hasConnected = false;
    this.#movedAtMs = now;
    for (let count = 0; count < most; count += 1) {
      const one = this.#underWay.size < maxInFlight ? this.#queue.next(mayHave, now) : undefined;
      // The next one that leaves goes on with it, or the next look.
      if (one === undefined) return;
      one.enter();
    }
    if (this.#queue.size > 0) this.#move();
  }

  #whileConnecting(now: number): number {
    return Math.max(CONNECTING.aTurn, Math.ceil((now - this.#movedAtMs) * CONNECTING.aMs));
  }

  #look(): void {
    const { isDraining, nowMs } = this.#options;
    const now = nowMs();
    if (isDraining()) for (const one of this.#queue.all()) one.refuse(draining());
    for (const one of this.#queue.expired(now)) one.refuse(overloaded(this.#options));
    if (this.#queue.size > 0) return this.#move();
    clearInterval(this.#looking);
    this.#looking = undefined;
  }
}

interface Asked extends Pick<Asking, 'bytes'> {
  readonly isGreedy: boolean;
  readonly now: number;
}

interface InLine extends Waiting {
  /** Gives it a place. */
  readonly enter: () => void;
  readonly refuse: (error: GatewayError) => void;
}

export const draining = (): GatewayError =>
  new GatewayError('gateway_draining', 'The gateway is shutting down. Ask again in a few seconds.');

const hungUp = (): GatewayError =>
  new GatewayError('caller_hung_up', 'The connection closed while the request waited in line.');

const overloaded = ({ maxInFlight, maxWaitMs }: AdmissionOptions): GatewayError =>
  new GatewayError(
    'gateway_overloaded',
    `${maxInFlight} requests are under way or have a place, which is the limit, and one more would wait longer than ${maxWaitMs} ms for its turn. Ask again in a second, or raise limits.maxInFlight or limits.maxWaitMs.`,
  );

const greedy = (caller: string, maxInFlight: number): GatewayError =>
  new GatewayError(
    'gateway_overloaded',
    `Key '${caller}' has half of the ${maxInFlight} places for requests under way, others ask too, and one more of its would wait too long. Ask again in a second, or raise limits.maxInFlight.`,
  );
