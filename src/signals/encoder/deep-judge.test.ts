import { expect, test } from 'vitest';
import type { DeepAnswer } from '../complexity/calibrated.ts';
import { judgement } from '../complexity/index.ts';
import { judgeInputs } from '../complexity/inputs.ts';
import { meaning } from '../meaning/meaning.ts';
import { deepJudge } from './deep-judge.ts';
import { MAX_PIECES } from './encoder.ts';
import { excerptReader } from './excerpt.ts';
import { readShippedDeep } from './shipped.ts';
import { shippedEncoder } from './weights.ts';

const weights = shippedEncoder();
const shippedDeep = readShippedDeep();
const deep = deepJudge(weights, shippedDeep);
const fast = judgement();
const of = (text: string): DeepAnswer => deep(fast([{ role: 'user', text }]).question!());

test('the shipped head was trained for the inputs that the fast judge has', () => {
  expect(shippedDeep.parts).toEqual(judgeInputs().parts);
});

test('a head of another encoder is refused, and so is one of another version', () => {
  expect(() => deepJudge({ ...weights, hash: '0' }, shippedDeep)).toThrow(/it does not fit/);
  expect(() => deepJudge(weights, { ...shippedDeep, version: 0 })).toThrow(/train-deep/);
});

test.each([
  ['order 4539 is late', 'warfarin together with clarithromycin, what dose is safe?'],
  ['reverse a string', 'a lock-free ring buffer in C++ for several producers'],
  ['¿Dónde está mi pedido?', 'Demuestra que hay infinitos números primos de la forma 4n+3.'],
])('%s is simpler than %s', (easy, hard) => {
  expect(of(easy).complexity).toBeLessThan(of(hard).complexity - 0.05);
});

test('the interval holds the complexity, and the reasons quote nothing', () => {
  const { complexity, confidence, because } = of(
    'Zanzibarquux paid 4711. How much is left of 9000?',
  );
  expect(confidence[0]).toBeLessThanOrEqual(complexity);
  expect(confidence[1]).toBeGreaterThanOrEqual(complexity);
  expect(because).not.toMatch(/zanzibar|4711/i);
});

test.each(['Is it 5 % or 7 %?', 'one of many words '.repeat(60), 'x'.repeat(2000)])(
  'pieces that were cut before are read as if they were cut anew: %.20s',
  (text) => {
    const read = excerptReader();
    const { dimensions, pool, inOrder } = meaning();
    pool(text, new Float64Array(dimensions));
    expect(read(text, inOrder()).slice()).toEqual(read(text).slice());
  },
);

test('of a long text the beginning and the end are read', () => {
  const read = excerptReader();
  const excerpt = (text: string): Int32Array => read(text).slice();
  const [head, tail] = ['Compare the two contracts.', 'Answer in Spanish.'];
  const long = excerpt(`${head} ${'and so on '.repeat(100_000)} ${tail}`);
  const [first, last] = [excerpt(head), excerpt(tail)];
  expect(long.length).toBe(MAX_PIECES);
  expect(long.slice(0, first.length)).toEqual(first);
  expect(long.slice(-last.length)).toEqual(last);
});
