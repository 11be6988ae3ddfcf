import { expect, test } from 'vitest';
import { tooSlow, type Upload } from './slow-uploads.ts';

const upload = (): Upload => ({
  bytes: 0,
  startedMs: 5,
  span: { sinceMs: 5, bytes: 0 },
  end: () => {},
  bagAt: -1,
});
const at = (of: Upload, ms: number, bytes: number): boolean => {
  of.bytes = bytes;
  return tooSlow(of, 5 + ms) !== undefined;
};

test.each<readonly [number, number, boolean]>([
  [9999, 0, false],
  [10_001, 9000, true],
  [10_001, 11_000, false],
  [30_000, 40_000, false],
  [31_000, 40_000, true],
  // 30 MB at 100 kB a second
  [300_000, 30_000_000, false],
  [331_000, 30_000_000, true],
])('after %i ms and %i bytes it is too slow: %s', (ms, bytes, isTooSlow) => {
  expect(at(upload(), ms, bytes)).toBe(isTooSlow);
});

test('one that was fast and stands still is ended after ten seconds', () => {
  const one = upload();
  expect(at(one, 10_001, 30_000_000)).toBe(false);
  expect(at(one, 20_000, 30_000_000)).toBe(false);
  expect(at(one, 20_003, 30_009_000)).toBe(true);
});
