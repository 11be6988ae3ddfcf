import { expect, test } from 'vitest';
import { createBuffers } from './buffers.ts';

const MIB = 1024 * 1024;

test('what is sent at once stays within the budget, and is given back once', () => {
  const buffers = createBuffers(10 * MIB);
  const one = buffers.open('ann');
  one.take(6 * MIB);
  const other = buffers.open('bob');
  expect(() => other.take(5 * MIB)).toThrow('10 MiB are under way');
  other.take(MIB);
  // Small ones always fit.
  other.take(5000);
  one.release();
  one.release();
  expect(buffers.heldBytes()).toBe(MIB + 5000);
  other.release();
  expect(buffers.heldBytes()).toBe(0);
});

test('a key has a quarter of it while others send, and all of it alone', () => {
  const buffers = createBuffers(16 * MIB);
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
  const buffers = createBuffers(16 * MIB);
  buffers.open('bob').take(1);
  buffers.open('eve').take(8 * MIB);
});
