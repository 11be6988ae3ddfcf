import { expect, test } from 'vitest';
import { channel } from './channel.ts';

test('delivers pushed items, before and after the reader waits, then ends', async () => {
  const { items, ...producer } = channel<number>(() => undefined);
  producer.push(1);
  expect(await items.next()).toEqual({ done: false, value: 1 });
  const waiting = items.next();
  producer.push(2);
  producer.push(3);
  producer.end();
  producer.push(4);
  expect(await waiting).toEqual({ done: false, value: 2 });
  expect(await items.next()).toEqual({ done: false, value: 3 });
  expect(await items.next()).toMatchObject({ done: true });
  expect(await items.next()).toMatchObject({ done: true });
});

test('delivers items pushed before a failure, then rejects, also for a waiting reader', async () => {
  const first = channel<number>(() => undefined);
  first.push(1);
  first.fail(new Error('broken'));
  expect(await first.items.next()).toEqual({ done: false, value: 1 });
  await expect(first.items.next()).rejects.toThrow('broken');
  const second = channel<number>(() => undefined);
  const waiting = second.items.next();
  second.fail(new Error('broken'));
  await expect(waiting).rejects.toThrow('broken');
});

test('calls onReturn once when the reader returns early, and not after the end', async () => {
  let left = 0;
  const early = channel<number>(() => left++);
  early.push(1);
  await early.items.return?.();
  await early.items.return?.();
  expect(await early.items.next()).toMatchObject({ done: true });
  expect(left).toBe(1);
  const late = channel<number>(() => left++);
  late.end();
  await late.items.return?.();
  expect(left).toBe(1);
});
