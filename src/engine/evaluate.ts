/** Evaluates the signals of one request: all at once, each abstaining where it fails or is late. */
import { performance } from 'node:perf_hooks';
import {
  abstain,
  type Features,
  type Reading,
  type Readings,
  type Signal,
} from '../core/signal.ts';
import { Stages, type Staged } from '../lib/turns.ts';

/** Observes how long each signal took, in seconds. */
export type SignalTimer = (signal: string, seconds: number) => void;

/** Deadline of asynchronous signals, in milliseconds; the learned ones are synchronous. */
export const SIGNAL_DEADLINE_MS = 50;

/** What a signal that keeps its own deadline gets beyond it. */
const GRACE_MS = 10;

/**
 * Runs all signals concurrently. One that throws or misses its deadline abstains and the request goes on: the policy says
 * what an absent reading means. Of requests that are judged in one turn of the event loop, and share `stages`, each signal reads all
 * before the next does.
 */
export function evaluate(
  signals: readonly Signal[],
  features: Features,
  deadlineMs: number,
  { timer = () => {}, stages = new Stages() }: EvaluateOptions = {},
): Promise<Readings> {
  return new Promise((resolve, reject) => {
    stages.enter(new Evaluation({ signals, features, deadlineMs, timer, stages, resolve, reject }));
  });
}

interface EvaluateOptions {
  readonly timer?: SignalTimer | undefined;
  /** Shared by all requests that are judged in one turn. */
  readonly stages?: Stages;
}

interface Evaluating {
  readonly signals: readonly Signal[];
  readonly features: Features;
  readonly deadlineMs: number;
  readonly timer: SignalTimer;
  readonly stages: Stages;
  readonly resolve: (readings: Readings | Promise<Readings>) => void;
  readonly reject: (error: unknown) => void;
}

/** A signal is a stage. */
class Evaluation implements Staged {
  readonly #given: Evaluating;
  readonly #readings: Record<string, Reading> = {};
  readonly #waiting: Promise<void>[] = [];
  #at = 0;

  constructor(given: Evaluating) {
    this.#given = given;
  }

  next(): boolean {
    const { signals, resolve, reject } = this.#given;
    try {
      if (this.#at < signals.length) this.#read(signals[this.#at]!);
    } catch (error) {
      reject(error);
      return false;
    }
    this.#at += 1;
    if (this.#at < signals.length) return true;
    const readings = this.#readings;
    resolve(
      this.#waiting.length === 0 ? readings : Promise.all(this.#waiting).then(() => readings),
    );
    return false;
  }

  #read(signal: Signal): void {
    const { features, deadlineMs, stages } = this.#given;
    const startedMs = stages.nowMs;
    const reading = ask(signal, features);
    stages.nowMs = performance.now();
    if (!(reading instanceof Promise))
      return this.#settle(signal, stages.nowMs - startedMs, reading);
    const known = inTime(reading.catch(failed), signal, deadlineMs);
    this.#waiting.push(
      known.then((found) => this.#settle(signal, performance.now() - startedMs, found)),
    );
  }

  #settle({ name }: Signal, tookMs: number, found: Reading): void {
    this.#readings[name] = found;
    this.#given.timer(name, tookMs / 1000);
  }
}

function ask(signal: Signal, features: Features): Reading | Promise<Reading> {
  try {
    return signal.evaluate(features);
  } catch (error) {
    return failed(error);
  }
}

/** Keeps only the error's name: its message may quote the prompt. */
function failed(error: unknown): Reading {
  return abstain(error instanceof Error ? error.name : 'failed', 'failed');
}

/** Signals that have no deadline are waited for: a long text is searched for personal data to its end. */
function inTime(
  reading: Promise<Reading>,
  { waitsMs }: Signal,
  deadlineMs: number,
): Promise<Reading> {
  if (waitsMs === undefined) return reading;
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<Reading>((resolve) => {
    const expire = (): void => resolve(abstain('took too long', 'deadline'));
    timer = setTimeout(expire, Math.max(deadlineMs, waitsMs + GRACE_MS));
  });
  return Promise.race([reading, expired]).finally(() => clearTimeout(timer));
}
