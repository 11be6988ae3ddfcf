/** With a Redis that does not answer, or takes no writes: what is not known is not called missing, nor what another replica has deleted. */
import { expect, test } from 'vitest';
import { NO_WAITING } from '../../core/deadline.ts';
import { OWN_ID_MARK } from '../../core/own-ids.ts';
import { memoryResponseStore } from '../memory/responses.ts';
import type { RedisLink } from './link.ts';
import { redisResponses } from './responses.ts';

const OWN = `resp_${OWN_ID_MARK}${'0'.repeat(32)}`;
const ITEM = `msg_${OWN_ID_MARK}${'0'.repeat(32)}`;
const UPSTREAMS = 'resp_abc';
const STORED = { response: { id: OWN, output: [] }, inputItems: [], conversation: [] };

/** @param answers - whether it is there; its answers are errors all the same */
function storeOn(answers: boolean) {
  const here = memoryResponseStore();
  const refuse = (): never => {
    throw new Error('OOM');
  };
  const link: Pick<RedisLink, 'isAlone' | 'ask'> = {
    isAlone: () => !answers,
    ask: async () => refuse(),
  };
  // Nothing else of it is used.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return { here, store: redisResponses(link as RedisLink, here) };
}

test.each([true, false])(
  'what is not known to be missing is not called missing (answers: %s)',
  async (answers) => {
    const { store } = storeOn(answers);
    await expect(store.load('a', OWN, NO_WAITING)).rejects.toThrow();
    await expect(store.item('a', ITEM, NO_WAITING)).rejects.toThrow();
    await expect(store.remove('a', OWN, NO_WAITING)).rejects.toThrow();
  },
);

test.each([true, false])(
  'an upstream’s own id is left to it, without a question (answers: %s)',
  (answers) => {
    expect(storeOn(answers).store.load('a', UPSTREAMS, NO_WAITING)).toBeUndefined();
  },
);

test.each([true, false])(
  'what others could still give is not called deleted (answers: %s)',
  async (answers) => {
    const { here, store } = storeOn(answers);
    here.save('a', STORED);
    await expect(store.remove('a', OWN, NO_WAITING)).rejects.toThrow();
    expect(await store.load('a', OWN, NO_WAITING)).toBe(STORED);
  },
);
