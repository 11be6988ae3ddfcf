import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setImmediate as otherTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { GatewayError } from '../../core/errors.ts';
import { ByteBudget } from '../../lib/byte-budget.ts';
import { createAdmission, type Admission } from './admission.ts';
import type { Admitted } from './place.ts';

let now = 0;

interface Setup {
  readonly maxInFlight: number;
  readonly maxWaitMs?: number;
  readonly aTurn?: number;
  readonly memory?: ByteBudget;
}

function admissionOf(setup: Setup, isDraining = (): boolean => false): Admission {
  const memory = new ByteBudget(1_000_000);
  const nowMs = (): number => now;
  return createAdmission({ maxWaitMs: 0, aTurn: 64, memory, isDraining, nowMs, ...setup });
}

/** Asks now; what has to wait for its place says so. */
function ask(admission: Admission, caller: string, outgoing = new EventEmitter(), bytes = 100) {
  // As much of it as is used.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return admission.admit(caller, { outgoing: outgoing as ServerResponse, bytes });
}

function enter(admission: Admission, caller: string): Admitted {
  const place = ask(admission, caller);
  if (place instanceof Promise) throw new Error('It waits.');
  return place;
}

/** The words of an error that is thrown or rejected with. */
async function refusalOf(asked: () => unknown): Promise<string> {
  return await Promise.resolve()
    .then(asked)
    .then(
      () => 'not refused',
      (error: unknown) => String(error),
    );
}

test('counts requests from their admission, before any upstream is asked', async () => {
  const admission = admissionOf({ maxInFlight: 2 });
  const first = enter(admission, 'ann');
  enter(admission, 'ann');
  expect(await refusalOf(() => ask(admission, 'ann'))).toContain('which is the limit');
  first.answered();
  expect(await refusalOf(() => ask(admission, 'ann'))).toContain('limit');
  first.leave();
  first.leave();
  enter(admission, 'ann');
  expect(await refusalOf(() => ask(admission, 'ann'))).toContain('limit');
});

test('an answer that has begun is under way, and no longer unanswered', () => {
  const admission = admissionOf({ maxInFlight: 9 });
  const [one, other] = [enter(admission, 'ann'), enter(admission, 'ann')];
  one.answered();
  one.leave();
  expect(admission.unanswered()).toBe(1);
  other.leave();
  expect(admission.unanswered()).toBe(0);
});

test('nothing is admitted while it shuts down', () => {
  const admission = admissionOf({ maxInFlight: 9 }, () => true);
  expect(() => enter(admission, 'ann')).toThrow('shutting down');
});

test('a key has all places while it is alone, and half of them while others ask', async () => {
  const admission = admissionOf({ maxInFlight: 8 });
  const places = Array.from({ length: 8 }, () => enter(admission, 'eve'));
  expect(await refusalOf(() => ask(admission, 'bob'))).toContain('limit');
  for (const place of places.slice(0, 4)) place.leave();
  expect(await refusalOf(() => ask(admission, 'eve'))).toContain(
    "Key 'eve' has half of the 8 places",
  );
  enter(admission, 'bob').leave();
  expect(await refusalOf(() => ask(admission, 'eve'))).toContain('half');
  now += 10_001;
  enter(admission, 'eve');
});

test('what is under way can be ended from outside, once', () => {
  const admission = admissionOf({ maxInFlight: 9 });
  const ended: string[] = [];
  const [one, other] = [enter(admission, 'ann'), enter(admission, 'ann')];
  one.endsBy({ end: () => ended.push('one') });
  other.endsBy({ end: () => ended.push('other') });
  other.leave();
  admission.endAll(new GatewayError('gateway_draining', 'over'));
  expect(ended).toEqual(['one']);
});

test('who waits gets the place that is given back, in turns by key', async () => {
  const admission = admissionOf({ maxInFlight: 1, maxWaitMs: 1000 });
  let place = enter(admission, 'eve');
  const entered: string[] = [];
  const wait = async (caller: string): Promise<void> => {
    place = await ask(admission, caller);
    entered.push(caller);
  };
  for (const caller of ['eve', 'eve', 'eve', 'bob']) void wait(caller);
  await otherTurn();
  expect(entered).toEqual([]);
  for (let count = 1; count <= 4; count += 1) {
    place.leave();
    await expect.poll(() => entered.length).toBe(count);
  }
  expect(entered).toEqual(['eve', 'bob', 'eve', 'eve']);
  const empty = admission.empty();
  place.leave();
  await empty;
});

