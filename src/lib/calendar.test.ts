import { describe, expect, test } from 'vitest';
import { inZone, isZone, periodAt, type CalendarPeriod } from './calendar.ts';

const hours = (per: CalendarPeriod, zone: string, at: string) => {
  const { startMs, endMs } = periodAt(per, zone, Date.parse(at));
  return [inZone(startMs, zone), inZone(endMs, zone), (endMs - startMs) / 3_600_000];
};

describe('a period', () => {
  test.each<[CalendarPeriod, string, string, string, string, number]>([
    [
      'day',
      'UTC',
      '2026-03-04T05:06:07Z',
      '2026-03-04T00:00:00+00:00',
      '2026-03-05T00:00:00+00:00',
      24,
    ],
    [
      'day',
      'Europe/Madrid',
      '2026-03-29T10:00:00Z',
      '2026-03-29T00:00:00+01:00',
      '2026-03-30T00:00:00+02:00',
      23,
    ],
    [
      'day',
      'Europe/Madrid',
      '2026-10-25T10:00:00Z',
      '2026-10-25T00:00:00+02:00',
      '2026-10-26T00:00:00+01:00',
      25,
    ],
    [
      'day',
      'Asia/Kathmandu',
      '2026-01-01T18:14:59Z',
      '2026-01-01T00:00:00+05:45',
      '2026-01-02T00:00:00+05:45',
      24,
    ],
    [
      'day',
      'Pacific/Kiritimati',
      '2026-01-01T10:00:00Z',
      '2026-01-02T00:00:00+14:00',
      '2026-01-03T00:00:00+14:00',
      24,
    ],
    [
      'week',
      'Europe/Madrid',
      '2026-11-29T22:59:59Z',
      '2026-11-23T00:00:00+01:00',
      '2026-11-30T00:00:00+01:00',
      168,
    ],
    [
      'week',
      'Europe/Madrid',
      '2026-11-29T23:00:00Z',
      '2026-11-30T00:00:00+01:00',
      '2026-12-07T00:00:00+01:00',
      168,
    ],
    [
      'month',
      'America/New_York',
      '2026-12-31T23:00:00Z',
      '2026-12-01T00:00:00-05:00',
      '2027-01-01T00:00:00-05:00',
      744,
    ],
    [
      'month',
      'Europe/Madrid',
      '2026-11-30T22:59:59.999Z',
      '2026-11-01T00:00:00+01:00',
      '2026-12-01T00:00:00+01:00',
      720,
    ],
  ])('%s in %s at %s', (per, zone, at, start, end, length) => {
    expect(hours(per, zone, at)).toEqual([start, end, length]);
  });

  test('begins at the first moment of a day that has no midnight', () => {
    // In Beirut clocks go from 0:00 to 1:00.
    const [start, , length] = hours('day', 'Asia/Beirut', '2026-03-29T10:00:00Z');
    expect([start, length]).toEqual(['2026-03-29T01:00:00+03:00', 23]);
  });

  test('every moment of two years is in exactly one, and they follow on each other', () => {
    for (const zone of [
      'UTC',
      'Europe/Madrid',
      'America/Sao_Paulo',
      'Asia/Beirut',
      'Pacific/Apia',
    ]) {
      for (const per of ['day', 'week', 'month'] as const) {
        let { startMs, endMs } = periodAt(per, zone, Date.parse('2025-01-01T12:00:00Z'));
        while (endMs < Date.parse('2027-01-01T00:00:00Z')) {
          expect(periodAt(per, zone, endMs - 1)).toEqual({ startMs, endMs });
          const next = periodAt(per, zone, endMs);
          expect(next.startMs).toBe(endMs);
          ({ startMs, endMs } = next);
        }
      }
    }
  });

  test('`all` has no end', () => {
    expect(periodAt('all', 'UTC', 0)).toEqual({ startMs: -Infinity, endMs: Infinity });
  });
});

test('a zone is one that the runtime knows', () => {
  expect(['Europe/Madrid', 'UTC', 'Mars/Base', ''].map(isZone)).toEqual([true, true, false, false]);
});
