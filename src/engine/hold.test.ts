import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { EventStream, StreamEvent } from '../core/upstream.ts';
import type { Finding, Trial } from '../core/verify.ts';
import { Flow } from '../lib/flow.ts';
import { dataEvent } from '../wire/events.ts';
import { heldBack, type Holding } from './hold.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const event = (n: number): StreamEvent => dataEvent({ n });
const [one, two, three] = [event(1), event(2), event(3)];

/** Every event is a piece of text. */
function trialOf({ needsWhole = false, finding }: { needsWhole?: boolean; finding?: Finding }) {
  let pieces = 0;
  const trial: Trial = {
    observe: () => (pieces += 1),
    observeText: () => (pieces += 1),
    isOver: () => false,
    pieces: () => pieces,
    needsWhole: () => needsWhole,
    find: () => finding,
    doubt: () => ({}),
    mend: () => undefined,
  };
  return trial;
}

const HOLDING: Holding = { hold: { tokens: 2, ms: 100 }, withdraws: false, mends: undefined };

/** A stream that the test pushes, held back. */
function held(trial: Trial, holding = HOLDING) {
  const done: string[] = [];
  const flow = new Flow<StreamEvent>({
    hold: () => void done.push('hold'),
    cancel: () => void done.push('cancel'),
  });
  return { flow, done, held: Promise.resolve(heldBack(flow, trial, holding)) };
}

function received(events: EventStream): unknown[] {
  const got: unknown[] = [];
  events.pushTo({
    receive: (given) => void got.push(given),
    batchEnd: () => void got.push('batch'),
    ended: (error) => void got.push(error ?? 'end'),
  });
  return got;
}

describe('a stream that is held back', () => {
  test('is passed on once enough has come, and the upstream waits until then', async () => {
    const { flow, done, held: holding } = held(trialOf({}));
    for (const given of [one, two, three]) flow.push(given);
    const { events, first, wasShort } = await holding;
    expect([first.kind, wasShort, done.includes('hold')]).toEqual(['undecided', false, true]);
    const got = received(events);
    expect(got).toEqual([one, two, 'batch', three, 'batch']);
    flow.ended();
    expect(got.at(-1)).toBe('end');
  });

  test('is not held longer than it may be from its first piece on', async () => {
    const { flow, held: holding } = held(trialOf({}));
    await vi.advanceTimersByTimeAsync(1000);
    flow.push(one);
    await vi.advanceTimersByTimeAsync(100);
    const { events, wasShort } = await holding;
    expect(wasShort).toBe(true);
    const got = received(events);
    flow.push(two);
    expect(got).toEqual([one, 'batch', two, 'batch']);
  });

  test('is held to its end where only the whole can be checked', async () => {
    const { flow, held: holding } = held(trialOf({ needsWhole: true }));
    for (const given of [one, two, three]) flow.push(given);
    await vi.advanceTimersByTimeAsync(1000);
    flow.ended();
    const { events, first, wasShort } = await holding;
    expect([first.kind, wasShort]).toEqual(['pass', false]);
    expect(received(events)).toEqual([one, two, three, 'end']);
  });

  test('fails where it breaks before it is passed on, and leaves no timer', async () => {
    const gone = new Error('gone');
    const { flow, held: holding } = held(trialOf({}));
    flow.push(one);
    flow.ended(gone);
    await expect(holding).rejects.toBe(gone);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('is stopped where it is left before anybody received it', async () => {
    const { flow, done, held: holding } = held(trialOf({}));
    for (const given of [one, two]) flow.push(given);
    (await holding).events.cancel();
    expect(done).toContain('cancel');
  });

  test('can be left after what was held', async () => {
    const { flow, done, held: holding } = held(trialOf({}));
    for (const given of [one, two, three]) flow.push(given);
    const { events } = await holding;
    const got: StreamEvent[] = [];
    events.pushTo({
      receive: (given) => void got.push(given),
      batchEnd: () => events.cancel(),
      ended: () => expect.unreachable('it was left'),
    });
    expect(got).toEqual([one, two]);
    expect(done).toContain('cancel');
  });
});

test('what is found after the beginning withdraws a stream where the policy wants that', async () => {
  const finding: Finding = { check: 'repetition', reason: 'it repeats itself' };
  const {
    flow,
    done,
    held: holding,
  } = held(trialOf({ finding }), {
    ...HOLDING,
    hold: undefined,
    withdraws: true,
  });
  const { events, verdict } = await holding;
  const got = received(events);
  for (const given of [one, two]) flow.push(given);
  expect(got.slice(0, 2)).toEqual([one, 'batch']);
  expect(got[2]).toMatchObject({ code: 'gateway_answer_withdrawn' });
  expect(done).toContain('cancel');
  expect(verdict()).toMatchObject({ kind: 'fail', check: 'repetition' });
});
