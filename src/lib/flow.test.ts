import { describe, expect, test } from 'vitest';
import { Flow, flowOf, pulled, readAll, type Receiver } from './flow.ts';

interface Item {
  readonly at: number;
}
const [one, two, three]: Item[] = [{ at: 1 }, { at: 2 }, { at: 3 }];

/** What a receiver got, in order. */
function receiver() {
  const got: unknown[] = [];
  const to: Receiver<Item> = {
    receive: (item) => void got.push(item),
    batchEnd: () => void got.push('batch'),
    ended: (error) => void got.push(error ?? 'end'),
  };
  return { got, to };
}

describe('a flow with a receiver', () => {
  test('gives each item as it comes', () => {
    const flow = new Flow<Item>();
    const { got, to } = receiver();
    flow.pushTo(to);
    flow.receive(one!);
    flow.receive(two!);
    expect(got).toEqual([one, two]);
    flow.batchEnd();
    flow.ended();
    expect(got).toEqual([one, two, 'batch', 'end']);
  });

  test('gives what came before it had one as one batch, and then asks for more', () => {
    const asked: string[] = [];
    const flow = new Flow<Item>({ release: () => void asked.push('release') });
    flow.push(one!);
    flow.push(two!);
    const { got, to } = receiver();
    flow.pushTo(to);
    expect(got).toEqual([one, two, 'batch']);
    expect(asked).toEqual(['release']);
  });

  test('keeps what comes while it is held, its end or break too', () => {
    const broke = new Error('broke');
    const flow = new Flow<Item>();
    const { got, to } = receiver();
    flow.pushTo(to);
    flow.hold();
    flow.push(one!);
    flow.ended(broke);
    expect(got).not.toContain(one);
    flow.release();
    expect(got.filter((part) => part !== 'batch')).toEqual([one, broke]);
  });

  test('stops giving where it is held at an item, and goes on in order', () => {
    const flow = new Flow<Item>();
    for (const item of [one!, two!]) flow.push(item);
    const got: Item[] = [];
    flow.pushTo({
      receive: (item) => {
        got.push(item);
        flow.hold();
      },
      batchEnd: () => {},
      ended: () => {},
    });
    flow.push(three!);
    expect(got).toEqual([one]);
    flow.release();
    expect(got).toEqual([one, two]);
    flow.release();
    expect(got).toEqual([one, two, three]);
  });

  test('keeps the order of what comes while it gives', () => {
    const flow = new Flow<Item>();
    flow.push(one!);
    const got: Item[] = [];
    flow.pushTo({
      receive: (item) => {
        got.push(item);
        if (item === one) for (const more of [two!, three!]) flow.push(more);
      },
      batchEnd: () => {},
      ended: () => {},
    });
    expect(got).toEqual([one, two, three]);
  });

  test('that is cancelled gives nothing any more, and tells where it comes from once', () => {
    let cancelled = 0;
    const flow = new Flow<Item>({ cancel: () => (cancelled += 1) });
    const { got, to } = receiver();
    flow.pushTo(to);
    flow.cancel();
    flow.cancel();
    flow.push(one!);
    flow.ended();
    expect(got).toEqual([]);
    expect(cancelled).toBe(1);
  });

  test('does not cancel what has ended', () => {
    let cancelled = 0;
    const flow = new Flow<Item>({ cancel: () => (cancelled += 1) });
    const { got, to } = receiver();
    flow.pushTo(to);
    flow.ended();
    flow.cancel();
    expect([got, cancelled]).toEqual([['end'], 0]);
  });

  test.each(['receive', 'batchEnd'] as const)(
    'breaks with what its receiver throws in %s, and stops its source',
    (where) => {
      const bug = new Error('bug');
      let cancelled = 0;
      const flow = new Flow<Item>({ cancel: () => (cancelled += 1) });
      const { got, to } = receiver();
      const throwing = (): never => {
        throw bug;
      };
      flow.pushTo({ ...to, [where]: throwing });
      flow.push(one!);
      expect(got.at(-1)).toBe(bug);
      expect(cancelled).toBe(1);
    },
  );
});

describe('a flow with a reader', () => {
  test('gives one item after the other, then the end', async () => {
    const flow = flowOf([one!, two!]);
    expect(await flow.read()).toBe(one);
    expect(await flow.read()).toBe(two);
    expect(await flow.read()).toBeUndefined();
    expect(await flow.read()).toBeUndefined();
  });

  test('is wanted while a read waits, and breaks behind what came before', async () => {
    const flow = new Flow<Item>();
    expect(flow.isWanted).toBe(false);
    const reading = flow.read();
    expect(flow.isWanted).toBe(true);
    flow.push(one!);
    expect(flow.isWanted).toBe(false);
    expect(await reading).toBe(one);
    flow.push(two!);
    const broke = new Error('broke');
    flow.ended(broke);
    expect(await flow.read()).toBe(two);
    await expect(flow.read()).rejects.toBe(broke);
  });

  test('shows the first item before it is given', async () => {
    const flow = new Flow<Item>();
    const first = flow.first();
    flow.push(one!);
    expect(await first).toBe(one);
    expect(await flow.first()).toBe(one);
    const { got, to } = receiver();
    flow.pushTo(to);
    expect(got).toEqual([one, 'batch']);
  });

  test('that is cancelled lets go who reads', async () => {
    const flow = new Flow<Item>();
    const reading = flow.read();
    flow.cancel();
    expect(await reading).toBeUndefined();
  });
});

test('a source that is pulled gives no more than is asked for', async () => {
  const seen: Item[] = [];
  const flow = flowOf([one!, two!, three!]);
  const reading = pulled<Item>({
    pushTo: (to) => flow.pushTo({ ...to, receive: (item) => (seen.push(item), to.receive(item)) }),
    hold: () => flow.hold(),
    release: () => flow.release(),
    cancel: () => flow.cancel(),
  });
  expect(seen).toEqual([]);
  expect(await reading.read()).toBe(one);
  expect(seen).toEqual([one]);
  expect(await reading.read()).toBe(two);
  reading.cancel();
  expect(await reading.read()).toBeUndefined();
  expect(seen).toEqual([one, two]);
});

describe('all of a source', () => {
  test('is read to its end, or until there is enough', async () => {
    const got: Item[] = [];
    await readAll(flowOf([one!, two!]), (item) => void got.push(item));
    expect(got).toEqual([one, two]);
    let cancelled = 0;
    const flow = new Flow<Item>({ cancel: () => (cancelled += 1) });
    const read = readAll(flow, () => 'enough');
    flow.push(one!);
    await read;
    expect(cancelled).toBe(1);
  });

  test('breaks as it does, or as its reader does', async () => {
    const broke = new Error('broke');
    const flow = new Flow<Item>();
    flow.ended(broke);
    await expect(readAll(flow, () => {})).rejects.toBe(broke);
    const read = readAll(flowOf([one!]), () => {
      throw broke;
    });
    await expect(read).rejects.toBe(broke);
  });
});
