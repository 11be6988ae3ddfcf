import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { asked, newQuestion } from '../../test/support/clocked-health.ts';
import { PEER_DEPARTED, PEER_JOINED, type Peers } from '../core/peers.ts';
import type { AttemptCause } from '../core/errors.ts';
import type { Places } from '../core/places.ts';
import { sharedHealth, type SharedHealth } from './shared-health.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

interface Process {
  readonly health: SharedHealth;
  readonly answers: Map<string, (body: unknown) => unknown>;
  isGone: boolean;
}

/** Processes that hear of each other, and of whose places each is at one of them. */
function processes(count: number) {
  let now = 1000;
  const at = new Map<string, number>();
  const all: Process[] = [];
  const join = (number: number): Process => {
    const answers: Process['answers'] = new Map();
    const peers: Peers = {
      number,
      count,
      answer: (what, handler) => void answers.set(what, handler),
      tell: (what, body) => {
        for (const one of all) if (one.answers !== answers) one.answers.get(what)?.(body);
      },
      ask: async () => ({ answers: [], isComplete: true }),
      askPrimary: async () => undefined,
      tellPrimary: () => undefined,
    };
    const places: Places = {
      take: () => true,
      leave: () => undefined,
      isHere: (name) => at.get(name) === number,
      bring: async (name) => {
        at.set(name, number);
        return true;
      },
    };
    const options = { nowMs: () => now, callers: () => 1, draw: () => 1 };
    const one: Process = { health: sharedHealth(options, peers, places), answers, isGone: false };
    all.push(one);
    return one;
  };
  for (let number = 1; number <= count; number += 1) join(number);
  return {
    all: all.map(({ health }) => health),
    join: (number: number) => {
      const one = join(number);
      for (const other of all) if (other !== one) other.answers.get(PEER_JOINED)?.(number);
      return one.health;
    },
    leave: (number: number) => {
      const [gone] = all.splice(number - 1, 1);
      for (const other of all) if (other !== gone) other.answers.get(PEER_DEPARTED)?.(number);
    },
    pass: (ms: number) => {
      now += ms;
    },
    /** What is told in batches arrives. */
    tell: () => vi.advanceTimersByTime(50),
  };
}

const M = { upstream: 'a', model: 'm' };
const start = (health: SharedHealth, call = newQuestion()) => {
  health.started(M, call);
  return (cause?: AttemptCause): void => {
    const how =
      cause === undefined ? ({ outcome: 'ok' } as const) : ({ outcome: 'failed', cause } as const);
    health.ended({ ...M, ...how }, call);
  };
};
const NEW = asked('new');
const deadline = { ms: 5, expired: () => false, known: <T>(_: unknown, answer: T) => answer };
const ready = async (health: SharedHealth) =>
  await health.ready({ ...NEW, stateDeadline: deadline });
const mayTry = async (health: SharedHealth): Promise<boolean> => {
  await ready(health);
  return health.condition('a', NEW).reachable;
};

test('failures of several processes open the breaker of all', () => {
  const { all, tell } = processes(3);
  for (const health of all) {
    start(health)('unreachable');
    tell();
  }
  expect(all.map((health) => health.state('a').phase)).toEqual(['open', 'open', 'open']);
});

test('failures among successes of other processes open nothing', () => {
  const { all, tell } = processes(2);
  for (let each = 0; each < 20; each += 1) {
    start(all[0]!)();
    tell();
    start(all[1]!)('unreachable');
    tell();
  }
  expect(all.map((health) => health.state('a').phase)).toEqual(['closed', 'closed']);
});

test('of all processes one has the trial, and its success closes the breaker for all', async () => {
  const { all, tell, pass } = processes(3);
  for (const health of all) start(health)('unreachable');
  tell();
  pass(5000);
  const tried: (() => void)[] = [];
  for (const health of all)
    for (let each = 0; each < 4; each += 1) if (await mayTry(health)) tried.push(start(health));
  expect(tried).toHaveLength(1);
  tried[0]!();
  tell();
  expect(all.map((health) => health.state('a').phase)).toEqual(['closed', 'closed', 'closed']);
  expect(all.every((health) => health.condition('a', NEW).reachable)).toBe(true);
});

test('a trial that fails, says nothing, or dies with its process is over for all', async () => {
  const { all, tell, pass, leave } = processes(3);
  for (const health of all) start(health)('unreachable');
  tell();
  pass(5000);
  expect(await mayTry(all[0]!)).toBe(true);
  const first = start(all[0]!);
  expect(await mayTry(all[1]!)).toBe(false);
  first('unreachable');
  tell();
  expect(all[1]!.state('a').phase).toBe('open');
  pass(20_000);
  expect(await mayTry(all[1]!)).toBe(true);
  start(all[1]!)('aborted');
  tell();
  expect(await mayTry(all[0]!)).toBe(true);
  start(all[0]!);
  expect(await mayTry(all[2]!)).toBe(false);
  leave(1);
  expect(await mayTry(all[2]!)).toBe(true);
});

test('where nothing else can answer, one process asks what is open, and then none for a while', async () => {
  const { all, tell, pass } = processes(2);
  for (let each = 0; each < 5; each += 1) for (const health of all) start(health)('server_error');
  tell();
  pass(5000);
  const isShut = async (health: SharedHealth): Promise<boolean> => {
    await ready(health);
    return (health.condition('a', NEW).shutModels ?? []).includes('m');
  };
  expect(await isShut(all[0]!)).toBe(false);
  start(all[0]!);
  expect([await isShut(all[0]!), await isShut(all[1]!)]).toEqual([true, true]);
  pass(5000);
  expect(await isShut(all[1]!)).toBe(false);
});

test('what is in flight is that of all processes, without those that are gone', () => {
  const { all, tell, leave } = processes(3);
  const ends = all.map((health) => start(health));
  tell();
  expect(all.map((health) => health.state('a'))).toEqual(
    all.map(() => expect.objectContaining({ queueDepth: 3, inFlight: 1 })),
  );
  ends[0]!();
  tell();
  expect(all[1]!.condition('a', NEW).queueDepth).toBe(2);
  leave(2);
  expect(all[2]!.condition('a', NEW).queueDepth).toBe(1);
});

test('one that begins to serve knows what is open, and what is in flight', async () => {
  const { all, tell, join, pass } = processes(2);
  for (const health of all) start(health)('unreachable');
  start(all[0]!)('unreachable');
  start(all[1]!);
  tell();
  pass(1000);
  const third = join(3);
  expect(third.state('a')).toMatchObject({ phase: 'open', healthy: false, queueDepth: 1 });
  pass(4000);
  expect(third.state('a').phase).toBe('half-open');
  expect(await mayTry(third)).toBe(true);
});

test('where nothing is ill nothing is waited for', () => {
  const { all } = processes(2);
  start(all[0]!)();
  expect(all[0]!.ready({ ...NEW, stateDeadline: deadline })).toBeUndefined();
});
