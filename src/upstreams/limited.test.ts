import { describe, expect, test } from 'vitest';
import { call } from '../../test/support/call.ts';
import { fakeUpstream } from '../../test/support/fake-upstream.ts';
import { UpstreamError } from '../core/errors.ts';
import type { RateLimits } from '../core/rate-limits.ts';
import type { Upstream } from '../core/upstream.ts';
import { readAll } from '../lib/flow.ts';
import { memoryPlaces } from '../stores/memory/places.ts';
import { memoryRates } from '../stores/memory/rates.ts';
import { limitedUpstream } from './limited.ts';

function limited(limits: RateLimits) {
  let nowMs = 0;
  let refusals = 0;
  const upstream: Upstream = limitedUpstream(fakeUpstream('cloud'), {
    limits,
    buckets: memoryRates(() => nowMs),
    places: memoryPlaces(),
    refused: () => (refusals += 1),
  });
  const send = (stream = false) =>
    upstream.send({ call: call({ stream }), model: 'big' }, new AbortController().signal);
  const whether = async (): Promise<boolean> => {
    try {
      await send();
      return true;
    } catch (error) {
      if (error instanceof UpstreamError && error.attemptCause === 'rate_limited') return false;
      throw error;
    }
  };
  return { send, whether, refusals: () => refusals, pass: (ms: number) => (nowMs += ms) };
}

describe('an upstream with limits', () => {
  test('is asked so often a minute, and again when there is room', async () => {
    const { whether, pass, refusals } = limited({ requestsPerMinute: 2 });
    expect([await whether(), await whether(), await whether()]).toEqual([true, true, false]);
    pass(30_000);
    expect([await whether(), await whether()]).toEqual([true, false]);
    expect(refusals()).toBe(2);
  });

  test('says when', async () => {
    const { send } = limited({ requestsPerMinute: 1 });
    await send();
    await expect(send()).rejects.toMatchObject({
      attemptCause: 'rate_limited',
      headers: { 'retry-after': '60', 'retry-after-ms': '60000' },
    });
  });

  test('counts tokens as they were used', async () => {
    // About 275 are reserved for each: a short question, and 256 for its answer.
    const { whether } = limited({ tokensPerMinute: 400 });
    const asked = [];
    for (let each = 0; each < 5; each += 1) asked.push(await whether());
    expect(asked).toEqual([true, true, true, true, true]);
    expect(await limited({ tokensPerMinute: 200 }).whether()).toBe(false);
  });

  test('answers so many at once, and the next when a stream is over', async () => {
    const { send, whether } = limited({ concurrent: 1 });
    const answer = await send(true);
    if (answer.kind !== 'stream') throw new Error('a stream was asked for');
    expect(await whether()).toBe(false);
    await readAll(answer.events, () => {});
    expect(await whether()).toBe(true);
  });
});
