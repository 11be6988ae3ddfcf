import { afterEach, expect, test, vi } from 'vitest';
import { onSighup } from './sighup.ts';

afterEach(() => void vi.useRealTimers());

test('signals that come at once are one reload, and a later one is another', () => {
  vi.useFakeTimers();
  const before = process.listeners('SIGHUP');
  const reload = vi.fn();
  // A terminal that is gone would stop it.
  onSighup({ reload, stop: reload });
  const listener = process.listeners('SIGHUP').find((one) => !before.includes(one));
  for (let at = 0; at < 100; at += 1) listener?.('SIGHUP');
  vi.advanceTimersByTime(200);
  expect(reload).toHaveBeenCalledTimes(1);
  listener?.('SIGHUP');
  vi.advanceTimersByTime(200);
  expect(reload).toHaveBeenCalledTimes(2);
  if (listener !== undefined) process.off('SIGHUP', listener);
});
