/** What one model left in a conversation, when another one goes on with it. */
import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/lib/json.ts';
import type { MockRequest } from '../support/mock-upstream.ts';
import { EASY, HARD, type WholeGateway } from '../support/gateway-fixture.ts';
import { gatewayPerTest } from '../support/gateway-per-test.ts';

const start = gatewayPerTest();

const messagesOf = (request: MockRequest | undefined): readonly JsonObject[] =>
  (request?.body['messages'] ?? []) as readonly JsonObject[]; // the gateway's own messages

const chat = (gateway: WholeGateway, messages: readonly JsonObject[], model = 'auto') =>
  gateway.post('/v1/chat/completions', { model, messages });

const thinking = {
  kind: 'raw',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    id: 'c1',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [
      {
        index: 0,
        finish_reason: 'stop',
        logprobs: null,
        message: { role: 'assistant', content: 'Four.', refusal: null, reasoning_content: 'sum' },
      },
    ],
  }),
} as const;

const said = (more: JsonObject): JsonObject => ({ role: 'assistant', content: 'Four.', ...more });

test('reasoning that the small model wrote does not reach a cloud that never writes any', async () => {
  const gateway = await start({});
  const turns = [
    { role: 'user', content: '2+2?' },
    said({ reasoning: 'a', reasoning_content: 'a', thinking: 'a', encrypted_content: 'x' }),
    said({ reasoning_text: 'a', reasoning_opaque: 'x', thoughts: 'a', thought_signature: 'x' }),
    said({
      content: [
        { type: 'thinking', thinking: 'hm', signature: 's' },
        { type: 'text', text: 'Four.' },
      ],
    }),
    { role: 'user', content: HARD },
  ];
  await chat(gateway, turns);
  expect(messagesOf(gateway.cloud.requests.at(-1))).toEqual([
    turns[0],
    said({}),
    said({}),
    said({ content: [{ type: 'text', text: 'Four.' }] }),
    turns[4],
  ]);
});

test('a cloud that writes reasoning gets its own back, and only in the member that it writes', async () => {
  const gateway = await start({ cloud: { behaviour: () => thinking } });
  const turns = [
    { role: 'user', content: HARD },
    said({ reasoning_content: 'sum', thinking: 'foreign' }),
    { role: 'user', content: HARD },
  ];
  await chat(gateway, turns, 'large');
  expect(messagesOf(gateway.cloud.requests.at(-1))[1]).toEqual(said({}));
  await chat(gateway, turns, 'large');
  expect(messagesOf(gateway.cloud.requests.at(-1))[1]).toEqual(said({ reasoning_content: 'sum' }));
});

test('a cloud that is known to need its reasoning gets it before it has answered', async () => {
  const gateway = await start({});
  const turns = [{ role: 'user', content: HARD }, said({ reasoning_content: 'sum' })];
  await chat(gateway, [...turns, { role: 'user', content: HARD }], 'cloud/deepseek-chat');
  expect(messagesOf(gateway.cloud.requests.at(-1))[1]).toEqual(turns[1]);
});

test('over five turns with a late system message each the local prompt only grows', async () => {
  const gateway = await start({ upstream: ', server: vllm' });
  const messages: JsonObject[] = [{ role: 'system', content: 'Be brief.' }];
  const prompts: string[] = [];
  for (let turn = 1; turn <= 5; turn += 1) {
    messages.push({ role: 'user', content: EASY }, { role: 'system', content: `Turn ${turn}.` });
    const answer = await chat(gateway, messages, 'small');
    expect(answer.headers.get('x-smallfirst-upstream')).toBe('local');
    prompts.push(JSON.stringify(messagesOf(gateway.local.requests.at(-1))).slice(0, -1));
    messages.push({ role: 'assistant', content: `Answer ${turn}.` });
  }
  for (const [at, prompt] of prompts.slice(0, -1).entries()) {
    expect(commonPrefix(prompt, prompts[at + 1] ?? '')).toBe(prompt.length);
  }
});

function commonPrefix(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return length;
}
