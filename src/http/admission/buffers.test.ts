import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { ByteBudget } from '../../lib/byte-budget.ts';
import { createBuffers, type Buffers } from './buffers.ts';

const MIB = 1024 * 1024;

/** With a heap that is empty, unless another share is given, and a clock that is moved by hand. */
function setUp(maxBytes: number) {
  const world = { share: 0, nowMs: 0 };
  const budget = new ByteBudget(maxBytes);
  const buffers: Buffers = createBuffers(budget, {
    nowMs: () => world.nowMs,
    heapShare: () => world.share,
  });
  return { buffers, budget, world };
}

test('what is sent at once stays within the budget, and is given back once', () => {
  const { buffers, budget } = setUp(10 * MIB);
  const one = buffers.open('ann');
  // A large body counts twice: as bytes and as text.
  one.take(3 * MIB);
  expect(budget.heldBytes()).toBe(6 * MIB);
  const other = buffers.open('bob');
  expect(() => other.take(2.5 * MIB)).toThrow('10 MiB are under way');
  other.take(MIB - 5000);
  // Small ones always fit.
  other.take(5000);
  one.release();
  one.release();
  expect(budget.heldBytes()).toBe(MIB);
  other.release();
  expect(budget.heldBytes()).toBe(0);
});

test('a key has a quarter of it while others send, and all of it alone', () => {
  const { buffers } = setUp(32 * MIB);
  const eve = [buffers.open('eve'), buffers.open('eve'), buffers.open('eve')] as const;
  eve[0].take(3 * MIB);
  eve[1].take(3 * MIB);
  const bob = buffers.open('bob');
  bob.take(1);
  expect(() => eve[2].take(3 * MIB)).toThrow("Key 'eve' has a quarter");
  eve[2].take(1000);
  bob.release();
  eve[2].take(3 * MIB);
});

test('one body that is larger than a share is taken', () => {
  const { buffers } = setUp(16 * MIB);
  buffers.open('bob').take(1);
  buffers.open('eve').take(6 * MIB);
});

test('what comes without a length counts as it comes', () => {
  const { buffers } = setUp(4 * MIB);
  const body = buffers.open('eve');
  const arrive = (): void => {
    for (let piece = 0; piece < 100; piece += 1) body.take(64 * 1024);
  };
  expect(arrive).toThrow('4 MiB are under way');
});

test('with a strained heap large bodies are refused, with a full one requests', () => {
  const { buffers, world } = setUp(64 * MIB);
  world.share = 0.85;
  const body = buffers.open('eve');
  body.take(MIB);
  expect(() => body.take(2 * MIB)).toThrow('bodies over 1 MiB are not taken now');
  world.share = 0.95;
  world.nowMs = 200;
  buffers.open('eve');
  world.nowMs = 400;
  expect(() => buffers.open('eve')).toThrow('requests are not taken now');
  world.share = 0.5;
  world.nowMs = 600;
  buffers.open('eve');
});

test('large bodies are judged one at a time, in order; small ones do not wait', async () => {
  const { buffers } = setUp(64 * MIB);
  const bodies = ['ann', 'bob', 'cid'].map((name) => buffers.open(name));
  const gone: number[] = [];
  bodies.forEach((body, at) => {
    body.take(2 * MIB);
    void body.turn()?.then(() => gone.push(at));
  });
  const small = buffers.open('dan');
  small.take(1000);
  expect(small.turn()).toBeUndefined();
  const immediate = () => new Promise((resolve) => setImmediate(resolve));
  await immediate();
  expect(gone).toEqual([0]);
  bodies[0]?.judged();
  await immediate();
  expect(gone).toEqual([0, 1]);
  // One that ends otherwise gives its turn back too.
  bodies[1]?.release();
  await immediate();
  expect(gone).toEqual([0, 1, 2]);
});

test('an answer counts until its caller has taken it, whose time is short where others wait', async () => {
  const { buffers, budget } = setUp(8 * MIB);
  const timeouts: number[] = [];
  const outgoing = Object.assign(new EventEmitter(), {
    destroyed: false,
    socket: { setTimeout: (ms: number) => timeouts.push(ms) },
  });
  // It has every member that is used here.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  buffers.untilTaken(outgoing as unknown as ServerResponse, 6 * MIB);
  expect(() => buffers.open('eve').take(2 * MIB)).toThrow('8 MiB are under way');
  const waiting = budget.reading().take(2 * MIB);
  expect(timeouts).toEqual([5000]);
  outgoing.emit('close');
  await waiting;
  expect(budget.heldBytes()).toBe(4 * MIB);
});
