import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  asked,
  attempt,
  clocked,
  fail,
  isWell,
  newQuestion,
} from '../../test/support/clocked-health.ts';
import type { AttemptCause } from '../core/errors.ts';

test('an upstream that nobody asked yet is healthy', () => {
  const { health } = clocked();
  expect(health.state('a')).toEqual({
    healthy: true,
    phase: 'closed',
    queueDepth: 0,
    inFlight: 0,
  });
  expect(health.condition('a', asked('new'))).toEqual({
    reachable: true,
    unhealthyModels: [],
    queueDepth: 0,
  });
});

test('three connection faults in a row close every model; a success between them does not', () => {
  const { health } = clocked();
  const same = { call: asked('again') };
  fail(health, 'unreachable', 2, same);
  attempt(health);
  fail(health, 'unreachable', 2, same);
  expect(isWell(health)).toBe(true);
  attempt(health, 'unreachable', same);
  expect(health.state('a')).toMatchObject({ healthy: false, phase: 'open' });
  expect(health.condition('a', asked('new')).reachable).toBe(false);
  expect(isWell(health, 'another')).toBe(false);
});

test('an answer of any kind is no connection fault', () => {
  const { health } = clocked();
  fail(health, 'unreachable', 2);
  attempt(health, 'server_error');
  fail(health, 'unreachable', 2);
  expect(isWell(health)).toBe(true);
});

test.each(['server_error', 'timeout', 'interrupted', 'bad_answer', 'overloaded'] as const)(
  'five different requests that fail with %s in a row close that model, and no other',
  (cause) => {
    const { health } = clocked();
    fail(health, cause, 4);
    attempt(health);
    fail(health, cause, 4);
    expect(isWell(health)).toBe(true);
    attempt(health, cause);
    expect(isWell(health)).toBe(false);
    expect(isWell(health, 'another')).toBe(true);
    expect(health.state('a')).toMatchObject({ healthy: false, phase: 'open' });
  },
);

test('one request that cannot be answered closes nothing, however often it is sent', () => {
  const { health } = clocked();
  fail(health, 'server_error', 50, { call: asked('poison') });
  expect(isWell(health)).toBe(true);
  expect(health.state('a').phase).toBe('closed');
});

test('one caller closes a model for itself and for nobody else', () => {
  const { health } = clocked(3);
  for (let i = 0; i < 30; i += 1) attempt(health, 'server_error', { call: newQuestion('eve') });
  expect(isWell(health, 'm', 'eve')).toBe(false);
  expect(isWell(health, 'm', 'ann')).toBe(true);
  expect(health.state('a')).toMatchObject({ healthy: true, phase: 'closed' });
});

test('three callers whose requests fail close it for everybody', () => {
  const { health } = clocked(3);
  for (const caller of ['eve', 'eve', 'ann', 'ann', 'eve', 'ann'])
    attempt(health, 'server_error', { call: newQuestion(caller) });
  expect(isWell(health, 'm', 'bob')).toBe(true);
  attempt(health, 'server_error', { call: newQuestion('cleo') });
  expect(isWell(health, 'm', 'bob')).toBe(false);
});

test('where there are two keys, both must fail, with five different requests', () => {
  const { health } = clocked(2);
  for (let i = 0; i < 9; i += 1) attempt(health, 'server_error', { call: newQuestion('eve') });
  expect(isWell(health, 'm', 'bob')).toBe(true);
  attempt(health, 'server_error', { call: newQuestion('ann') });
  expect(isWell(health, 'm', 'bob')).toBe(false);
});

test('who is answered again is so although another is not', () => {
  const { health, pass } = clocked(3);
  for (const caller of ['eve', 'ann', 'cleo'])
    for (let i = 0; i < 5; i += 1) attempt(health, 'server_error', { call: newQuestion(caller) });
  expect(isWell(health, 'm', 'bob')).toBe(false);
  pass(5000);
  attempt(health, undefined, { call: newQuestion('ann') });
  expect(isWell(health, 'm', 'bob')).toBe(true);
  expect(isWell(health, 'm', 'ann')).toBe(true);
});

test('after the cool-down exactly one trial attempt is admitted', () => {
  const { health, pass } = clocked();
  fail(health, 'unreachable', 3);
  pass(4999);
  expect(isWell(health)).toBe(false);
  pass(1);
  expect(health.state('a')).toMatchObject({ healthy: true, phase: 'half-open' });
  const trial = newQuestion();
  health.started({ upstream: 'a', model: 'm' }, trial);
  expect(isWell(health)).toBe(false);
  health.ended({ upstream: 'a', model: 'm', outcome: 'ok' }, trial);
  expect(health.state('a')).toMatchObject({ healthy: true, phase: 'closed' });
});

