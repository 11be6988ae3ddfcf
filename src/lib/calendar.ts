/** Where a period begins and ends: at midnights of a time zone, whatever daylight saving does to the hours between them. */
/** What recurs; `all` is one period without end. */
export type CalendarPeriod = 'day' | 'week' | 'month' | 'all';

/** Milliseconds since the epoch; the end is exclusive. */
export interface Period {
  readonly startMs: number;
  readonly endMs: number;
}

interface LocalDate {
  readonly year: number;
  /** From 1. */
  readonly month: number;
  readonly day: number;
}

const DAY_MS = 86_400_000;
/** Zones are at most 14 hours ahead of UTC and 12 behind it; midnights are looked for a day around UTC's. */
const FURTHEST_MS = DAY_MS;

export function isZone(zone: string): boolean {
  try {
    formatterOf(zone);
    return true;
  } catch {
    return false;
  }
}

/** A period of the zone's own days: 23 or 25 hours long when clocks change. Weeks begin on Monday. */
export function periodAt(per: CalendarPeriod, zone: string, atMs: number): Period {
  if (per === 'all') return { startMs: -Infinity, endMs: Infinity };
  const formatter = formatterOf(zone);
  const [first, next] = boundsOf(per, dateAt(formatter, atMs));
  return { startMs: startOf(formatter, first), endMs: startOf(formatter, next) };
}

function boundsOf(per: Exclude<CalendarPeriod, 'all'>, date: LocalDate): [LocalDate, LocalDate] {
  const { year, month, day } = date;
  switch (per) {
    case 'day':
      return [date, { year, month, day: day + 1 }];
    case 'week': {
      const monday = day - ((new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7);
      return [
        { year, month, day: monday },
        { year, month, day: monday + 7 },
      ];
    }
    case 'month':
      return [
        { year, month, day: 1 },
        { year, month: month + 1, day: 1 },
      ];
  }
}

/** The first millisecond of a local day, also where that day has no midnight. Days and months may overflow. */
function startOf(formatter: Intl.DateTimeFormat, { year, month, day }: LocalDate): number {
  const wanted = Date.UTC(year, month - 1, day);
  let before = wanted - FURTHEST_MS;
  let after = wanted + FURTHEST_MS;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    const date = dateAt(formatter, middle);
    if (Date.UTC(date.year, date.month - 1, date.day) < wanted) before = middle;
    else after = middle;
  }
  return after;
}

function dateAt(formatter: Intl.DateTimeFormat, atMs: number): LocalDate {
  const found = { year: 0, month: 0, day: 0 };
  for (const { type, value } of formatter.formatToParts(atMs)) {
    if (type === 'year' || type === 'month' || type === 'day') found[type] = Number(value);
  }
  return found;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known !== undefined) return known;
  const formatter = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'iso8601',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
  });
  formatters.set(zone, formatter);
  return formatter;
}

/** ISO 8601 to the second with the zone's offset at that time: `2026-12-01T00:00:00+01:00`. */
export function inZone(atMs: number, zone: string): string {
  const offset = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
    .formatToParts(atMs)
    .find(({ type }) => type === 'timeZoneName');
  const [, sign = '+', hours = '00', minutes = '00'] =
    /GMT([+-])(\d\d):(\d\d)/.exec(offset?.value ?? '') ?? [];
  const shift = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -60_000 : 60_000);
  return `${new Date(atMs + shift).toISOString().slice(0, 19)}${sign}${hours}:${minutes}`;
}
