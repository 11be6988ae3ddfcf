import { performance } from 'node:perf_hooks';
import {
  abstain,
  type Features,
  type Reading,
  type Readings,
  type Signal,
} from '../core/signal.ts';
import { nextStage } from '../lib/turns.ts';

/** Observes how long each signal took, in seconds. */
export type SignalTimer = (signal: string, seconds: number) => void;

/** Deadline of asynchronous signals, in milliseconds; the learned ones are synchronous. */
export const SIGNAL_DEADLINE_MS = 50;

/** What a signal that keeps its own deadline gets beyond it. */
const GRACE_MS = 10;

/**
 * Runs all signals concurrently. One that throws or misses its deadline abstains and the request goes on: the policy says
 * what an absent reading means. Of requests that are judged in one turn of the event loop, each signal reads all before the next does.
 */
export function evaluate(
  signals: readonly Signal[],
  features: Features,
  deadlineMs: number,
  timer: SignalTimer = () => {},
): Promise<Readings> {
  const readings: Record<string, Reading> = {};
  const waiting: Promise<void>[] = [];
  const settle = (name: string, startedMs: number, found: Reading): void => {
    readings[name] = found;
    timer(name, (performance.now() - startedMs) / 1000);
  };
  let at = 0;
  const readNext = (): void => {
    const signal = signals[at]!;
    at += 1;
    const startedMs = performance.now();
    const reading = ask(signal, features);
    if (!(reading instanceof Promise)) settle(signal.name, startedMs, reading);
    else {
      const known = inTime(reading.catch(failed), signal, deadlineMs);
      // A closure here would take a context for each signal, also where none waits.
      waiting.push(known.then(settle.bind(undefined, signal.name, startedMs)));
    }
  };
  // An `await` for each stage would make twice as much garbage.
  let stage = nextStage;
  for (let count = 0; count < signals.length; count += 1) stage = stage.then(readNext);
  return stage.then(() =>
    waiting.length === 0 ? readings : Promise.all(waiting).then(() => readings),
  );
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