test.each(['unreachable', 'server_error'] as const)(
  'each trial that fails with %s doubles the cool-down, up to a minute',
  (cause) => {
    const { health, pass } = clocked();
    fail(health, cause, 5);
    for (const ms of [5000, 10_000, 20_000, 40_000, 60_000, 60_000]) {
      pass(ms - 1);
      expect(isWell(health)).toBe(false);
      pass(1);
      expect(isWell(health)).toBe(true);
      attempt(health, cause);
    }
  },
);

test('a rate limit never excludes it for longer than ten seconds', () => {
  const { health, pass } = clocked();
  fail(health, 'rate_limited', 5);
  for (let i = 0; i < 5; i += 1) {
    expect(isWell(health)).toBe(false);
    pass(10_000);
    expect(isWell(health)).toBe(true);
    attempt(health, 'rate_limited');
  }
});

test.each(['unreachable', 'server_error'] as const)(
  'a caller who leaves during the trial after %s gives the next one a chance',
  (cause) => {
    const { health, pass } = clocked();
    fail(health, cause, 5);
    pass(5000);
    const trial = newQuestion();
    health.started({ upstream: 'a', model: 'm' }, trial);
    expect(isWell(health)).toBe(false);
    health.ended({ upstream: 'a', model: 'm', outcome: 'aborted' }, trial);
    expect(health.state('a')).toMatchObject({ healthy: true, phase: 'half-open' });
    expect(isWell(health)).toBe(true);
  },
);

test('a trial of a model that meets no connection leaves the model its next one', () => {
  const { health, pass } = clocked();
  fail(health, 'server_error', 5);
  pass(5000);
  attempt(health, 'unreachable');
  expect(isWell(health)).toBe(true);
});

test('a probe that succeeds ends a cool-down with a trial; one that fails changes nothing', () => {
  for (const cause of ['unreachable', 'server_error'] as const) {
    const { health } = clocked();
    fail(health, cause, 5);
    health.probed('a', false);
    expect(isWell(health)).toBe(false);
    health.probed('a', true);
    expect(isWell(health)).toBe(true);
    expect(health.state('a')).toMatchObject({ healthy: true, phase: 'half-open' });
  }
});

test('what a caller did wrong, or a model cannot do, never takes an upstream out', () => {
  const causes: AttemptCause[] = ['rejected', 'not_capable', 'context_overflow', 'aborted', 'auth'];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...causes), { maxLength: 30 }), (list) => {
      const { health } = clocked();
      for (const cause of list) attempt(health, cause);
      return isWell(health) && health.state('a').healthy;
    }),
  );
});

test('attempts in flight are counted, and never below zero', () => {
  const { health } = clocked();
  const one = newQuestion();
  health.started({ upstream: 'a', model: 'm' }, one);
  health.started({ upstream: 'a', model: 'n' }, one);
  health.started({ upstream: 'b', model: 'm' }, one);
  expect(health.state('a').queueDepth).toBe(2);
  for (let i = 0; i < 3; i += 1) health.ended({ upstream: 'a', model: 'm', outcome: 'ok' }, one);
  expect(health.state('a').queueDepth).toBe(0);
  expect(health.condition('b', asked('new')).queueDepth).toBe(1);
});

test('the time to first token is the median of the last fifteen', () => {
  const { health } = clocked();
  const see = (ttftMs: number): void =>
    health.ended({ upstream: 'a', model: 'm', outcome: 'ok', ttftMs }, newQuestion());
  [10, 20, 9000].forEach(see);
  expect(health.state('a').ttftMs).toBe(20);
  Array.from({ length: 15 }, (_, i) => 100 + i).forEach(see);
  expect(health.condition('a', asked('new')).ttftMs).toBe(107);
});

test('what was withheld from an upstream says nothing about it', () => {
  const { health } = clocked();
  fail(health, 'unreachable', 2);
  attempt(health, 'withheld');
  attempt(health, 'unreachable');
  const down = health.state('a');
  expect(down.healthy).toBe(false);
  attempt(health, 'withheld');
  expect(health.state('a')).toEqual(down);
});

test('models that fail are forgotten when there are too many, the oldest first', () => {
  const { health } = clocked();
  fail(health, 'server_error', 5, { model: 'first' });
  expect(isWell(health, 'first')).toBe(false);
  for (let i = 0; i < 256; i += 1) attempt(health, 'server_error', { model: `m${i}` });
  expect(isWell(health, 'first')).toBe(true);
});

test('bad news of a probe changes nothing, good news ends a cool-down early', () => {
  const { health } = clocked();
  fail(health, 'server_error', 5);
  health.probed('a', false);
  expect(health.state('a').phase).toBe('open');
  health.probed('a', true);
  expect(health.state('a').phase).toBe('half-open');
});
