import { expect, test } from 'vitest';
import { fairLine } from './fair-line.ts';

const nothing = (): void => {};

/** Work that ends when it is told to. */
function work() {
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const named = (name: string) => (): Promise<string> => {
    begun.push(name);
    return new Promise((resolve) => ends.push(() => resolve(name)));
  };
  return { begun, ends, named };
}

test('one who brings many makes the others wait for one of them', async () => {
  const { begun, ends, named } = work();
  const line = fairLine(1);
  const all = [
    ...['a1', 'a2', 'a3'].map((name) => line.inTurn('a', named(name))),
    ...['b1', 'b2'].map((name) => line.inTurn('b', named(name))),
    line.inTurn('c', named('c1')),
  ];
  for (const [at, one] of ['a1', 'a2', 'b1', 'c1', 'a3', 'b2'].entries()) {
    expect(begun).toHaveLength(at + 1);
    expect(begun.at(-1)).toBe(one);
    ends[at]?.();
    await new Promise(setImmediate);
  }
  expect(await Promise.all(all)).toEqual(['a1', 'a2', 'a3', 'b1', 'b2', 'c1']);
});

test('so many work at once, also after one failed', async () => {
  const { begun, ends, named } = work();
  const line = fairLine(2);
  await expect(line.inTurn('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  const three = ['1', '2', '3'].map((name) => line.inTurn('a', named(name)));
  expect(begun).toEqual(['1', '2']);
  ends[1]?.();
  await new Promise(setImmediate);
  expect(begun).toEqual(['1', '2', '3']);
  for (const end of ends) end();
  await Promise.all(three).then(nothing);
});
