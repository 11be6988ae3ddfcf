import { expect, test } from 'vitest';
import {
  asked,
  attempt,
  clocked,
  fail,
  isWell,
  newQuestion,
} from '../../test/support/clocked-health.ts';
import type { Condition } from './health.ts';

test('thirty per cent of failures are no outage, ninety are', () => {
  for (const [share, well] of [
    [0.3, true],
    [0.9, false],
  ] as const) {
    const { health, pass } = clocked();
    let failures = 0;
    for (let i = 1; i <= 2000; i += 1) {
      // three of ten, in rows as they come by chance
      const fails = ((i * 7919) % 1000) / 1000 < share;
      if (fails) failures += 1;
      attempt(health, fails ? 'server_error' : undefined);
      pass(10);
      if (!isWell(health)) break;
    }
    expect(failures).toBeGreaterThan(0);
    expect(isWell(health)).toBe(well);
  }
});

test('what opens again soon after it was closed is left alone longer each time, up to five minutes', () => {
  const { health, pass } = clocked();
  const openFor = (): number => {
    let ms = 0;
    for (; !isWell(health); ms += 1000) pass(1000);
    return ms;
  };
  const times: number[] = [];
  for (let round = 0; round < 13; round += 1) {
    fail(health, 'server_error', 30);
    times.push(openFor());
    attempt(health);
    pass(5000);
  }
  expect(times.slice(0, 4)).toEqual([5000, 30_000, 60_000, 90_000]);
  expect(times.at(-1)).toBe(300_000);
});

test('after two quiet minutes it begins anew', () => {
  const { health, pass } = clocked();
  for (let round = 0; round < 2; round += 1) {
    fail(health, 'server_error', 5);
    pass(4999);
    expect(isWell(health)).toBe(false);
    pass(1);
    attempt(health);
    pass(121_000);
  }
});

test('what is open is asked by one request in five seconds where nothing else can answer', () => {
  const { health, pass } = clocked();
  fail(health, 'server_error', 5);
  let trials = 0;
  for (let ms = 0; ms < 60_000; ms += 100, pass(100)) {
    const next = newQuestion();
    if (health.condition('a', next).shutModels?.includes('m') === true) continue;
    trials += 1;
    attempt(health, 'server_error', { call: next });
  }
  expect(trials).toBe(11);
});

test('a model that is only slow is never shut', () => {
  const { health } = clocked();
  fail(health, 'timeout', 20);
  expect(isWell(health)).toBe(false);
  expect(health.condition('a', asked('new')).shutModels).toBeUndefined();
});

test('when to ask again is the word of the server, up to ten minutes; for the one who got it at once', () => {
  for (const [saidMs, heldMs] of [
    [30_000, 30_000],
    [3_600_000, 600_000],
  ] as const) {
    const { health, pass } = clocked(3);
    const own = newQuestion('eve');
    health.started({ upstream: 'a', model: 'm' }, own);
    health.ended(
      { upstream: 'a', model: 'm', outcome: 'failed', cause: 'rate_limited' },
      own,
      saidMs,
    );
    expect(isWell(health, 'm', 'ann')).toBe(true);
    pass(heldMs - 1);
    expect(health.condition('a', asked('new', 'eve'))).toMatchObject({
      limitedModels: ['m'],
      askableInMs: 1,
    });
    health.probed('a', true);
    expect(isWell(health, 'm', 'eve')).toBe(false);
    pass(1);
    expect(isWell(health, 'm', 'eve')).toBe(true);
  }
});

test('a body that made a model fail twice is not sent there for a minute, and others are', () => {
  const { health, pass } = clocked(3);
  for (const caller of ['eve', 'ann'])
    attempt(health, 'server_error', { call: asked('poison', caller) });
  const sees = (text: string): Condition => health.condition('a', asked(text, 'bob'));
  // It may be the model's fault as long as it answers nobody: where nothing else can answer, it is asked.
  expect(sees('poison').unhealthyModels).toEqual(['m']);
  expect(sees('poison').shutModels).toBeUndefined();
  attempt(health);
  expect(sees('poison')).toMatchObject({ unhealthyModels: ['m'], shutModels: ['m'] });
  expect(sees('food').unhealthyModels).toEqual([]);
  pass(60_000);
  expect(sees('poison').unhealthyModels).toEqual([]);
});

test('towards a storm requests are held back by the share that is refused', () => {
  let draw = 0;
  const { health, pass } = clocked(1, () => draw);
  const held = (): boolean => {
    const { limitedModels } = health.condition('a', newQuestion());
    return limitedModels?.includes('m') === true;
  };
  // five refusals among twenty: half of what is accepted, which is no storm
  for (let i = 0; i < 20; i += 1) attempt(health, i % 4 === 0 ? 'overloaded' : undefined);
  expect(held()).toBe(false);
  for (let i = 0; i < 180; i += 1) attempt(health, i % 9 === 0 ? undefined : 'overloaded');
  attempt(health);
  draw = 0.6;
  expect(held()).toBe(true);
  draw = 0.7;
  expect(held()).toBe(false);
  draw = 0;
  pass(130_000);
  attempt(health);
  expect(held()).toBe(false);
});
