import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UpstreamError } from '../../core/errors.ts';
import { serialQueue } from './serial-queue.ts';

const patient = new AbortController().signal;

test('admits one at a time, in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 12 }), async (count) => {
      const queue = serialQueue({ name: 'local', maxWaiting: count, nowMs: () => 0 });
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
  const queue = serialQueue({ name: 'local', maxWaiting: 2, nowMs: () => 0 });
  const leave = await queue.enter(patient);
  const second = queue.enter(patient);
  const third = queue.enter(patient).then(() => 'in');
  leave();
  leave();
  await second;
  expect(await Promise.race([third, turnOfTheLoop('waits')])).toBe('waits');
});

test('an aborted waiter is skipped', async () => {
  const queue = serialQueue({ name: 'local', maxWaiting: 2, nowMs: () => 0 });
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
  const queue = serialQueue({ name: 'local', maxWaiting: 0, nowMs: () => nowMs });
  const retryAfter = async (): Promise<number> => {
    const error: unknown = await queue.enter(patient).catch((reason: unknown) => reason);
    return error instanceof UpstreamError ? Number(error.headers['retry-after']) : Number.NaN;
  };
  for (let answer = 0; answer < 20; answer++) {
    const leave = await queue.enter(patient);
    nowMs += 30_000;
    leave();
  }
  await queue.enter(patient);
  expect(await retryAfter()).toBe(30);
});
