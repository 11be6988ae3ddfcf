/** Probabilities that the gateway asks for itself: the caller's answer is as if it had not. */
import { expect, test } from 'vitest';
import { begin, hi, rest, send, whole } from '../../../test/support/ask-upstream.ts';
import { iterated } from '../../../test/support/event-streams.ts';
import { openaiHarness, textOf } from '../../../test/support/openai-harness.ts';
import type { Behaviour, MockRequest } from '../../../test/support/mock-upstream.ts';
import type { ObserveTokens, TokenScore } from '../../core/token-scores.ts';
import type { JsonObject } from '../../lib/json.ts';

const { rig } = openaiHarness();
const LOCAL = { locality: 'local', dialect: 'vllm' } as const;

const TOKENS = [
  ['Hel', -0.5],
  ['lo', -0.25],
] as const;
const scoreOf = ([token, logprob]: readonly [string, number]) => ({
  token,
  logprob,
  bytes: [...Buffer.from(token)],
  top_logprobs: [{ token, logprob, bytes: [] }],
});

/** A server that gives probabilities where it is asked for them. */
function scoring({ body }: Pick<MockRequest, 'body'>): Behaviour {
  const asked = body['logprobs'] === true;
  const head = { id: 'chatcmpl-1', created: 5, model: 'tiny' };
  const of = (tokens: typeof TOKENS | readonly (typeof TOKENS)[number][]) =>
    asked ? { content: tokens.map(scoreOf), refusal: null } : null;
  if (body['stream'] !== true) {
    const message = { role: 'assistant', content: 'Hello', refusal: null };
    const choice = { index: 0, message, logprobs: of(TOKENS), finish_reason: 'stop' };
    const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
    return raw(JSON.stringify({ ...head, object: 'chat.completion', choices: [choice], usage }));
  }
  const event = (choice: JsonObject): string =>
    `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [{ index: 0, ...choice }] })}\n\n`;
  const texts = TOKENS.map((token) =>
    event({ delta: { content: token[0] }, logprobs: of([token]), finish_reason: null }),
  );
  const opening = event({ delta: { role: 'assistant' }, logprobs: null, finish_reason: null });
  const end = event({ delta: {}, logprobs: null, finish_reason: 'stop' });
  return raw(`${opening}${texts.join('')}${end}data: [DONE]\n\n`, 'text/event-stream');
}

const raw = (body: string, type = 'application/json'): Behaviour => ({
  kind: 'raw',
  body,
  headers: { 'content-type': type },
});

function observer(): { seen: TokenScore[]; observeTokens: ObserveTokens } {
  const seen: TokenScore[] = [];
  return { seen, observeTokens: (tokens) => seen.push(...tokens) };
}

const SCORES = TOKENS.map(([text, logprob]) => ({ text, logprob, top: [logprob] }));

test('they are asked for, told to the gateway and left out of a whole answer', async () => {
  const { mock, upstream } = await rig({ behaviour: scoring }, LOCAL);
  const plain = await whole(upstream, hi());
  const { seen, observeTokens } = observer();
  expect(await whole(upstream, hi(), { observeTokens })).toEqual(plain);
  expect(seen).toEqual(SCORES);
  expect(mock.requests.map(({ body }) => [body['logprobs'], body['top_logprobs']])).toEqual([
    [undefined, undefined],
    [true, 5],
  ]);
});

test('a stream arrives byte for byte as without them', async () => {
  const { upstream } = await rig({ behaviour: scoring }, LOCAL);
  const plain = textOf(await rest(await begin(upstream, hi())));
  const { seen, observeTokens } = observer();
  expect(textOf(await rest(await begin(upstream, hi(), { observeTokens })))).toBe(plain);
  expect(plain).not.toContain('top_logprobs');
  expect(seen).toEqual(SCORES);
});

test('a caller who asks for them gets them, as asked', async () => {
  const { mock, upstream } = await rig({ behaviour: scoring }, LOCAL);
  const { seen, observeTokens } = observer();
  const asked = hi('hi', { logprobs: true, top_logprobs: 1 });
  const events = textOf(await rest(await begin(upstream, asked, { observeTokens })));
  expect(events).toContain('top_logprobs');
  expect(seen).toEqual(SCORES);
  expect(mock.requests[0]!.body['top_logprobs']).toBe(1);
});

test.each([false, true])('a server that refuses is asked once (stream: %s)', async (stream) => {
  const { mock, upstream } = await rig(
    {
      behaviour: ({ body }) =>
        body['logprobs'] === true
          ? { kind: 'error', status: 400, message: 'logprobs is not supported' }
          : undefined,
    },
    LOCAL,
  );
  const { seen, observeTokens } = observer();
  for (const _ of [1, 2]) {
    const answer = await send(upstream, hi(), { stream, observeTokens });
    if (answer.kind === 'stream') await rest(iterated(answer.events));
  }
  expect(mock.requests.map(({ body }) => body['logprobs'])).toEqual([true, undefined, undefined]);
  expect(seen).toEqual([]);
});

test('a server that leaves them out is not asked again', async () => {
  const behaviour = ({ body }: MockRequest): Behaviour =>
    scoring({ body: { stream: body['stream'] ?? false } });
  const { mock, upstream } = await rig({ behaviour }, LOCAL);
  const { seen, observeTokens } = observer();
  await whole(upstream, hi(), { observeTokens });
  await whole(upstream, hi(), { observeTokens });
  expect(mock.requests.map(({ body }) => body['logprobs'])).toEqual([true, undefined]);
  expect(seen).toEqual([]);
});

test('a refusal that is about something else is no reason to ask again', async () => {
  const { mock, upstream } = await rig(
    { behaviour: () => ({ kind: 'error', status: 400, message: 'temperature must be a number' }) },
    LOCAL,
  );
  await expect(send(upstream, hi(), observer())).rejects.toThrow('temperature');
  expect(mock.requests).toHaveLength(1);
});
