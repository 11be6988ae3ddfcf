import { afterEach, expect, test, vi } from 'vitest';
import type { Peers } from '../../core/peers.ts';
import { PLACES, peerPlaces } from './peer-places.ts';
import { PlacePools, type Counted, type Holder, type Want } from './place-pools.ts';

afterEach(() => vi.useRealTimers());

/** Processes whose messages to their primary, and back, arrive in order in later turns. */
function processes(count: number) {
  const pools = new PlacePools();
  const messages: (() => void)[] = [];
  const all = Array.from({ length: count }, (_, at) => {
    const answers = new Map<string, (body: unknown) => unknown>();
    const post = (what: string) => (body: Counted) =>
      void messages.push(() => void answers.get(what)?.(structuredClone(body)));
    const holder: Holder = { granted: post(PLACES.granted), recalled: post(PLACES.recalled) };
    const peers: Peers = {
      number: at + 1,
      count,
      answer: (what, handler) => void answers.set(what, handler),
      tell: () => undefined,
      ask: async () => ({ answers: [], isComplete: true }),
      askPrimary: async () => undefined,
      tellPrimary: (what, body) =>
        void messages.push(() => {
          if (what === PLACES.want) pools.want(holder, body as Want);
          else pools.back(holder, body as Counted);
        }),
    };
    return { places: peerPlaces(peers), holder };
  });
  /** Delivers all messages, and those that they cause. */
  const deliver = (): void => {
    for (let next = messages.shift(); next !== undefined; next = messages.shift()) next();
  };
  /** What is asked of one of them, with all messages that it takes. */
  const taken = async (at: number, name: string, limit: number): Promise<boolean> => {
    const answer = all[at]!.places.take(name, limit);
    deliver();
    return await answer;
  };
  return { all, pools, deliver, taken, messages };
}

test('a limit smaller than the number of processes holds, and its place goes where it is wanted', async () => {
  const { all, taken } = processes(4);
  expect(await taken(0, 'a', 1)).toBe(true);
  for (const at of [0, 1, 2, 3]) expect(await taken(at, 'a', 1)).toBe(false);
  all[0]!.places.leave('a');
  expect(await taken(3, 'a', 1)).toBe(true);
  expect(await taken(0, 'a', 1)).toBe(false);
});

test('what one process holds idle another one gets, to the last place', async () => {
  const { all, taken } = processes(3);
  for (let each = 0; each < 8; each += 1) expect(await taken(each % 2, 'a', 8)).toBe(true);
  for (let each = 0; each < 4; each += 1) all[0]!.places.leave('a');
  for (let each = 0; each < 4; each += 1) expect(await taken(2, 'a', 8)).toBe(true);
  for (const at of [0, 1, 2]) expect(await taken(at, 'a', 8)).toBe(false);
});

test('places held ahead are taken without asking, and in another process are not here', async () => {
  const { all, taken, messages } = processes(2);
  expect(await taken(0, 'a', 8)).toBe(true);
  expect(all[0]!.places.take('a', 8)).toBe(true);
  expect(messages).toEqual([]);
  expect(all[0]!.places.isHere('a', 8)).toBe(true);
  expect(all[1]!.places.isHere('a', 8)).toBe(false);
});

test('one that is brought is here, and not taken', async () => {
  const { all, deliver, taken } = processes(2);
  const brought = all[0]!.places.bring('try', 1);
  deliver();
  expect(await brought).toBe(true);
  const other = all[1]!.places.bring('try', 1);
  deliver();
  expect(await other).toBe(true);
  expect([0, 1].map((at) => all[at]!.places.isHere('try', 1))).toEqual([false, true]);
  expect(await taken(1, 'try', 1)).toBe(true);
});

test('what a process held that is gone is free', async () => {
  const { all, pools, taken, deliver } = processes(2);
  for (let each = 0; each < 3; each += 1) expect(await taken(0, 'a', 3)).toBe(true);
  const waiting = all[1]!.places.take('a', 3);
  pools.departed(all[0]!.holder);
  deliver();
  expect(await waiting).toBe(true);
});

test('a lower limit holds for what is taken from then on', async () => {
  const { all, taken, deliver } = processes(2);
  for (let each = 0; each < 4; each += 1) expect(await taken(0, 'a', 16)).toBe(true);
  expect(await taken(0, 'a', 2)).toBe(false);
  deliver();
  for (let each = 0; each < 3; each += 1) all[0]!.places.leave('a');
  expect(await taken(1, 'a', 2)).toBe(true);
  expect(await taken(1, 'a', 2)).toBe(false);
});

test('where the primary does not answer nothing is taken, and what comes late is not lost', async () => {
  vi.useFakeTimers();
  const { all, deliver } = processes(2);
  const asked = all[0]!.places.take('a', 1);
  await vi.advanceTimersByTimeAsync(1000);
  expect(await asked).toBe(false);
  deliver();
  expect(all[0]!.places.take('a', 1)).toBe(true);
});

test('any mix of processes that come and go takes no more than the limit', async () => {
  const { all, deliver } = processes(4);
  let state = 7;
  const draw = (below: number): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
  const taken = all.map(() => 0);
  const asked: Promise<void>[] = [];
  let most = 0;
  for (let step = 0; step < 3000; step += 1) {
    const at = draw(4);
    if (draw(3) === 0 && taken[at]! > 0) {
      taken[at]! -= 1;
      all[at]!.places.leave('a');
    } else {
      const settle = (isTaken: boolean): void => {
        if (isTaken) taken[at]! += 1;
        most = Math.max(
          most,
          taken.reduce((sum, count) => sum + count, 0),
        );
      };
      const answer = all[at]!.places.take('a', 5);
      if (answer instanceof Promise) asked.push(answer.then(settle));
      else settle(answer);
    }
    if (draw(4) === 0) deliver();
    // What was answered is counted before the next step.
    if (draw(2) === 0) await Promise.resolve();
  }
  deliver();
  await Promise.all(asked);
  expect(most).toBe(5);
});
