import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { GatewayError } from '../core/errors.ts';
import { allKnown } from '../lib/soon.ts';
import { createDeadlines } from './deadline.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const start = (ms = 5) => {
  const deadlines = createDeadlines({ ms, nowMs: () => performance.now() });
  return { deadlines, deadline: deadlines.start() };
};
const never = (): Promise<string> => new Promise(() => {});
const after = (ms: number, value: string): Promise<string> =>
  new Promise((resolve) => void setTimeout(resolve, ms, value));
const unknown = (): string => 'unknown';

test('a synchronous answer is returned at once, even when no time is left', () => {
  expect(start(0).deadline.known('auth', 'ana', unknown)).toBe('ana');
  expect(vi.getTimerCount()).toBe(0);
});

describe('an answer that is a promise', () => {
  test('that never settles is unknown after the deadline, and counted by port', async () => {
    const { deadline, deadlines } = start();
    const answer = deadline.known('auth', never(), unknown);
    await vi.advanceTimersByTimeAsync(4);
    expect([deadline.ms, deadline.expired()]).toEqual([1, false]);
    await vi.advanceTimersByTimeAsync(2);
    expect(await answer).toBe('unknown');
    expect([deadline.ms, deadline.expired()]).toEqual([0, true]);
    expect(deadlines.timeouts()).toEqual({
      answers: 0,
      auth: 1,
      breakers: 0,
      conversations: 0,
      responses: 0,
      stored_responses: 0,
    });
  });

  test('that settles late but in time is used', async () => {
    const { deadline, deadlines } = start();
    const answer = deadline.known('auth', after(4, 'ana'), unknown);
    await vi.advanceTimersByTimeAsync(4);
    expect(await answer).toBe('ana');
    expect(deadline.ms).toBe(1);
    expect(deadlines.timeouts().auth).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('that rejects is unknown, and counted', async () => {
    const { deadline, deadlines } = start();
    const failed = Promise.reject(new Error('connection refused'));
    expect(await deadline.known('responses', failed, unknown)).toBe('unknown');
    expect(deadlines.timeouts().responses).toBe(1);
  });

  test('that rejects with a GatewayError rejects with it', async () => {
    const { deadline, deadlines } = start();
    const refused = new GatewayError('caller_bad_key', 'no');
    const answer = deadline.known('auth', Promise.reject(refused), unknown);
    await expect(answer).rejects.toBe(refused);
    expect(deadlines.timeouts().auth).toBe(0);
  });

  test('that arrives as the deadline expires is used: a busy thread reads it late', async () => {
    const { deadline, deadlines } = start();
    const { promise, resolve } = Promise.withResolvers<string>();
    const answer = deadline.known('auth', promise, unknown);
    // Runs after the deadline's own timer, as socket reads do.
    setTimeout(resolve, 5, 'ana');
    await vi.advanceTimersByTimeAsync(6);
    expect(await answer).toBe('ana');
    expect(deadlines.timeouts().auth).toBe(0);
  });
});

describe('a request has one deadline', () => {
  test('shared by waits that follow each other', async () => {
    const { deadline } = start();
    const first = deadline.known('auth', after(3, 'ana'), unknown);
    await vi.advanceTimersByTimeAsync(3);
    await first;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(deadline.ms).toBe(2);
    const second = deadline.known('conversations', after(3, 'small'), unknown);
    await vi.advanceTimersByTimeAsync(3);
    expect([await first, await second]).toEqual(['ana', 'unknown']);
  });

  test('spent once by waits that overlap', async () => {
    const { deadline } = start();
    const both = ['a', 'b'].map((value) => deadline.known('responses', after(3, value), unknown));
    await vi.advanceTimersByTimeAsync(3);
    expect(await allKnown(both)).toEqual(['a', 'b']);
    expect(deadline.ms).toBe(2);
  });

  test('and the next request has its own', async () => {
    const { deadline, deadlines } = start();
    const answer = deadline.known('auth', never(), unknown);
    await vi.advanceTimersByTimeAsync(6);
    await answer;
    expect([deadline.ms, deadlines.start().ms]).toEqual([0, 5]);
  });
});
