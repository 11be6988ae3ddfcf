/** How long a request may take in all, and what ends it before: its caller, its own deadline, ours, or the shutdown. */
import type { ServerResponse } from 'node:http';
import type { Call } from '../core/call.ts';
import { GatewayError } from '../core/errors.ts';

export interface TimeLimit {
  readonly signal: AbortSignal;
  /** Ends it with this error. */
  end(error: GatewayError): void;
  /** The first byte of the answer is there: what the caller would wait for it is over. */
  begun(): void;
  /** Nothing is left to limit. */
  over(): void;
}

interface LimitOptions {
  /** Milliseconds from the request's arrival. */
  readonly totalMs: number;
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
}

/** Aborts when the socket closes before the answer is complete: the caller hung up, so the upstream must stop. */
export function timeLimit(
  call: Call,
  outgoing: ServerResponse,
  { totalMs, nowMs }: LimitOptions,
): TimeLimit {
  const controller = new AbortController();
  outgoing.once('close', () => {
    clearTimeout(timer);
    if (!outgoing.writableFinished) controller.abort();
  });
  const leftOf = (ms: number): number => Math.max(1, ms - (nowMs() - call.startedMs));
  const { deadlineMs = Infinity, deadlineIsForFirstByte = false } = call;
  const isCallers = deadlineMs <= totalMs;
  const end = (): void => controller.abort(isCallers ? callersTime(deadlineMs) : ourTime(totalMs));
  let timer = setTimeout(end, leftOf(Math.min(deadlineMs, totalMs))).unref();
  return {
    signal: controller.signal,
    end: (error) => controller.abort(error),
    begun: () => {
      if (!isCallers || !deadlineIsForFirstByte || controller.signal.aborted) return;
      clearTimeout(timer);
      timer = setTimeout(() => controller.abort(ourTime(totalMs)), leftOf(totalMs)).unref();
    },
    over: () => clearTimeout(timer),
  };
}

/** What ended a request before its time; undefined for a caller that hung up, and where nothing did. */
export const endedBy = ({ aborted, reason }: AbortSignal): GatewayError | undefined =>
  aborted && reason instanceof GatewayError ? reason : undefined;

const callersTime = (ms: number): GatewayError =>
  new GatewayError(
    'gateway_deadline',
    `The answer was not complete within the ${Math.round(ms)} ms that the request gives it (X-Smallfirst-Deadline-Ms, or the client's own time-out). Give it more, or ask for less.`,
    // Whoever gave it no longer will give it no longer the next time.
    { headers: { 'x-should-retry': 'false' } },
  );

const ourTime = (ms: number): GatewayError =>
  new GatewayError(
    'gateway_deadline',
    `The answer was not complete within ${Math.round(ms / 1000)} s, the limit for a request. Ask for less, or raise limits.totalMs.`,
  );