test('of those that have a place so many go on in a turn of the event loop', async () => {
  const admission = admissionOf({ maxInFlight: 100, aTurn: 2 });
  const entered: number[] = [];
  const asked = Array.from({ length: 7 }, async (_, at) => {
    await ask(admission, 'ann');
    entered.push(at);
  });
  // Those that need not wait.
  await new Promise<void>((resolve) => {
    process.nextTick(resolve);
  });
  const seen: number[] = [];
  while (entered.length < asked.length) {
    seen.push(entered.length);
    await otherTurn();
  }
  seen.push(entered.length);
  expect(entered).toEqual([0, 1, 2, 3, 4, 5, 6]);
  const steps = seen.slice(1).map((count, at) => count - (seen[at] ?? 0));
  expect(Math.max(seen[0] ?? 0, ...steps)).toBe(2);
});

test('who would wait too long is refused at once, and who has waited so long as well', async () => {
  const admission = admissionOf({ maxInFlight: 1, maxWaitMs: 2000 });
  const place = enter(admission, 'ann');
  const waiting = refusalOf(() => ask(admission, 'ann'));
  await otherTurn();
  // Nothing has moved for a second, so that a second one would wait for two.
  now += 1000;
  expect(await refusalOf(() => ask(admission, 'ann'))).toContain('longer than 2000 ms');
  now += 1000;
  expect(await waiting).toContain('longer than 2000 ms');
  expect(admission.unanswered()).toBe(1);
  place.leave();
  await admission.empty();
});

test('a key that waits for its own places keeps no other from those that are free', async () => {
  const admission = admissionOf({ maxInFlight: 4, maxWaitMs: 2000 });
  enter(admission, 'bob').leave();
  for (let count = 0; count < 2; count += 1) enter(admission, 'eve');
  const waiting = Array.from({ length: 6 }, () => refusalOf(() => ask(admission, 'eve')));
  await otherTurn();
  // As far as anybody can foresee, eve's own would wait for longer than they may.
  now += 1500;
  expect(await refusalOf(() => ask(admission, 'eve'))).toContain("Key 'eve' has half");
  (await ask(admission, 'bob')).leave();
  admission.endAll(new GatewayError('gateway_draining', 'over'));
  await Promise.all(waiting);
});

test('in a line that is full, a key with less has room', async () => {
  const admission = admissionOf({ maxInFlight: 1, maxWaitMs: 60_000 });
  enter(admission, 'eve');
  const waiting = Array.from({ length: 4 }, () => refusalOf(() => ask(admission, 'eve')));
  await otherTurn();
  const bob = refusalOf(() => ask(admission, 'bob'));
  expect(await waiting[3]).toContain('limit');
  expect(await refusalOf(() => ask(admission, 'eve'))).toContain('limit');
  admission.endAll(new GatewayError('gateway_draining', 'over'));
  expect(await bob).toContain('over');
});

test('at the shutdown nobody waits any longer', async () => {
  let isDraining = false;
  const admission = admissionOf({ maxInFlight: 1, maxWaitMs: 60_000 }, () => isDraining);
  enter(admission, 'ann').answered();
  const waiting = refusalOf(() => ask(admission, 'ann'));
  isDraining = true;
  expect(await waiting).toContain('shutting down');
});

test('who hangs up is in line no more, and gives its memory back', async () => {
  const memory = new ByteBudget(1_000_000);
  const admission = admissionOf({ maxInFlight: 1, maxWaitMs: 60_000, memory });
  const place = enter(admission, 'ann');
  const outgoing = new EventEmitter();
  const waiting = refusalOf(() => ask(admission, 'ann', outgoing, 5000));
  await otherTurn();
  expect(memory.heldBytes()).toBe(5000);
  outgoing.emit('close');
  expect(await waiting).toContain('closed while the request waited');
  expect(memory.heldBytes()).toBe(0);
  const empty = admission.empty();
  place.leave();
  await empty;
  expect(outgoing.listenerCount('close')).toBe(0);
});

test('no more wait than four times as many as may be under way, nor than memory has room for', async () => {
  const memory = new ByteBudget(1000);
  const admission = admissionOf({ maxInFlight: 1, maxWaitMs: 60_000, memory });
  enter(admission, 'ann');
  const waiting = Array.from({ length: 4 }, () => ask(admission, 'ann'));
  expect(waiting.every((place) => place instanceof Promise)).toBe(true);
  expect(await refusalOf(() => ask(admission, 'ann'))).toContain('limit');
  const other = admissionOf({ maxInFlight: 1, maxWaitMs: 60_000, memory });
  enter(other, 'ann');
  void ask(other, 'ann', new EventEmitter(), 600);
  expect(await refusalOf(() => ask(other, 'ann', new EventEmitter(), 600))).toContain('limit');
});
