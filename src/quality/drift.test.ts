import { expect, test } from 'vitest';
import { hasShifted, mixOf, verdictWatch } from './drift.ts';

const often = (count: number, every: number): boolean[] =>
  Array.from({ length: count }, (_, at) => at % every === every - 1);

test('as many worse answers as were promised raise no alarm, five times as many do', () => {
  const calm = verdictWatch(0.02);
  expect(often(1000, 50).map(calm)).not.toContain(true);
  const alarmed = verdictWatch(0.02);
  const first = often(1000, 10).map(alarmed).indexOf(true);
  expect(first).toBeGreaterThan(20);
  expect(first).toBeLessThan(150);
});

test('a long good time does not hide what comes after it', () => {
  const watch = verdictWatch(0.02);
  for (let at = 0; at < 5000; at += 1) watch(false);
  expect(often(150, 10).map(watch)).toContain(true);
});

const requests = (billing: number, other: number) => [
  ...Array.from({ length: billing }, () => ({ domain: 'billing', complexity: 0.12 })),
  ...Array.from({ length: other }, () => ({ domain: 'other', complexity: 0.55 })),
];

test('a mix is another one where its shares moved far, and not with few requests', () => {
  const before = mixOf(requests(300, 100));
  const same = mixOf(requests(600, 200));
  const moved = mixOf(requests(100, 300));
  expect(hasShifted(before.domains, same.domains)).toBe(false);
  expect(hasShifted(before.domains, moved.domains)).toBe(true);
  expect(hasShifted(before.complexity, moved.complexity)).toBe(true);
  expect(hasShifted(before.domains, mixOf(requests(40, 100)).domains)).toBe(false);
});
