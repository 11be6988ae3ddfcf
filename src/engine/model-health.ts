/** How one model of an upstream stands: with everybody, with each caller, and for one request. */
import type { AttemptCause } from '../core/errors.ts';
import { bothKnown, type Soon } from '../lib/soon.ts';
import {
  Breaker,
  type Failure,
  type KeptBreaker,
  type Leave,
  type Phase,
  type Row,
} from './breaker.ts';
import { FailedBodies } from './failed-bodies.ts';
import { Throttle } from './throttle.ts';

/** How many different requests must fail in a row: one that cannot be answered says nothing about the others. */
const REQUESTS = 5;
/** And how many different callers they must come from, if there are as many: no single caller closes a model for the others. */
const CALLERS = 3;

/** Causes that count against a model. Other causes are answers, which show that it works, or say nothing about it. */
const ILL: ReadonlySet<AttemptCause> = new Set<AttemptCause>([
  'timeout',
  'interrupted',
  'rate_limited',
  'server_error',
  'bad_answer',
  'overloaded',
]);

/** Causes of overload: a storm, which is no single request's doing. */
const TOO_MUCH: ReadonlySet<AttemptCause> = new Set<AttemptCause>(['rate_limited', 'overloaded']);

/** Whether an attempt that ended so counts against the model. */
export const isIll = (cause: AttemptCause | undefined): cause is AttemptCause =>
  cause !== undefined && ILL.has(cause);

/** The caller and the request; the digest is computed only when it is needed. */
export interface Asking {
  readonly caller: string;
  readonly digest: () => string;
}

export interface Standing {
  /** It is asked last. */
  readonly isBlocking: boolean;
  /** Milliseconds until it may be asked at all; 0: now. */
  readonly shutMs: number;
  /** It is shut because too much was asked of it. */
  readonly isLimited: boolean;
}

/** Leave to try a model; for one caller alone where one is named. */
export type LeaveOf = (caller?: string) => Leave;

/** What a process that begins to serve is told. */
export interface KeptModel {
  readonly everybody: KeptBreaker | undefined;
  readonly callers: readonly (readonly [caller: string, kept: KeptBreaker])[];
  readonly isLimited: boolean;
}

const WELL: Standing = { isBlocking: false, shutMs: 0, isLimited: false };
/** The standing of a request that is held back. */
const HELD_BACK: Standing = { isBlocking: true, shutMs: 1000, isLimited: true };

/** Times are monotonic milliseconds. */
export class ModelHealth {
  readonly everybody: Breaker;
  readonly #callers = new Map<string, Breaker>();
  readonly #throttle = new Throttle();
  readonly #bodies = new FailedBodies();
  readonly #known: () => number;
  readonly #leaveOf: LeaveOf;
  #isLimited = false;

  /** @param known how many callers there are, as far as is known */
  constructor(known: () => number, leaveOf: LeaveOf) {
    this.#known = known;
    this.#leaveOf = leaveOf;
    this.everybody = new Breaker((row) => this.#isEnough(row), leaveOf());
  }

  /** @param by the process that makes the attempt */
  started(caller: string, now: number, by?: number): void {
    this.everybody.started(now, by);
    this.#callers.get(caller)?.started(now, by);
  }

  /** Has leave brought here to try what this caller might. */
  ready(caller: string, now: number): Soon<unknown> {
    return bothKnown(this.everybody.ready(now), this.#callers.get(caller)?.ready(now));
  }

  departed(by: number): void {
    this.everybody.departed(by);
    for (const own of this.#callers.values()) own.departed(by);
  }

  /** What is not closed. */
  kept(now: number): KeptModel {
    const callers: [string, KeptBreaker][] = [];
    for (const [caller, own] of this.#callers) {
      const kept = own.kept(now);
      if (kept !== undefined) callers.push([caller, kept]);
    }
    return { everybody: this.everybody.kept(now), callers, isLimited: this.#isLimited };
  }

  adopt({ everybody, callers, isLimited }: KeptModel, now: number): void {
    if (everybody !== undefined) this.everybody.adopt(everybody, now);
    for (const [caller, kept] of callers) this.#ownOf(caller).adopt(kept, now);
    this.#isLimited ||= isLimited;
  }

  untold(caller: string): void {
    this.everybody.untold();
    this.#callers.get(caller)?.untold();
  }

  failed(failure: Failure, cause: AttemptCause, now: number): void {
    this.#isLimited = TOO_MUCH.has(cause);
    this.everybody.failed(failure, now);
    this.#ownOf(failure.caller).failed(failure, now);
    if (this.#isLimited) this.#throttle.refused(failure, now);
    else this.#bodies.failed(failure.request, now);
  }

  /** A model that answers one caller works; what fails for another may be that one's requests. */
  succeeded({ caller, digest }: Asking, now: number): void {
    this.everybody.succeeded(now);
    this.#throttle.accepted(now);
    this.#bodies.succeeded(digest, now);
    const own = this.#callers.get(caller);
    own?.succeeded(now);
    if (own?.isQuiet(now) === true) this.#callers.delete(caller);
  }

  phase(now: number): Phase {
    return this.everybody.phase(now);
  }

  /** @param draw a random number in 0..1 */
  standing({ caller, digest }: Asking, now: number, draw: () => number): Standing {
    if (this.#isStorm() && draw() < this.#throttle.heldShare(now)) return HELD_BACK;
    const own = this.#callers.get(caller);
    const refused = this.#bodies.of(digest, now);
    const isBlocking =
      refused.forMs > 0 || this.everybody.isBlocking(now) || own?.isBlocking(now) === true;
    if (!isBlocking) return WELL;
    const shutMs = Math.max(
      refused.isAlone ? refused.forMs : 0,
      this.everybody.shutMs(now),
      own?.shutMs(now) ?? 0,
    );
    return { isBlocking, shutMs, isLimited: refused.forMs === 0 && this.#isLimited };
  }

  isQuiet(now: number): boolean {
    const others = [...this.#callers.values()];
    return (
      this.everybody.isQuiet(now) &&
      others.every((own) => own.isQuiet(now)) &&
      this.#throttle.isQuiet(now) &&
      this.#bodies.isQuiet(now)
    );
  }

  retry(now: number): void {
    this.everybody.retry(now);
    for (const own of this.#callers.values()) own.retry(now);
  }

  #ownOf(caller: string): Breaker {
    const known = this.#callers.get(caller);
    if (known !== undefined) return known;
    const own = ownBreaker(this.#leaveOf(caller));
    this.#callers.set(caller, own);
    return own;
  }

  #isEnough({ requests, callers }: Row): boolean {
    if (callers >= CALLERS) return true;
    return requests >= REQUESTS && callers >= Math.min(CALLERS, this.#known());
  }

  #isStorm(): boolean {
    const { callers, requests } = this.#throttle.evidence();
    return (
      callers >= CALLERS || (requests >= REQUESTS && callers >= Math.min(CALLERS, this.#known()))
    );
  }
}

/** A server's own word on when to ask again is enough for the one who got it. */
const ownBreaker = (leave: Leave): Breaker =>
  new Breaker(
    ({ requests, last }) => requests >= REQUESTS || last.retryAfterMs !== undefined,
    leave,
  );
