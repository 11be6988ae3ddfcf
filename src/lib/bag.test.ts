import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Bag, type Bagged } from './bag.ts';

const item = (): Bagged => ({ bagAt: -1 });

test('holds what was added and not deleted, like a set', () => {
  const steps = fc.array(fc.tuple(fc.boolean(), fc.nat(9)));
  fc.assert(
    fc.property(steps, (list) => {
      const all = Array.from({ length: 10 }, item);
      const bag = new Bag<Bagged>();
      const set = new Set<Bagged>();
      for (const [adds, at] of list) {
        const one = all[at]!;
        if (!adds) expect(bag.delete(one)).toBe(set.delete(one));
        else if (!set.has(one)) {
          bag.add(one);
          set.add(one);
        }
        expect(bag.size).toBe(set.size);
      }
      expect(new Set(bag.items())).toEqual(set);
    }),
  );
});

test('what is in another bag is not deleted here', () => {
  const [one, other] = [item(), item()];
  const [bag, second] = [new Bag<Bagged>(), new Bag<Bagged>()];
  bag.add(one);
  second.add(other);
  expect(bag.delete(other)).toBe(false);
  expect(second.items()).toEqual([other]);
});

test('may be emptied while its items are gone through', () => {
  const bag = new Bag<Bagged>();
  for (let count = 0; count < 3; count += 1) bag.add(item());
  for (const one of bag.items()) bag.delete(one);
  expect(bag.size).toBe(0);
  bag.add(item());
  bag.clear();
  expect(bag.items()).toEqual([]);
});
