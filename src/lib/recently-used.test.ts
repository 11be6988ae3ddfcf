import { expect, test } from 'vitest';
import { recentlyUsed } from './recently-used.ts';

test('the least recently used goes when there are too many', () => {
  const cache = recentlyUsed<string, number>(2);
  cache.set('one', 1).set('two', 2);
  cache.get('one');
  cache.set('three', 3);
  expect([...cache.keys()].toSorted()).toEqual(['one', 'three']);
  cache.delete('one');
  cache.set('four', 4).set('three', 33);
  expect([...cache.entries()]).toEqual([
    ['three', 33],
    ['four', 4],
  ]);
});
