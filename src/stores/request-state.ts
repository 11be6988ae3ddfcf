/** The state that a request reads and writes: in this process, with the other processes of this gateway, and with other replicas. */
import { peerAnswers, peerConversations, peerRates, peerResponses } from './peers/peers.ts';
import { peerPlaces } from './peers/peer-places.ts';
import type { Peers } from '../core/peers.ts';
import type { ByteBudget } from '../lib/byte-budget.ts';
import type { Secret } from '../lib/secret.ts';
import { memoryAnswers } from './memory/answers.ts';
import { memoryAttempts } from './memory/attempts.ts';
import { memoryConversations } from './memory/conversations.ts';
import { memoryPlaces } from './memory/places.ts';
import { memoryRates } from './memory/rates.ts';
import { memoryResponseStore } from './memory/responses.ts';
import { partialRates } from './peers/partial-rates.ts';
import type { RequestState, StoreTools } from './stores.ts';

interface OpenState extends RequestState {
  /** How many share limits, as far as is known here. */
  readonly replicas: () => number;
  close(): void;
}

/** @param replicas - that share the durable store */
export async function openRequestState(
  {
    nowMs,
    memory,
    peers,
    redis,
    onRedisProblem: onProblem,
  }: Pick<StoreTools, 'nowMs' | 'memory' | 'peers' | 'redis' | 'onRedisProblem'>,
  replicas: () => number,
): Promise<OpenState> {
  const own = peers === undefined ? requestState(nowMs, memory) : stateOfAll(peers, nowMs, memory);
  if (redis !== undefined)
    return await stateOnRedis(redis, own, { nowMs, memory, replicas, onProblem });
  // The primary of several processes has their limits whole.
  const rates = peers === undefined ? partialRates(memoryRates(nowMs), replicas) : own.rates;
  return { ...own, rates, replicas, close: () => {} };
}

/** In this process's memory, for every kind of store; `nowMs` is monotonic. */
export const requestState = (nowMs: () => number, memory?: ByteBudget): RequestState => ({
  responses: memoryResponseStore({}, memory),
  conversations: memoryConversations(nowMs),
  attempts: memoryAttempts(),
  rates: memoryRates(nowMs),
  places: memoryPlaces(),
  answers: memoryAnswers(nowMs, { memory }),
});

/** The same of several processes of one gateway. */
const stateOfAll = (peers: Peers, nowMs: () => number, memory?: ByteBudget): RequestState => ({
  responses: peerResponses(memoryResponseStore({}, memory), peers),
  conversations: peerConversations(memoryConversations(nowMs), peers),
  attempts: memoryAttempts(),
  rates: peerRates(memoryRates(nowMs), peers),
  places: peerPlaces(peers),
  answers: peerAnswers(memoryAnswers(nowMs, { memory }), peers, 'answer'),
  replays: peerAnswers(memoryAnswers(nowMs, { memory }), peers, 'replay'),
});

interface RedisTools extends Pick<StoreTools, 'nowMs' | 'memory'> {
  readonly replicas: () => number;
  readonly onProblem: StoreTools['onRedisProblem'];
}

/** What replicas share, in front of what is here. The client of Redis is loaded where there is one: it takes 40 ms of the processor. */
async function stateOnRedis(
  url: Secret,
  own: RequestState,
  { nowMs, memory, replicas, onProblem }: RedisTools,
): Promise<OpenState> {
  const [
    { redisLink },
    { redisRates },
    { redisAnswers },
    { redisConversations },
    { redisResponses },
  ] = await Promise.all([
    import('./redis/link.ts'),
    import('./redis/rates.ts'),
    import('./redis/answers.ts'),
    import('./redis/conversations.ts'),
    import('./redis/responses.ts'),
  ]);
  const link = redisLink({ url: url.reveal(), nowMs, onProblem });
  const rates = redisRates({ link, here: memoryRates(nowMs), replicas });
  return {
    ...own,
    rates,
    answers: redisAnswers(link, memoryAnswers(nowMs, { memory })),
    replays: redisAnswers(link),
    conversations: redisConversations(link, own.conversations),
    responses: redisResponses(link, own.responses),
    replicas: rates.replicas,
    redisProblem: link.problem,
    close: () => {
      rates.close();
      link.close();
    },
  };
}
