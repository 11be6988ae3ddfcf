import { expect, test } from 'vitest';
import { clockOf } from './local-time.ts';

test.each([
  ['UTC', '2026-03-02T23:59:30Z', { hour: 23, minute: 59, weekday: 1, day: 2, month: 3 }],
  ['Europe/Madrid', '2026-03-02T23:59:30Z', { hour: 0, minute: 59, weekday: 2, day: 3, month: 3 }],
  ['America/Los_Angeles', '2026-01-01T06:30:00Z', { hour: 22, minute: 30, day: 31, month: 12 }],
  ['Asia/Kolkata', '2026-06-07T20:00:00Z', { hour: 1, minute: 30, weekday: 1, day: 8 }],
])('in %s it is %s', (zone, at, time) => {
  expect(clockOf(zone)(Date.parse(at))).toMatchObject(time);
});

test('clocks change with daylight saving', () => {
  const madrid = clockOf('Europe/Madrid');
  expect(madrid(Date.parse('2026-03-29T00:59:00Z')).hour).toBe(1);
  expect(madrid(Date.parse('2026-03-29T01:00:00Z')).hour).toBe(3);
});

test('a zone that is not known is refused', () => {
  expect(() => clockOf('Mars/Base')).toThrow(RangeError);
});
