import { performance } from 'node:perf_hooks';
import {
  abstain,
  type Features,
  type Reading,
  type Readings,
  type Signal,
} from '../core/signal.ts';

/** Observes how long each signal took, in seconds. */
export type SignalTimer = (signal: string, seconds: number) => void;

/** What a signal that keeps its own deadline gets beyond it. */
const GRACE_MS = 10;
/** For signals that have no deadline: a long text is searched for personal data to its end. */
const NEVER = new AbortController().signal;

/**
 * Runs all signals concurrently. One that throws or misses the deadline abstains and the request
 * goes on: the policy says what an absent reading means.
 */
export async function evaluate(
  signals: readonly Signal[],
  features: Features,
  deadlineMs: number,
  timer: SignalTimer = () => {},
): Promise<Readings> {
  const waitsMs = signals.reduce((most, signal) => Math.max(most, signal.waitsMs ?? 0), 0);
  const abort = waitsMs > 0 ? AbortSignal.timeout(Math.max(deadlineMs, waitsMs + GRACE_MS)) : NEVER;
  const readings: Record<string, Reading> = {};
  const waiting: Promise<void>[] = [];
  for (const signal of signals) {
    const started = performance.now();
    const settle = (reading: Reading): void => {
      readings[signal.name] = reading;
      timer(signal.name, (performance.now() - started) / 1000);
    };
    const until = signal.waitsMs === undefined ? NEVER : abort;
    const reading = ask(signal, features, until);
    if (reading instanceof Promise) {
      const found = reading.catch(failed);
      waiting.push((until === NEVER ? found : Promise.race([found, expiry(until)])).then(settle));
    } else settle(reading);
  }
  if (waiting.length > 0) await Promise.all(waiting);
  return readings;
}

function ask(signal: Signal, features: Features, abort: AbortSignal): Reading | Promise<Reading> {
  try {
    return signal.evaluate(features, abort);
  } catch (error) {
    return failed(error);
  }
}

/** Keeps only the error's name: its message may quote the prompt. */
function failed(error: unknown): Reading {
  return abstain(error instanceof Error ? error.name : 'failed', 'failed');
}

function expiry(abort: AbortSignal): Promise<Reading> {
  return new Promise((resolve) => {
    const expire = (): void => resolve(abstain('took too long', 'deadline'));
    if (abort.aborted) expire();
    else abort.addEventListener('abort', expire, { once: true });
  });
}
