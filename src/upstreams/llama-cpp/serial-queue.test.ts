import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { UpstreamError } from '../../core/errors.ts';
import { serialQueue } from './serial-queue.ts';

const patient = new AbortController().signal;

type Options = Parameters<typeof serialQueue>[0];

/** Where nobody waits too long, and the model is loaded. */
const queueOf = (options: Partial<Options>) =>
  serialQueue({
    name: 'local',
    maxWaiting: 2,
    maxWaitMs: 3_600_000,
    nowMs: () => 0,
    warmSinceMs: () => 0,
    ...options,
  });

const refusalOf = (entering: Promise<unknown>): Promise<UpstreamError> =>
  entering.then(
    () => {
      throw new Error('It was admitted.');
    },
    (reason: unknown) => {
      if (reason instanceof UpstreamError) return reason;
      throw reason;
    },
  );

test('admits one at a time, in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 12 }), async (count) => {
      const queue = queueOf({ maxWaiting: count });
      const order: number[] = [];
      let inside = 0;
      const visit = async (index: number): Promise<void> => {
        const leave = await queue.enter(patient);
        expect(++inside).toBe(1);
        order.push(index);
        await Promise.resolve();
        inside--;
        leave();
      };
      const visitors = Array.from({ length: count }, (_, index) => index);
      await Promise.all(visitors.map(visit));
      expect(order).toEqual(visitors);
    }),
  );
});

test('releasing twice admits only one', async () => {
  const queue = queueOf({});
  const leave = await queue.enter(patient);
  const second = queue.enter(patient);
  const third = queue.enter(patient).then(() => 'in');
  leave();
  leave();
  await second;
  expect(await Promise.race([third, turnOfTheLoop('waits')])).toBe('waits');
});

test('an aborted waiter is skipped', async () => {
  const queue = queueOf({});
  const leave = await queue.enter(patient);
  const abort = new AbortController();
  const impatient = queue.enter(abort.signal);
  const last = queue.enter(patient);
  abort.abort(new Error('gone'));
  await expect(impatient).rejects.toThrow('gone');
  leave();
  await expect(last).resolves.toBeTypeOf('function');
});

test('rejects with a retry-after from recent durations', async () => {
  let nowMs = 0;
  const queue = queueOf({ maxWaiting: 0, nowMs: () => nowMs });
  for (let answer = 0; answer < 20; answer++) {
    const leave = await queue.enter(patient);
    nowMs += 30_000;
    leave();
  }
  await queue.enter(patient);
  const { headers } = await refusalOf(queue.enter(patient));
  expect(headers['retry-after']).toBe('30');
});

test('who would wait longer for the first token than is allowed is refused at once', async () => {
  const queue = queueOf({ maxWaiting: 100, maxWaitMs: 12_000 });
  // five seconds each, as long as nothing was measured
  await queue.enter(patient);
  void queue.enter(patient);
  void queue.enter(patient);
  const { attemptCause, message } = await refusalOf(queue.enter(patient));
  expect(attemptCause).toBe('overloaded');
  expect(message).toContain('upstreams[].maxWaitMs');
});

test('who has waited so long is refused, and the next one keeps its place', async () => {
  vi.useFakeTimers();
  try {
    const queue = queueOf({ maxWaitMs: 6000, nowMs: () => Date.now() });
    const leave = await queue.enter(patient);
    const first = refusalOf(queue.enter(patient));
    await vi.advanceTimersByTimeAsync(5000);
    const second = queue.enter(patient);
    await vi.advanceTimersByTimeAsync(1000);
    expect((await first).attemptCause).toBe('overloaded');
    leave();
    await expect(second).resolves.toBeTypeOf('function');
  } finally {
    vi.useRealTimers();
  }
});

test('the time that loading takes is no part of the wait', async () => {
  vi.useFakeTimers();
  try {
    let warmSinceMs: number | undefined;
    const nowMs = (): number => Date.now();
    const queue = queueOf({ maxWaitMs: 6000, nowMs, warmSinceMs: () => warmSinceMs });
    const leave = await queue.enter(patient);
    const waiting = queue.enter(patient);
    await vi.advanceTimersByTimeAsync(600_000);
    warmSinceMs = Date.now();
    await vi.advanceTimersByTimeAsync(1000);
    leave();
    await expect(waiting).resolves.toBeTypeOf('function');
    // it took a second of its own, and is not taken for ten minutes
    await expect(Promise.race([queue.enter(patient), Promise.resolve('waits')])).resolves.toBe(
      'waits',
    );
  } finally {
    vi.useRealTimers();
  }
});
