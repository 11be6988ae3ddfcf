import { expect, test, vi } from 'vitest';
import { stoppableStart, untilStopped } from './stopping.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

test('a signal that comes too late to give the start up stops what was started', async () => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const before = SIGNALS.map((signal) => process.listeners(signal));
  const starting = stoppableStart();
  for (const listener of process.listeners('SIGTERM'))
    if (!before[1]?.includes(listener)) listener('SIGTERM');
  const isAsked = starting.over();
  expect(isAsked).toBe(true);
  await untilStopped({ cut: () => {}, kill: () => {} }, isAsked);
  for (const [at, signal] of SIGNALS.entries())
    for (const listener of process.listeners(signal))
      if (!before[at]?.includes(listener)) process.off(signal, listener);
});
