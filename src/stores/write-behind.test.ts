import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createWriteBehind, type OutboxOptions } from './write-behind.ts';

const line = (id: string): string => `the line of ${id}`;

/** A store that does what it is told, batch by batch, and the clock beside it. */
function rig(options: Partial<OutboxOptions> = {}) {
  const written: string[][] = [];
  const queue = createWriteBehind({
    write: async (batch) => {
      written.push([...batch]);
      return 0;
    },
    nowMs: () => 0,
    delayMs: 0,
    pauseMs: () => 0,
    ...options,
  });
  return { queue, written };
}

describe('records on their way', () => {
  test('go in batches, in the order they came, one batch after the other', async () => {
    let underWay = 0;
    const sizes: number[] = [];
    const { queue } = rig({
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

  test('are found while they wait, and no longer when they are written', async () => {
    const { queue } = rig();
    queue.add('a', line('a'));
    expect(queue.find('a')).toBeDefined();
    await queue.flush();
    expect(queue.find('a')).toBeUndefined();
  });

  test('are sent again until the store takes them, none lost, none out of order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean()), fc.nat(30), async (failures, count) => {
        const plan = [...failures];
        const taken: string[] = [];
        const { queue } = rig({
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

  test('that are too many are given up, the newest first, and counted', async () => {
    const { queue, written } = rig({ capacity: 2 });
    for (const id of 'abcd') queue.add(id, line(id));
    expect(queue.stats().dropped).toBe(2);
    await queue.flush();
    expect(written.flat()).toEqual([line('a'), line('b')]);
  });

  test('that can never be stored, or make no line, are counted', async () => {
    const { queue } = rig({ write: async () => 1 });
    queue.add('a', line('a'));
    queue.add('b', undefined);
    queue.add('c', line('c'));
    await queue.flush();
    expect(queue.stats()).toMatchObject({ queued: 0, dropped: 2 });
  });
});

describe('a store that fails', () => {
  const broken = { write: async () => await Promise.reject(new Error('the disk is full')) };

  test('says why, and how long the oldest has waited', async () => {
    let now = 0;
    const { queue } = rig({ ...broken, nowMs: () => now });
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

  test('keeps neither a flush nor a close waiting; what is left is counted as given up', async () => {
    const { queue } = rig(broken);
    queue.add('a', line('a'));
    queue.add('b', line('b'));
    await queue.flush();
    await queue.close();
    expect(queue.stats()).toMatchObject({ queued: 0, dropped: 2 });
  });

  test('is reported once when it begins, once when it ends, and again the next time', async () => {
    const heard: (string | undefined)[] = [];
    const plan = [true, true, true, false, true, false];
    const { queue } = rig({
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

  test('is asked again at longer and longer intervals', async () => {
    const failures: number[] = [];
    let left = 3;
    const { queue } = rig({
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
