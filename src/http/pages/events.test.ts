import type { ServerResponse } from 'node:http';
import { afterEach, expect, test, vi } from 'vitest';
import type { EventData } from '../../core/admin-requests.ts';
import { createEvents } from './events.ts';

afterEach(() => void vi.useRealTimers());

test('a page whose key was revoked ends, also where there is always something to tell', async () => {
  vi.useFakeTimers();
  let told = 0;
  // Each look finds another state.
  const state = (): EventData['state'] => ({ told: (told += 1) }) as unknown as EventData['state'];
  const events = createEvents({ state, life: new AbortController().signal });
  const outgoing = { writeHead: vi.fn(), write: vi.fn(), end: vi.fn(), once: vi.fn() };
  let isRevoked = false;
  const mayStay = async (): Promise<void> => {
    if (isRevoked) throw new Error('revoked');
  };
  const page = { incoming: { headers: {} }, outgoing: outgoing as unknown as ServerResponse };
  events.open(page as Parameters<typeof events.open>[0], mayStay);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(told).toBeGreaterThan(50);
  expect(outgoing.end).not.toHaveBeenCalled();
  isRevoked = true;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(outgoing.end).toHaveBeenCalled();
});
