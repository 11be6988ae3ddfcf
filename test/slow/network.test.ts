/** Rows F02 and F03 in a network of their own: an address that swallows everything, one that does so first of two, a cable that is cut. */
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { hasNamespaces, inOwnNetwork } from '../support/network-namespace.ts';
import type { Seen } from '../support/networks/dark-network.ts';

describe.skipIf(!hasNamespaces)('in a network of its own', () => {
  let seen: readonly Seen[];
  beforeAll(async () => {
    seen = await inOwnNetwork<Seen>(
      join(import.meta.dirname, '../support/networks/dark-network.ts'),
    );
    for (const { what, status, upstream, ms } of seen)
      process.stdout.write(`${what}: ${status} of ${upstream} after ${ms} ms\n`);
  });
  const of = (what: string): Seen => {
    const found = seen.find((one) => one.what === what);
    if (found === undefined) throw new Error(`nothing was seen of ${what}`);
    return found;
  };

  test('a connection that nobody takes is given up after the limit, and the next target answers', () => {
    expect(of('dark')).toMatchObject({ status: 200, upstream: 'well' });
    expect(of('dark').ms).toBeGreaterThan(1900);
    expect(of('dark').ms).toBeLessThan(60_000);
  });

  test('a name whose first address swallows everything is answered from its second', () => {
    expect(of('named')).toMatchObject({ status: 200, upstream: 'named' });
  });

  test('what is under way when the cable is cut ends by itself: a stream with an error, the rest at the next target', () => {
    expect(of('far, up')).toMatchObject({ status: 200, upstream: 'far' });
    const stream = of('far, a stream');
    expect(stream.upstream).toBe('far');
    expect(stream.text).toContain("'far' vanished from the network");
    expect(stream.text).not.toContain('[DONE]');
    expect(of('far, whole')).toMatchObject({ status: 200, upstream: 'well' });
    // The kernel asks after half a minute of silence, ten times.
    expect(stream.ms).toBeGreaterThan(30_000);
  });

  test('while it is cut the next target answers, and behind it the first again', () => {
    expect(of('far, down')).toMatchObject({ status: 200, upstream: 'well' });
    expect(of('far, up again')).toMatchObject({ status: 200, upstream: 'far' });
  });
});
