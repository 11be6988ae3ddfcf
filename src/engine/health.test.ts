import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AttemptCause } from '../core/errors.ts';
import { createHealth, type Health } from './health.ts';

function clocked(): { health: Health; pass: (ms: number) => void } {
  let now = 1000;
  return {
    health: createHealth(() => now),
    pass: (ms) => {
      now += ms;
    },
  };
}

function attempt(health: Health, cause?: AttemptCause): void {
  health.started('a');
  health.ended({ upstream: 'a', outcome: cause ? 'failed' : 'ok', ...(cause ? { cause } : {}) });
}

const failThrice = (health: Health, cause: AttemptCause = 'timeout'): void => {
  for (let i = 0; i < 3; i += 1) attempt(health, cause);
};

test('an upstream that nobody asked yet is healthy', () => {
  expect(clocked().health.state('a')).toEqual({ healthy: true, phase: 'closed', queueDepth: 0 });
});

test('three failures in a row make it cool down; a success between them does not', () => {
  const { health } = clocked();
  attempt(health, 'timeout');
  attempt(health, 'server_error');
  attempt(health);
  attempt(health, 'unreachable');
  attempt(health, 'timeout');
  expect(health.state('a').healthy).toBe(true);
  attempt(health, 'bad_answer');
  expect(health.state('a')).toMatchObject({ healthy: false, phase: 'open' });
});

test('after the cool-down one attempt may try, and only one', () => {
  const { health, pass } = clocked();
  failThrice(health);
  pass(4999);
  expect(health.state('a').healthy).toBe(false);
  pass(1);
  expect(health.state('a')).toMatchObject({ healthy: true, phase: 'half-open' });
  health.started('a');
  expect(health.state('a').healthy).toBe(false);
  health.ended({ upstream: 'a', outcome: 'ok' });
  expect(health.state('a')).toMatchObject({ healthy: true, phase: 'closed' });
});

test('each failed trial doubles the cool-down, up to a minute', () => {
  const { health, pass } = clocked();
  failThrice(health);
  for (const ms of [5000, 10_000, 20_000, 40_000, 60_000, 60_000]) {
    pass(ms - 1);
    expect(health.state('a').healthy).toBe(false);
    pass(1);
    expect(health.state('a').healthy).toBe(true);
    attempt(health, 'unreachable');
  }
});

test('a rate limit never keeps it away for longer than ten seconds', () => {
  const { health, pass } = clocked();
  failThrice(health, 'rate_limited');
  for (let i = 0; i < 5; i += 1) {
    pass(10_000);
    expect(health.state('a').healthy).toBe(true);
    attempt(health, 'rate_limited');
  }
});

test('a caller who leaves during the trial gives the next one a chance', () => {
  const { health, pass } = clocked();
  failThrice(health);
  pass(5000);
  health.started('a');
  health.ended({ upstream: 'a', outcome: 'aborted' });
  expect(health.state('a')).toMatchObject({ healthy: true, phase: 'half-open' });
});

test('a probe that succeeds ends a cool-down with a trial; one that fails changes nothing', () => {
  const { health } = clocked();
  failThrice(health);
  health.probed('a', false);
  expect(health.state('a').healthy).toBe(false);
  health.probed('a', true);
  expect(health.state('a')).toMatchObject({ healthy: true, phase: 'half-open' });
});

test('what a caller did wrong, or a model cannot do, never takes an upstream out', () => {
  const causes: AttemptCause[] = ['rejected', 'not_capable', 'context_overflow', 'aborted'];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...causes), { maxLength: 30 }), (list) => {
      const { health } = clocked();
      for (const cause of list) attempt(health, cause);
      return health.state('a').healthy;
    }),
  );
});

test('attempts in flight are counted, and never below none', () => {
  const { health } = clocked();
  health.started('a');
  health.started('a');
  health.started('b');
  expect(health.state('a').queueDepth).toBe(2);
  for (let i = 0; i < 3; i += 1) health.ended({ upstream: 'a', outcome: 'ok' });
  expect(health.state('a').queueDepth).toBe(0);
  expect(health.state('b').queueDepth).toBe(1);
});

test('the time to first token is the median of the last fifteen', () => {
  const { health } = clocked();
  const see = (ttftMs: number): void => health.ended({ upstream: 'a', outcome: 'ok', ttftMs });
  [10, 20, 9000].forEach(see);
  expect(health.state('a').ttftMs).toBe(20);
  Array.from({ length: 15 }, (_, i) => 100 + i).forEach(see);
  expect(health.state('a').ttftMs).toBe(107);
});

test('what was withheld from an upstream says nothing about it', () => {
  const health = createHealth(() => 0);
  const ended = (cause: AttemptCause): void => {
    health.started('a');
    health.ended({ upstream: 'a', outcome: 'failed', cause });
  };
  ended('server_error');
  const ill = health.state('a');
  ended('withheld');
  expect(health.state('a')).toEqual(ill);
  for (let times = 0; times < 9; times += 1) ended('unreachable');
  const down = health.state('a');
  ended('withheld');
  expect(health.state('a')).toEqual(down);
  expect(down.healthy).toBe(false);
});
