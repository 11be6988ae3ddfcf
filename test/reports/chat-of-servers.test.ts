/** Answers of servers as users of gateways and clients reported them (README.md): OpenAI's SDK reads what comes of them. */
import type OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/lib/json.ts';
import { startSayingCloud, type SayingCloud } from '../support/saying-cloud.ts';
import { CALLS, TEXTS, WHOLE } from './chat-of-servers.ts';

let cloud: SayingCloud;
let client: OpenAI;
beforeAll(async () => {
  cloud = await startSayingCloud();
  ({ client } = cloud);
});
afterAll(async () => {
  await cloud.close();
});

const asked = { model: 'cloud/gpt-4o', messages: [{ role: 'user' as const, content: 'hi' }] };
const eventsOf = (chunks: readonly JsonObject[]): string =>
  [...chunks.map((data) => JSON.stringify(data)), '[DONE]']
    .map((data) => `data: ${data}\n\n`)
    .join('');

/** Two ways to read it: the SDK adds the stream up, and the gateway does, for a caller that did not want one. */
async function readTwice(chunks: readonly JsonObject[]) {
  cloud.say(eventsOf(chunks));
  return [
    await client.chat.completions.stream(asked).finalChatCompletion(),
    await client.chat.completions.create(asked),
  ];
}

/** The chunks as they stand on the wire. */
async function onTheWire() {
  const stream = await client.chat.completions.create({ ...asked, stream: true });
  const seen: OpenAI.ChatCompletionChunk[] = [];
  for await (const one of stream) seen.push(one);
  return seen;
}

const saidBy = ({ message }: { readonly message: OpenAI.ChatCompletionMessage }) =>
  message.tool_calls?.map((one) =>
    one.type === 'function' ? `${one.function.name} ${one.function.arguments}` : one.type,
  ) ?? [message.content ?? ''];

describe('a stream of calls', () => {
  test.each(CALLS)('%s', async (_what, chunks, calls) => {
    for (const { choices } of await readTwice(chunks)) {
      expect(choices).toHaveLength(1);
      expect(choices[0]?.finish_reason).toBe('tool_calls');
      expect(choices.flatMap(saidBy)).toEqual(calls);
      const ids = choices.flatMap(({ message }) => message.tool_calls?.map(({ id }) => id) ?? []);
      expect(ids).toEqual(['a', 'b'].slice(0, ids.length));
    }
  });

  test.each(CALLS)('%s: what is added up is given once', async (_what, chunks) => {
    cloud.say(eventsOf(chunks));
    const deltas = (await onTheWire()).flatMap(({ choices }) => choices.map(({ delta }) => delta));
    expect(deltas.map(({ role }) => role).filter(Boolean)).toEqual(['assistant']);
    const pieces = deltas.flatMap(({ tool_calls = [] }) => tool_calls);
    const ids = pieces.flatMap(({ id }) => (id === undefined ? [] : [id]));
    expect(ids).toEqual([...new Set(ids)]);
    for (const piece of pieces) expect(piece.function?.arguments).toEqual(expect.any(String));
  });
});

describe('a stream of a text', () => {
  test.each(TEXTS)('%s', async (_what, chunks) => {
    for (const { choices, created, model, object } of await readTwice(chunks)) {
      expect({ created, object, model: model !== '' }).toEqual({
        created: 7,
        object: 'chat.completion',
        model: true,
      });
      expect(choices[0]?.finish_reason).toBe('stop');
      expect(choices[0]?.message).toMatchObject({ role: 'assistant', content: 'Hello' });
    }
  });

  test.each(TEXTS)(
    '%s: each chunk has all that clients with types insist on',
    async (_what, chunks) => {
      cloud.say(eventsOf(chunks));
      const seen = await onTheWire();
      for (const { id, object, created, model, choices } of seen) {
        expect([id, object, created]).toEqual(['c', 'chat.completion.chunk', 7]);
        expect(model).toMatch(/./);
        for (const { index, delta } of choices)
          expect([index, typeof delta, delta.tool_calls]).toEqual([0, 'object', undefined]);
      }
      const roles = seen.flatMap(({ choices }) => choices.map(({ delta }) => delta?.role));
      expect(roles.filter(Boolean)).toEqual(['assistant']);
    },
  );
});

test.each(['data: : keepalive', ': ping', 'id: 1\n: ping'])(
  'a sign of life between two texts is none: %s',
  async (alive) => {
    const [first, ...rest] = TEXTS[0]?.[1] ?? [];
    const whole = eventsOf([first ?? {}]).replace('data: [DONE]\n\n', '');
    cloud.say(`${whole}${alive}\n\n${eventsOf(rest)}`);
    const { choices } = await client.chat.completions.stream(asked).finalChatCompletion();
    expect(choices[0]?.message.content).toBe('Hello');
  },
);

test.each(WHOLE)('a whole answer: %s', async (_what, sent, says) => {
  cloud.say(sent);
  const { id, object, created, model, choices } = await client.chat.completions.create(asked);
  expect([object, created]).toEqual(['chat.completion', 7]);
  for (const text of [id, model]) expect(text).toMatch(/./);
  expect(choices.flatMap(saidBy)).toEqual([says]);
  expect(choices[0]).toMatchObject({
    index: 0,
    message: { role: 'assistant' },
    finish_reason: says === 'f {}' ? 'tool_calls' : 'stop',
  });
});

test('a call that was forced ends with `stop`, as OpenAI has it', async () => {
  cloud.say(eventsOf(CALLS.find(([what]) => what.includes('ends with `stop`'))?.[1] ?? []));
  const forced = { ...asked, tool_choice: { type: 'function' as const, function: { name: 'f' } } };
  const { choices } = await client.chat.completions.create(forced);
  expect(choices[0]?.finish_reason).toBe('stop');
});
