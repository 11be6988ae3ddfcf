import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Format } from './exposition.ts';
import { lastingPart, mergeExpositions } from './merge-expositions.ts';
import { METRICS } from './metric-definitions.ts';
import { createSeries, type MetricRegistry } from './series.ts';

/** Sixty-fourths: their sums are exact in any order. */
const event = fc.record({
  value: fc.integer({ min: 0, max: 1_000_000 }).map((sixtyFourths) => sixtyFourths / 64),
  label: fc.constantFrom('local', 'cloud', 'a "b"\\ # {c} 7\n'),
  worker: fc.integer({ min: 0, max: 2 }),
});
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;

/** The metrics of a process that saw these events. */
function fed(events: readonly Event[]): MetricRegistry {
  const series = createSeries({ cap: 1000 });
  const requests = series.counter(METRICS.errors);
  const cost = series.scaledCounter(METRICS.cost, 1e9);
  const time = series.histogram(METRICS.firstToken, [1, 100, 5000]);
  for (const { value, label } of events) {
    requests.with(label).value += 1;
    cost.with(label, 'm', 'k').value += value * 64;
    time.observe(value, label);
  }
  series.scraped(METRICS.inflight, 'gauge', () => [[['local'], events.length]]);
  return series;
}

const sorted = (text: string): readonly string[] => text.split('\n').toSorted();

describe.each<Format>(['prometheus', 'openmetrics'])('in %s', (format) => {
  test('the parts of what several processes saw add up to what one would have seen', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const parts = [0, 1, 2].map((worker) =>
          fed(events.filter((one) => one.worker === worker)).text(format),
        );
        const whole = mergeExpositions([fed(events).text(format)], format);
        expect(sorted(mergeExpositions(parts, format))).toEqual(sorted(whole));
      }),
    );
  });

  test('one exposition stays as it is', () => {
    const text = fed([{ value: 3.25, label: 'local', worker: 0 }]).text(format);
    const end = format === 'openmetrics' ? '# EOF\n' : '';
    expect(mergeExpositions([text + end], format)).toBe(text + end);
  });
});

test('money of several processes adds up to the nano-dollar', () => {
  const spent = [100_000_000, 200_000_000].map((nano) => {
    const series = createSeries({ cap: 10 });
    series.scaledCounter(METRICS.cost, 1e9).with('cloud', 'm', 'input').value += nano;
    return series.text();
  });
  expect(mergeExpositions(spent, 'prometheus')).toContain('kind="input"} 0.3\n');
});

test('what is the same in all processes is not added up', () => {
  const one = createSeries({ cap: 10 });
  one.scraped(METRICS.budget, 'gauge', () => [[['team', 'limit'], 20]]);
  const two = createSeries({ cap: 10 });
  two.scraped(METRICS.budget, 'gauge', () => [[['team', 'limit'], 20.5]]);
  expect(mergeExpositions([one.text(), two.text()], 'prometheus')).toContain(
    'smallfirst_budget_usd{scope="team",state="limit"} 20.5\n',
  );
});

test('of two exemplars the later stays', () => {
  const at = (requestId: string, atMs: number): string => {
    const series = createSeries({ cap: 100 });
    series.histogram(METRICS.firstToken, [1]).observeOf({ requestId, atMs }, 0.5, 'local');
    return series.text('openmetrics');
  };
  const merged = mergeExpositions([at('req_late', 2000), at('req_early', 1000)], 'openmetrics');
  expect(merged).toContain('le="1.0"} 2 # {request_id="req_late"} 0.5 2.000\n');
});

test('of a process that is gone its counters and histograms stay', () => {
  const text = lastingPart(fed([{ value: 1, label: 'local', worker: 0 }]).text());
  expect(text).toContain('smallfirst_errors_total{code="local"} 1\n');
  expect(text).toContain('smallfirst_time_to_first_token_seconds_count{upstream="local"} 1\n');
  expect(text).not.toContain('inflight');
});
