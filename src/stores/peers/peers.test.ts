import { expect, test } from 'vitest';
import { NO_WAITING } from '../../core/deadline.ts';
import { OWN_ID_MARK } from '../../core/own-ids.ts';
import type { Peers } from '../../core/peers.ts';
import { memoryAnswers } from '../memory/answers.ts';
import { memoryConversations } from '../memory/conversations.ts';
import { memoryRates } from '../memory/rates.ts';
import { memoryResponseStore } from '../memory/responses.ts';
import { peerAnswers, peerConversations, peerRates, peerResponses } from './peers.ts';

const nowMs = (): number => 0;

/** Processes that reach each other, and a primary that answers `own`. */
function aGateway(
  count: number,
  own?: (what: string, body: unknown) => unknown,
  isComplete = true,
) {
  const handlers = Array.from(
    { length: count },
    () => new Map<string, (body: unknown) => unknown>(),
  );
  const told: string[] = [];
  return {
    told,
    peers: handlers.map((mine): Peers => {
      const others = handlers.filter((one) => one !== mine);
      return {
        number: handlers.indexOf(mine) + 1,
        count,
        answer: (what, handler) => void mine.set(what, handler),
        tell: (what, body) => {
          told.push(what);
          for (const one of others) one.get(what)?.(structuredClone(body));
        },
        ask: async (what, body) => ({
          answers: others.map((one) => one.get(what)?.(structuredClone(body))),
          isComplete,
        }),
        askPrimary: async (what, body) => {
          if (own === undefined) throw new Error('gone');
          return own(what, body);
        },
        tellPrimary: (what, body) => void own?.(what, body),
      };
    }),
  };
}

const OWN = `resp_${OWN_ID_MARK}${'1'.repeat(32)}`;

const stored = (id: string) => ({
  response: { id, output: [{ id: `${id}-item`, type: 'message' }] },
  inputItems: [],
  conversation: [],
});

test('a response is found by every process, for its caller only', async () => {
  const [one, two] = aGateway(2).peers.map((peers) => peerResponses(memoryResponseStore(), peers));
  await one!.save('ann', stored(OWN), NO_WAITING);
  await one!.remember('ann', 'resp_2', 'cloud', NO_WAITING);
  expect(await two!.load('ann', OWN, NO_WAITING)).toEqual(stored(OWN));
  expect(await two!.item('ann', `${OWN}-item`, NO_WAITING)).toMatchObject({ id: `${OWN}-item` });
  expect(await two!.boundTo('ann', 'resp_2', NO_WAITING)).toBe('cloud');
  expect(await two!.isOwnedByOther('bob', 'resp_2', NO_WAITING)).toBe(true);
  expect(await two!.load('bob', OWN, NO_WAITING)).toBeUndefined();
  expect(await two!.remove('bob', OWN, NO_WAITING)).toBe(false);
  expect(await two!.remove('ann', OWN, NO_WAITING)).toBe(true);
  expect(await one!.load('ann', OWN, NO_WAITING)).toBeUndefined();
});

test('what a process has itself it asks nobody for', () => {
  const [one] = aGateway(2).peers.map((peers) => peerResponses(memoryResponseStore(), peers));
  void one!.save('ann', stored(OWN), NO_WAITING);
  expect(one!.load('ann', OWN, NO_WAITING)).not.toBeInstanceOf(Promise);
});

test('an upstream’s own id is asked of nobody', () => {
  const [one] = aGateway(2, undefined, false).peers;
  const responses = peerResponses(memoryResponseStore(), one!);
  expect(responses.load('ann', 'resp_abc', NO_WAITING)).toBeUndefined();
});

test('what nobody has and not all could be asked for is not known, rather than not there', async () => {
  const [one] = aGateway(2, undefined, false).peers;
  const responses = peerResponses(memoryResponseStore(), one!);
  await expect(responses.load('ann', OWN, NO_WAITING)).rejects.toThrow('not every process');
  const kept = peerAnswers(memoryAnswers(nowMs), one!, 'answer');
  expect(await kept.get('key')).toBeUndefined();
});

test('an answer is found by every process, and forgotten by all', async () => {
  const [one, two] = aGateway(2).peers.map((peers) =>
    peerAnswers(memoryAnswers(nowMs), peers, 'answer'),
  );
  one!.set('key', Buffer.from('text'), 1000);
  expect(Buffer.from((await two!.get('key'))!).toString()).toBe('text');
  two!.delete('key');
  expect(await one!.get('key')).toBeUndefined();
});

test('a conversation is known to all soon after its turn', async () => {
  const place = { tier: 'small', upstream: 'local', model: 'm' } as const;
  const [one, two] = aGateway(2).peers.map((peers) =>
    peerConversations(memoryConversations(nowMs), peers),
  );
  one!.remember('thread', place);
  expect(one!.get('thread', NO_WAITING)).toEqual(place);
  await expect.poll(() => two!.get('thread', NO_WAITING)).toEqual(place);
});

test('of a conversation that moves within one batch the others learn where it is now', async () => {
  const small = { tier: 'small', upstream: 'local', model: 'm' } as const;
  const large = { tier: 'large', upstream: 'cloud', model: 'l', escalations: 1 } as const;
  const { peers, told } = aGateway(2);
  const [one, two] = peers.map((each) => peerConversations(memoryConversations(nowMs), each));
  const known = (keys: readonly string[]) => keys.map((key) => two!.get(key, NO_WAITING));
  one!.remember('moved', small);
  one!.remember('stays', small);
  one!.remember('moved', large);
  one!.remember('back', large);
  one!.remember('back', small);
  await expect.poll(() => known(['moved', 'stays', 'back'])).toEqual([large, small, small]);
  expect(told).toEqual(['conversations']);
});

test('a bucket is the primary’s, and each goes on with its part while that does not answer', async () => {
  const buckets = memoryRates(nowMs);
  const [one, two] = aGateway(2, (what, body) => {
    const { bucket, perMinute, count } = body as {
      bucket: string;
      perMinute: number;
      count: number;
    };
    return what === 'take'
      ? buckets.take(bucket, perMinute, count)
      : buckets.give(bucket, perMinute, count);
  }).peers.map((peers) => peerRates(memoryRates(nowMs), peers));
  const granted = async (rates: typeof one): Promise<boolean> =>
    (await rates!.take('key:bot:requests', 2, 1)).isGranted;
  expect([await granted(one), await granted(two), await granted(one)]).toEqual([true, true, false]);
  two!.give('key:bot:requests', 2, 1);
  expect(await granted(one)).toBe(true);
  const [alone] = aGateway(2).peers.map((peers) => peerRates(memoryRates(nowMs), peers));
  expect([await granted(alone), await granted(alone)]).toEqual([true, false]);
});
