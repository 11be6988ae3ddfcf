/** The clock and the calendar of a time zone. */

export interface LocalTime {
  /** 0 to 23. */
  readonly hour: number;
  readonly minute: number;
  /** 1 is Monday, 7 is Sunday. */
  readonly weekday: number;
  readonly day: number;
  /** 1 to 12. */
  readonly month: number;
}

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const MINUTE_MS = 60_000;

/**
 * Reads clocks of one IANA zone, daylight saving included; the last minute is remembered, because formatting takes
 * microseconds and requests of one minute share it.
 * @throws RangeError for a zone that is not known
 */
export function clockOf(timeZone: string): (epochMs: number) => LocalTime {
  const formatter = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'iso8601',
    hourCycle: 'h23',
    hour: 'numeric',
    minute: 'numeric',
    weekday: 'short',
    day: 'numeric',
    month: 'numeric',
  });
  let known: { readonly minute: number; readonly time: LocalTime } | undefined;
  return (epochMs) => {
    const minute = Math.floor(epochMs / MINUTE_MS);
    if (known?.minute !== minute) known = { minute, time: read(formatter, epochMs) };
    return known.time;
  };
}

function read(formatter: Intl.DateTimeFormat, epochMs: number): LocalTime {
  const parts = new Map(
    formatter.formatToParts(epochMs).map(({ type, value }): [string, string] => [type, value]),
  );
  const part = (name: string): number => Number(parts.get(name));
  return {
    hour: part('hour'),
    minute: part('minute'),
    weekday: WEEKDAYS.indexOf(parts.get('weekday') ?? '') + 1,
    day: part('day'),
    month: part('month'),
  };
}
