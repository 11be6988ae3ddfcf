import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createWriteBehind, type WriteBehindOptions } from './write-behind.ts';

const line = (id: string): string => `the line of ${id}`;

/** A scripted store, batch by batch, and its clock. */
function createHarness(options: Partial<WriteBehindOptions<string>> = {}) {
  const written: string[][] = [];
  const queue = createWriteBehind<string>({
    write: async (batch) => {
      written.push([...batch]);
      return 0;
    },
    nowMs: () => 0,
    pauseMs: () => 0,
    ...options,
  });
  return { queue, written };
}

describe('queued records', () => {
  test('are written in batches, in order, one batch at a time', async () => {
    let underWay = 0;
    const sizes: number[] = [];
    const { queue } = createHarness({
      batchSize: 3,
      write: async (batch) => {
        underWay += 1;
        expect(underWay).toBe(1);
        await Promise.resolve();
        sizes.push(batch.length);
        underWay -= 1;
        return 0;
      },
    });
    for (const id of 'abcdefgh') queue.add(id, line(id));
    await queue.flush();
    expect(sizes).toEqual([3, 3, 2]);
  });

  test('are found while they wait, and not once they are written', async () => {
    const { queue } = createHarness();
    queue.add('a', line('a'));
    expect(queue.find('a')).toBeDefined();
    await queue.flush();
    expect(queue.find('a')).toBeUndefined();
  });

  test('are retried until the store acknowledges them, none lost, none out of order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean()), fc.nat(30), async (failures, count) => {
        const plan = [...failures];
        const taken: string[] = [];
        const { queue } = createHarness({
          batchSize: 4,
          write: async (batch) => {
            if (plan.shift() === true) throw new Error('not now');
            taken.push(...batch);
            return 0;
          },
        });
        const ids = Array.from({ length: count }, (_, index) => `r${index}`);
        for (const id of ids) queue.add(id, line(id));
        while (queue.stats().queued > 0) await queue.flush();
        expect(taken).toEqual(ids.map(line));
        expect(queue.stats()).toEqual({ queued: 0, lagMs: 0, dropped: 0 });
      }),
      { numRuns: 50 },
    );
  });

  test('above the capacity are dropped, the newest first, and counted', async () => {
    const { queue, written } = createHarness({ capacity: 2 });
    for (const id of 'abcd') queue.add(id, line(id));
    expect(queue.stats().dropped).toBe(2);
    await queue.flush();
    expect(written.flat()).toEqual([line('a'), line('b')]);
  });

  test('that can never be stored or serialised are counted', async () => {
    const { queue } = createHarness({ write: async () => 1 });
    queue.add('a', line('a'));
    queue.add('b', undefined);
    queue.add('c', line('c'));
    await queue.flush();
    expect(queue.stats()).toMatchObject({ queued: 0, dropped: 2 });
  });
});

describe('a store that fails', () => {
  const broken = { write: async () => await Promise.reject(new Error('the disk is full')) };

  test('reports why, and how long the oldest record has waited', async () => {
    let now = 0;
    const { queue } = createHarness({ ...broken, nowMs: () => now });
    queue.add('a', line('a'));
    await queue.flush();
    now = 1_500;
    expect(queue.stats()).toEqual({
      queued: 1,
      lagMs: 1_500,
      dropped: 0,
      problem: 'the disk is full',
    });
  });

  test('blocks neither a flush nor a close, which hands back what remains', async () => {
    const { queue } = createHarness(broken);
    queue.add('a', line('a'));
    queue.add('b', line('b'));
    await queue.flush();
    const left = await queue.close();
    expect(left).toHaveLength(2);
    queue.drop(1);
    expect(queue.stats()).toMatchObject({ queued: 0, dropped: 1 });
  });

  test('is reported once when it begins, once when it ends, and again the next time', async () => {
    const heard: (string | undefined)[] = [];
    const plan = [true, true, true, false, true, false];
    const { queue } = createHarness({
      write: async () => {
        if (plan.shift() === true) throw new Error(`${plan.length} writes before the last`);
        return 0;
      },
      onProblem: (problem) => heard.push(problem),
    });
    for (const id of ['a', 'b']) {
      queue.add(id, line(id));
      while (queue.stats().queued > 0) await queue.flush();
    }
    expect(plan).toEqual([]);
    expect(heard).toEqual([
      '5 writes before the last',
      undefined,
      '1 writes before the last',
      undefined,
    ]);
  });

  test('is retried at longer and longer intervals', async () => {
    const failures: number[] = [];
    let left = 3;
    const { queue } = createHarness({
      write: async () => {
        left -= 1;
        if (left >= 0) throw new Error('not now');
        return 0;
      },
      pauseMs: (count) => {
        failures.push(count);
        return 0;
      },
    });
    queue.add('a', line('a'));
    while (queue.stats().queued > 0) await queue.flush();
    expect(failures).toEqual([1, 2, 3]);
    expect(queue.stats()).not.toHaveProperty('problem');
  });
});
