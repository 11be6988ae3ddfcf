import { expect, test } from 'vitest';
import { digestOf, FailedBodies } from './failed-bodies.ts';

const NOT_REFUSED = { forMs: 0, isAlone: false };
const digest = (): string => 'poison';
const neverAsked = (): string => {
  throw new Error('the digest is not needed');
};

test('the digest is not made where no body failed', () => {
  const bodies = new FailedBodies();
  bodies.succeeded(neverAsked, 0);
  expect(bodies.of(neverAsked, 0)).toEqual(NOT_REFUSED);
  expect(bodies.isQuiet(0)).toBe(true);
});

test('a body is refused for a minute from its second failure on', () => {
  const bodies = new FailedBodies();
  bodies.failed('poison', 0);
  expect(bodies.of(digest, 0)).toEqual(NOT_REFUSED);
  bodies.failed('poison', 1000);
  expect(bodies.of(digest, 1000)).toEqual({ forMs: 60_000, isAlone: false });
  expect(bodies.of(() => 'another', 1000)).toEqual(NOT_REFUSED);
  expect(bodies.of(digest, 61_000)).toEqual(NOT_REFUSED);
});

test('it is alone with it where the model answered others since it first failed', () => {
  const bodies = new FailedBodies();
  bodies.succeeded(() => 'earlier', 0);
  bodies.failed('poison', 1);
  bodies.succeeded(() => 'another', 2);
  bodies.failed('poison', 3);
  expect(bodies.of(digest, 3)).toEqual({ forMs: 60_000, isAlone: true });
});

test('two failures more than a minute apart are two first ones', () => {
  const bodies = new FailedBodies();
  bodies.failed('poison', 0);
  bodies.failed('poison', 60_000);
  expect(bodies.of(digest, 60_000)).toEqual(NOT_REFUSED);
  bodies.failed('poison', 60_001);
  expect(bodies.of(digest, 60_001).forMs).toBe(60_000);
});

test('a body that is answered is forgotten', () => {
  const bodies = new FailedBodies();
  bodies.failed('poison', 0);
  bodies.failed('poison', 1);
  bodies.succeeded(digest, 2);
  expect(bodies.of(digest, 2)).toEqual(NOT_REFUSED);
  expect(bodies.isQuiet(2)).toBe(true);
});

test('it is quiet when the last of them is a minute old', () => {
  const bodies = new FailedBodies();
  bodies.failed('one', 0);
  bodies.failed('poison', 30_000);
  expect(bodies.isQuiet(60_000)).toBe(false);
  expect(bodies.isQuiet(90_000)).toBe(true);
});

test('the oldest of more than 256 bodies is forgotten', () => {
  const bodies = new FailedBodies();
  for (const times of [1, 2]) bodies.failed('poison', times);
  for (let at = 0; at < 255; at += 1) bodies.failed(`body ${at}`, 3);
  expect(bodies.of(digest, 3).forMs).toBeGreaterThan(0);
  bodies.failed('one more', 3);
  expect(bodies.of(digest, 3)).toEqual(NOT_REFUSED);
});

test('long bodies are told apart by their ends and by their length', () => {
  const long = Buffer.alloc(200_000, 'a');
  const [otherStart, otherEnd] = [Buffer.from(long), Buffer.from(long)];
  otherStart[0] = 66;
  otherEnd[199_999] = 66;
  const digests = [long, otherStart, otherEnd, long.subarray(1)].map(digestOf);
  expect(new Set(digests).size).toBe(4);
  expect(digestOf(Buffer.from(long))).toBe(digests[0]);
});
