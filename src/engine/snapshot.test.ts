import { describe, expect, test } from 'vitest';
import { call } from '../../test/support/call.ts';
import { promisesMadeBy } from '../../test/support/count-promises.ts';
import type { Call } from '../core/call.ts';
import type { JsonObject } from '../lib/json.ts';
import { memoryConversations } from '../stores/memory/conversations.ts';
import { memoryResponseStore } from '../stores/memory/responses.ts';
import { createDeadlines } from './deadline.ts';
import { createSnapshots, type SharedState, type SnapshotSources } from './snapshot.ts';

const PLACE = { tier: 'large', upstream: 'cloud', model: 'gpt-4o' } as const;

function start(over: Partial<SnapshotSources> = {}) {
  const { start: stateDeadline, timeouts } = createDeadlines({ ms: 5, nowMs: () => 0 });
  const { shared } = createSnapshots({
    upstreams: new Map(),
    health: () => ({ reachable: true, unhealthyModels: [], queueDepth: 0 }),
    boundTo: () => 'cloud',
    conversations: { get: () => PLACE, remember: () => {} },
    ...over,
  });
  const request = (): Call =>
    call({
      session: 's1',
      body: { model: 'auto', input: 'x', previous_response_id: 'resp_1' },
      stateDeadline: stateDeadline(),
    });
  return { shared: () => shared(request()), timeouts };
}

const never = (): Promise<never> => new Promise(() => {});
const failing = (): Promise<never> => Promise.reject(new Error('connection refused'));
const soon = <T>(value: T): Promise<T> =>
  new Promise((resolve) => void setImmediate(resolve, value));
const whole: SharedState = {
  boundTo: 'cloud',
  threadKeys: [expect.any(String), expect.any(String)],
  earlierTurn: undefined,
  isNamedThread: true,
  thread: PLACE,
};

test('state in memory is read synchronously', () => {
  expect(start().shared()).toEqual(whole);
});

test('state in memory makes no promise', () => {
  const responses = memoryResponseStore();
  const conversations = memoryConversations(() => 0);
  const { shared } = start({
    boundTo: (id, caller) => responses.boundTo(caller, id),
    conversations,
  });
  expect(promisesMadeBy(shared)).toBe(0);
  expect(promisesMadeBy(start({ boundTo: () => soon('cloud') }).shared)).toBeGreaterThan(0);
});

test('shared state is read concurrently and awaited', async () => {
  const asked: string[] = [];
  const note = <T>(what: string, value: T): Promise<T> => {
    asked.push(what);
    return soon(value);
  };
  const { shared, timeouts } = start({
    boundTo: () => note('bound', 'cloud'),
    conversations: { get: () => note('thread', PLACE), remember: () => {} },
  });
  const waiting = shared();
  expect(asked.toSorted()).toEqual(['bound', 'thread']);
  expect(await waiting).toEqual(whole);
  expect(timeouts()).toMatchObject({ conversations: 0, responses: 0 });
});

describe.each([
  ['never answers', never],
  ['fails', failing],
])('a port that %s', (_, broken) => {
  test('starts the conversation afresh', async () => {
    const { shared, timeouts } = start({ conversations: { get: broken, remember: () => {} } });
    expect(await shared()).toEqual({ ...whole, thread: undefined });
    expect(timeouts().conversations).toBe(1);
  });

  test('refuses to continue a response, with OpenAI’s error', async () => {
    const { shared, timeouts } = start({ boundTo: broken });
    await expect(shared()).rejects.toMatchObject({
      status: 400,
      message: "Previous response with id 'resp_1' not found.",
      param: 'previous_response_id',
      wireCode: 'previous_response_not_found',
    });
    expect(timeouts().responses).toBe(1);
  });
});

describe('where a conversation is', () => {
  const hello = { role: 'user', content: 'Hello' };
  const next = { role: 'user', content: 'And now?' };
  const answer = { role: 'assistant', content: 'Hi' };

  function world() {
    const threads = memoryConversations(() => 0);
    const { start: stateDeadline } = createDeadlines({ ms: 5, nowMs: () => 0 });
    const { shared } = createSnapshots({
      upstreams: new Map(),
      health: () => ({ reachable: true, unhealthyModels: [], queueDepth: 0 }),
      boundTo: () => undefined,
      conversations: threads,
    });
    const at = (messages: readonly JsonObject[], session?: string) =>
      shared(
        call({
          body: { messages },
          stateDeadline: stateDeadline(),
          ...(session === undefined ? {} : { session }),
        }),
      ) as SharedState;
    const answered = (messages: readonly JsonObject[], session?: string): void => {
      for (const key of at(messages, session).threadKeys ?? []) threads.remember(key, PLACE);
    };
    return { at, answered };
  }

  test('a turn finds the model that answered the one before it', () => {
    const { at, answered } = world();
    answered([hello]);
    expect(at([hello, answer, next]).thread).toEqual(PLACE);
  });

  test('the first words of a conversation continue nothing, whoever else began with them', () => {
    const { at, answered } = world();
    answered([hello]);
    expect(at([hello]).thread).toBeUndefined();
    answered([hello], 's1');
    expect(at([next], 's1').thread).toEqual(PLACE);
  });

  test('a client that rewrites what was said is known by how the conversation began', () => {
    const { at, answered } = world();
    answered([hello, answer, next]);
    const rewritten = [hello, answer, { role: 'user', content: '(cut)' }, answer, next];
    expect(at(rewritten).thread).toEqual(PLACE);
  });
});
