import { describe, expect, test } from 'vitest';
import { createSeries } from './series.ts';

const registry = (cap = 100) => createSeries({ cap });

describe('a counter', () => {
  test('has one series per tuple of label values', () => {
    const series = registry();
    const counter = series.counter({
      name: 'hits',
      help: 'Hits.',
      across: 'sum',
      labels: ['a', 'b'],
    });
    counter.with('x', 'y').value += 1;
    counter.with('x', 'y').value += 2;
    counter.with('x', 'z').value += 5;
    expect(series.text()).toBe(
      '# HELP hits Hits.\n# TYPE hits counter\nhits{a="x",b="y"} 3\nhits{a="x",b="z"} 5\n',
    );
  });

  test('without labels has one series', () => {
    const series = registry();
    const counter = series.counter({ name: 'hits', help: 'Hits.', across: 'sum' });
    counter.with().value += 1;
    counter.with().value += 1;
    expect(series.text()).toContain('\nhits 2\n');
  });

  test('that is scaled sums integers and is written in the base unit', () => {
    const series = registry();
    series.scaledCounter({ name: 'usd', help: 'USD.', across: 'sum' }, 1e9).with().value += 900_000;
    expect(series.text()).toContain('\nusd 0.0009\n');
  });

  test('escapes label values', () => {
    const series = registry();
    series
      .counter({ name: 'hits', help: 'H.', across: 'sum', labels: ['a'] })
      .with('q"b\\n\nx').value += 1;
    expect(series.text()).toContain(String.raw`hits{a="q\"b\\n\nx"} 1`);
  });
});

test('a histogram counts up to each bound, cumulatively, with its sum', () => {
  const series = registry();
  const histogram = series.histogram(
    { name: 't', help: 'T.', across: 'sum', labels: ['u'] },
    [1, 2.5],
  );
  for (const value of [0.5, 1, 2, 9]) histogram.observe(value, 'x');
  expect(series.text()).toBe(
    [
      '# HELP t T.',
      '# TYPE t histogram',
      't_bucket{u="x",le="1"} 2',
      't_bucket{u="x",le="2.5"} 3',
      't_bucket{u="x",le="+Inf"} 4',
      't_sum{u="x"} 12.5',
      't_count{u="x"} 4',
      '',
    ].join('\n'),
  );
});

test('a scraped metric is read anew at each scrape', () => {
  const series = registry();
  let depth = 1;
  series.scraped({ name: 'd', help: 'D.', across: 'sum', labels: ['u'] }, 'gauge', () => [
    [['x'], depth],
  ]);
  expect(series.text()).toContain('d{u="x"} 1\n');
  depth = 7;
  expect(series.text()).toContain('d{u="x"} 7\n');
});

test('beyond the cap observations of new series are dropped and counted, those of known series are kept', () => {
  const series = registry(2);
  const counter = series.counter({ name: 'hits', help: 'Hits.', across: 'sum', labels: ['a'] });
  for (const label of ['x', 'y', 'junk1', 'junk2', 'x']) counter.with(label).value += 1;
  expect(series.size()).toEqual({ series: 2, dropped: 2 });
  expect(series.text()).toContain('hits{a="x"} 2\n');
  expect(series.text()).not.toContain('junk');
});

describe('in OpenMetrics', () => {
  test('the family name of a counter has no _total, its samples have it', () => {
    const series = registry();
    series.counter({ name: 'hits_total', help: 'Hits.', across: 'sum' }).with().value += 1;
    series.counter({ name: 'odd', help: 'Odd.', across: 'sum' }).with().value += 1;
    expect(series.text('openmetrics')).toBe(
      '# HELP hits Hits.\n# TYPE hits counter\nhits_total 1\n# HELP odd Odd.\n# TYPE odd unknown\nodd 1\n',
    );
  });

  test('bounds are floats, and each bucket has an exemplar of its latest request', () => {
    const series = registry();
    const histogram = series.histogram(
      { name: 't', help: 'T.', across: 'sum', labels: ['u'] },
      [1, 2.5],
    );
    histogram.observe(0.5, 'x');
    histogram.observeOf({ requestId: 'req_1', atMs: 1_000 }, 2, 'x');
    histogram.observeOf({ requestId: 'req_2', atMs: 2_500 }, 2.25, 'x');
    histogram.observeOf({ requestId: 'req_3', atMs: 3_000, traceId: 'ab' }, 9, 'x');
    expect(series.text('openmetrics').split('\n').slice(2)).toEqual([
      't_bucket{u="x",le="1.0"} 1',
      't_bucket{u="x",le="2.5"} 3 # {request_id="req_2"} 2.25 2.500',
      't_bucket{u="x",le="+Inf"} 4 # {request_id="req_3",trace_id="ab"} 9 3.000',
      't_sum{u="x"} 13.75',
      't_count{u="x"} 4',
      '',
    ]);
    expect(series.text()).not.toContain('req_');
    expect(series.text()).toContain('t_bucket{u="x",le="1"} 1\n');
  });
});
