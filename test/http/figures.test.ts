/** Summary, series and the list of requests of a running gateway. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seriesAnswer, summaryAnswer, type Summary } from '../../src/core/admin-figures.ts';
import { rowsAnswer, type RequestRows } from '../../src/core/admin-requests.ts';
import { rounded } from '../support/rounded.ts';
import { EASY, HARD, startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

let whole: WholeGateway;
beforeAll(async () => {
  whole = await startTestGateway({ store: 'sqlite' });
  await (await whole.chat(EASY)).text();
  await (await whole.chat(EASY, { model: 'small' })).text();
  await (await whole.chat(HARD)).text();
  await (await whole.chat(EASY, { model: 'nobody-has-it' })).text();
});
afterAll(() => whole.close());

const ask = async (path: string): Promise<Response> => await fetch(whole.gateway.url + path);
const asked = async (path: string): Promise<unknown> => {
  const answer = await ask(path);
  expect(answer.status).toBe(200);
  return await answer.json();
};

describe('the summary', () => {
  test('has the report of the window, and what only the page shows', async () => {
    const summary = summaryAnswer.parse(await asked('/admin/summary'));
    expect(summary.requests).toMatchObject({ total: 4, small: 2, large: 1 });
    const report = (await asked('/admin/report')) as Summary;
    expect(rounded(summary.spending)).toEqual(rounded(report.spending));
    expect(summary.spending.total.nanoUsd).toBe(report.spending.total.nanoUsd);
    expect(summary.latency['small']?.count).toBe(2);
    expect(summary.by.tier.map(({ name }) => name)).toEqual(['small', 'large', 'none']);
  });

  test('is narrowed by dimensions, several values of one being any of them', async () => {
    const of = async (query: string) =>
      ((await asked(`/admin/summary?${query}`)) as Summary).requests.total;
    expect(await of('tier=small')).toBe(2);
    expect(await of('tier=small&tier=large')).toBe(3);
    expect(await of('upstream=cloud&outcome=answered')).toBe(1);
  });
});

test('windows before anything that is kept are refused, with when that begins', async () => {
  const window = 'from=1000&to=2000';
  for (const [path, words] of [
    [`/admin/summary?${window}`, /No figures are kept of before \d+ \(20.*; ask from then on/],
    [`/admin/series?metric=cost&step=1m&${window}`, /No figures are kept/],
    [`/admin/requests?view=rows&${window}`, /No requests are kept of before .*\/admin\/summary/],
  ] as const) {
    const answer = await ask(path);
    expect(answer.status, path).toBe(400);
    expect(await answer.json()).toMatchObject({
      error: { param: 'to', message: expect.stringMatching(words) },
    });
  }
  // Nothing happened then, which is another thing.
  const [from, to] = [Date.now() - 1, Date.now()];
  expect((await ask(`/admin/requests?view=rows&from=${from}&to=${to}`)).status).toBe(200);
});

describe('a series', () => {
  test('has a line for each value, and null where nothing is known', async () => {
    const series = seriesAnswer.parse(await asked('/admin/series?metric=requests&by=tier&step=1h'));
    const sums = series.lines.map(({ name, values }) => [
      name,
      values.reduce<number>((a, b) => a + (b ?? 0), 0),
    ]);
    expect(sums).toEqual([
      ['small', 2],
      ['large', 1],
      ['none', 1],
    ]);
    expect(series.lines[0]?.values).toHaveLength(series.times.length);
    const latency = seriesAnswer.parse(await asked('/admin/series?metric=latency&step=15m'));
    expect(latency.lines.map(({ part }) => part)).toEqual(['p50', 'p95', 'p99']);
    expect(latency.lines[0]?.values.filter((value) => value !== null)).not.toEqual([]);
    expect(latency.lines[0]?.values).toContain(null);
  });
});

test.each([
  ['/admin/series?metric=request', /'metric' must be one of requests, .*verdicts/],
  ['/admin/series', /'metric' must be one of/],
  ['/admin/series?metric=cost&by=colour', /'by' must be one of tier, upstream/],
  ['/admin/series?metric=cost&step=2h', /'step' must be one of 1m, 5m, 15m, 1h, 6h, 1d/],
  ['/admin/series?metric=cost&step=1m&from=0&to=1e12', /more than 2000 steps.*1d fits/],
  ['/admin/series?metric=cost&zone=Mars', /'zone' must be a time zone.*but is 'Mars'/],
  [
    '/admin/summary?teir=small',
    /no parameter 'teir' here. Did you mean 'tier'\? There are: tier, /,
  ],
  ['/admin/summary?from=2&to=1', /'from' must be before 'to'/],
  ['/admin/requests?view=row', /'view' must be one of rows/],
  ['/admin/requests?view=rows&sort=size', /'sort' must be one of time, cost, latency/],
  ['/admin/requests?view=rows&cursor=x', /'cursor' is not one of ours/],
  ['/admin/requests?view=rows&minNanoUsd=much', /'minNanoUsd' must be a number, but is 'much'/],
])('%s is refused with what there is', async (path, message) => {
  const answer = await ask(path);
  expect(answer.status).toBe(400);
  const { error } = (await answer.json()) as { error: { message: string } };
  expect(error.message).toMatch(message);
});

describe('rows of requests', () => {
  const rows = async (query = ''): Promise<RequestRows> =>
    rowsAnswer.parse(await asked(`/admin/requests?view=rows${query}`));

  test('are short, newest first, and come page by page', async () => {
    const all = await rows();
    expect(all.rows.map(({ outcome }) => outcome)).toEqual([
      'failed',
      'answered',
      'answered',
      'answered',
    ]);
    const first = await rows('&limit=3');
    const second = await rows(`&limit=3&cursor=${first.next}`);
    expect([...first.rows, ...second.rows]).toEqual(all.rows);
    expect(second.next).toBeUndefined();
  });

  test('are filtered and sorted', async () => {
    expect((await rows('&tier=small')).rows).toHaveLength(2);
    expect((await rows('&text=GPT-4O')).rows).toHaveLength(1);
    const [{ id } = { id: '' }] = (await rows('&outcome=failed')).rows;
    expect((await rows(`&text=${id.slice(0, 20)}`)).rows).toMatchObject([{ id }]);
    const slowest = (await rows('&sort=latency')).rows.map(({ latencyMs }) => latencyMs);
    expect(slowest).toEqual(slowest.toSorted((a, b) => b - a));
    const dearest = (await rows('&sort=cost&order=asc')).rows.map(({ nanoUsd = 0 }) => nanoUsd);
    expect(dearest).toEqual(dearest.toSorted((a, b) => a - b));
  });

  test('are given as CSV too', async () => {
    const answer = await ask('/admin/requests.csv?tier=small');
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const [head, ...lines] = (await answer.text()).trimEnd().split('\n');
    expect(head).toMatch(/^id,atMs,kind,key,outcome,/);
    expect(lines).toHaveLength(2);
  });
});
