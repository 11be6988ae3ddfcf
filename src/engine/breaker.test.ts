import { expect, test } from 'vitest';
import { Breaker, type Failure } from './breaker.ts';

let requests = 0;
const failure = (change: Partial<Failure> = {}): Failure => ({
  caller: 'ann',
  request: `r${(requests += 1)}`,
  isRateLimit: false,
  isSlow: false,
  ...change,
});
const atFirst = (): Breaker => new Breaker(() => true);

test('a closed one blocks nothing, whatever is done to it', () => {
  const breaker = atFirst();
  breaker.started(0);
  breaker.untold();
  breaker.retry(0);
  expect([breaker.phase(0), breaker.isBlocking(0), breaker.shutMs(0)]).toEqual([
    'closed',
    false,
    0,
  ]);
  expect(breaker.isQuiet(0)).toBe(true);
});

test('it lets one trial through when its cool-down is over', () => {
  const breaker = atFirst();
  breaker.failed(failure(), 0);
  expect([breaker.phase(4999), breaker.isBlocking(4999)]).toEqual(['open', true]);
  expect([breaker.phase(5000), breaker.isBlocking(5000)]).toEqual(['half-open', false]);
  breaker.started(5000);
  expect([breaker.phase(5000), breaker.isBlocking(5000)]).toEqual(['half-open', true]);
  breaker.untold();
  expect(breaker.isBlocking(5000)).toBe(false);
  breaker.started(5001);
  breaker.succeeded(5002);
  expect([breaker.phase(5002), breaker.isBlocking(5002)]).toEqual(['closed', false]);
});

test.each([
  [false, [5000, 10_000, 20_000, 40_000, 60_000, 60_000]],
  [true, [5000, 10_000, 10_000]],
])('each failed trial doubles the cool-down (rate limit: %s)', (isRateLimit, coolDowns) => {
  const breaker = atFirst();
  let now = 0;
  for (const ms of coolDowns) {
    breaker.failed(failure({ isRateLimit }), now);
    expect(breaker.phase(now + ms - 1)).toBe('open');
    expect(breaker.phase(now + ms)).toBe('half-open');
    now += ms;
  }
});

test('a failure within the cool-down prolongs it only with a word of the server', () => {
  const breaker = atFirst();
  breaker.failed(failure(), 0);
  breaker.failed(failure(), 4000);
  expect(breaker.phase(5000)).toBe('half-open');
  breaker.failed(failure(), 5000);
  breaker.failed(failure({ retryAfterMs: 30_000 }), 6000);
  expect([breaker.phase(35_999), breaker.phase(36_000)]).toEqual(['open', 'half-open']);
});

test('the server’s word is obeyed up to ten minutes, whatever a probe says', () => {
  const breaker = atFirst();
  breaker.failed(failure({ retryAfterMs: 3_600_000 }), 0);
  breaker.retry(1000);
  expect(breaker.shutMs(1000)).toBe(599_000);
  expect([breaker.phase(599_999), breaker.phase(600_000)]).toEqual(['open', 'half-open']);
});

test('a probe’s good news ends a cool-down early', () => {
  const breaker = atFirst();
  breaker.failed(failure(), 0);
  expect(breaker.shutMs(1000)).toBe(4000);
  breaker.retry(1000);
  expect([breaker.phase(1000), breaker.shutMs(1000)]).toEqual(['half-open', 0]);
});

test('where nothing else can answer it is asked every five seconds; what is only slow, always', () => {
  const [dead, slow] = [atFirst(), atFirst()];
  dead.failed(failure(), 0);
  slow.failed(failure({ isSlow: true }), 0);
  expect([dead.shutMs(0), slow.shutMs(0)]).toEqual([5000, 0]);
  dead.started(2000);
  expect([dead.shutMs(2000), dead.shutMs(7000)]).toEqual([5000, 0]);
});

test('failures that are a small part of what comes back open nothing', () => {
  const breaker = atFirst();
  for (let at = 0; at < 3; at += 1) breaker.succeeded(at);
  breaker.failed(failure(), 3);
  expect(breaker.phase(3)).toBe('closed');
  breaker.failed(failure(), 20_000);
  expect(breaker.phase(20_000)).toBe('open');
});

test('what opens again soon is left alone longer, and a probe does not shorten that', () => {
  const breaker = atFirst();
  breaker.failed(failure(), 0);
  breaker.succeeded(5000);
  expect([breaker.isQuiet(125_000), breaker.isQuiet(125_001)]).toEqual([false, true]);
  breaker.failed(failure(), 20_000);
  breaker.retry(21_000);
  expect([breaker.phase(49_999), breaker.phase(50_000)]).toEqual(['open', 'half-open']);
});

test('it counts different requests and callers up to sixteen', () => {
  const rows: number[][] = [];
  const breaker = new Breaker(({ failures, requests: different, callers }) => {
    rows.push([failures, different, callers]);
    return false;
  });
  breaker.failed(failure({ request: 'same' }), 0);
  breaker.failed(failure({ request: 'same' }), 0);
  breaker.failed(failure({ request: 'same', caller: 'bob' }), 0);
  for (let at = 0; at < 30; at += 1) breaker.failed(failure({ caller: `c${at}` }), 0);
  expect(rows.slice(0, 3)).toEqual([
    [1, 1, 1],
    [2, 1, 1],
    [3, 2, 2],
  ]);
  expect(rows.at(-1)).toEqual([33, 16, 16]);
});
