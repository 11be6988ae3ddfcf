/** A minute of what `npm run soak` does for an hour: the heap's slope says nothing in so short a time, and is printed alone. */
import { expect, test } from 'vitest';
import { broken } from '../soak/limits.ts';
import { soak } from '../soak/soak.ts';

test('mixed load of which one in ten meets a fault: answered by the other target, and every call has its record', async () => {
  const figures = await soak(1, 25);
  // A figure of the table in `test/security/README.md`.
  // oxlint-disable-next-line no-console
  console.log(JSON.stringify(figures));
  expect(figures.good).toBeGreaterThan(0);
  expect(broken(figures)).toEqual([]);
});
