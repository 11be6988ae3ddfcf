/** `/v1/responses` through the whole gateway: the local server knows chat only, the cloud has its own. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI, { APIError, BadRequestError, NotFoundError } from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { UsageRecord } from '../../src/core/record.ts';
import { mark } from '../support/mock-upstream.ts';
import { conforms } from '../support/openai-schemas.ts';
import {
  EASY,
  HARD,
  simplePolicy,
  startTestGateway,
  type WholeGateway,
} from '../support/gateway-fixture.ts';

let whole: WholeGateway;
let client: OpenAI;
beforeAll(async () => {
  whole = await startTestGateway({
    local: { without: ['/responses'] },
    policy: simplePolicy(`
constraints:
  - { name: pii-stays-local, when: "signals.pii >= 0.5", require: { locality: local } }`),
  });
  client = new OpenAI({ baseURL: `${whole.gateway.url}/v1`, apiKey: 'none', maxRetries: 0 });
});
afterAll(() => whole.close());

const ask = async (body: OpenAI.Responses.ResponseCreateParamsNonStreaming) => {
  const { data, response } = await client.responses.create(body).withResponse();
  return { data, upstream: response.headers.get('x-smallfirst-upstream'), response };
};

/** Of a whole response, or of the one in a stream's last event. */
function usageIn(answer: string): OpenAI.Responses.ResponseUsage | undefined {
  const [, last = answer] = /\ndata: (.*)\s*$/.exec(answer) ?? [];
  const said = JSON.parse(last) as OpenAI.Responses.Response &
    OpenAI.Responses.ResponseCompletedEvent;
  return (said.response ?? said).usage;
}

describe('a response', () => {
  test('easy: is the local model’s, by way of chat, in OpenAI’s shape', async () => {
    const { data, upstream } = await ask({ model: 'auto', input: EASY });
    expect(upstream).toBe('local');
    expect(whole.local.requests.at(-1)?.path).toBe('/v1/chat/completions');
    const { output_text: text, ...wire } = data;
    expect(text).toContain(EASY);
    expect(data.model).toBe('slm');
    expect(conforms('response', wire)).toEqual([]);
  });

  test('hard: is the cloud’s own, untouched', async () => {
    const { data, upstream } = await ask({ model: 'auto', input: HARD });
    expect(upstream).toBe('cloud');
    expect(whole.cloud.requests.at(-1)?.path).toBe('/v1/responses');
    expect(data.model).toBe('gpt-4o');
  });

  test('with a tool that only OpenAI runs goes to the cloud, however easy', async () => {
    const { upstream } = await ask({ model: 'auto', input: EASY, tools: [{ type: 'web_search' }] });
    expect(upstream).toBe('cloud');
  });

  test('streams as named events with rising numbers, and its record knows the tokens', async () => {
    const { data: stream, response } = await client.responses
      .create({ model: 'auto', input: EASY, stream: true })
      .withResponse();
    const seen: OpenAI.Responses.ResponseStreamEvent[] = [];
    for await (const event of stream) seen.push(event);
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(seen.map((event) => event.sequence_number)).toEqual(seen.map((_, at) => at));
    for (const event of seen) expect(conforms('response event', event)).toEqual([]);
    const last = seen.at(-1);
    if (last?.type !== 'response.completed') throw new Error(`ended with ${last?.type}`);
    const record = await whole.record(response);
    expect(record).toMatchObject({ operation: 'responses', outcome: 'answered' });
    expect(record.attempts[0]?.usage).toMatchObject({
      inputTokens: last.response.usage?.input_tokens,
      outputTokens: last.response.usage?.output_tokens,
    });
  });

  test.each([false, true])(
    'of a server that reports no usage has the counted usage of its record (stream: %s)',
    async (stream) => {
      const input = `${EASY} ${mark({ kind: 'answer', usage: 'none' })}`;
      const answer = await whole.post('/v1/responses', { model: 'small', input, stream });
      const usage = usageIn(await answer.text());
      const record = await whole.record(answer);
      expect(record.attempts[0]?.usage).toEqual({
        inputTokens: usage?.input_tokens,
        cachedInputTokens: usage?.input_tokens_details.cached_tokens,
        outputTokens: usage?.output_tokens,
        reasoningTokens: usage?.output_tokens_details.reasoning_tokens,
        source: 'counted',
      });
      expect(usage?.output_tokens).toBeGreaterThan(0);
      expect(usage?.total_tokens).toBe(Number(usage?.input_tokens) + Number(usage?.output_tokens));
      const chat = await whole.post('/v1/chat/completions', {
        model: 'small',
        messages: [{ role: 'user', content: input }],
      });
      expect(await chat.json()).toMatchObject({
        usage: { prompt_tokens: usage?.input_tokens, completion_tokens: usage?.output_tokens },
      });
    },
  );

  test('that breaks off is an error in the SDK and a failure in the record', async () => {
    const input = `${EASY} ${mark({ kind: 'broken', after: 2, how: 'reset' })}`;
    const { data: stream, response } = await client.responses
      .create({ model: 'small', input, stream: true })
      .withResponse();
    const types: string[] = [];
    const reading = (async () => {
      for await (const event of stream) types.push(event.type);
    })();
    const error = await reading.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(APIError);
    expect(error).toMatchObject({ error: { code: 'upstream_interrupted' } });
    expect(types).toContain('response.failed');
    expect(types).not.toContain('response.completed');
    const record: UsageRecord = await whole.record(response);
    expect(record.outcome).toBe('failed');
  });
});

describe('a follow-up', () => {
  test('of an easy answer that is hard goes to the cloud with all that was said', async () => {
    const first = await ask({ model: 'auto', input: EASY });
    const second = await ask({ model: 'auto', input: HARD, previous_response_id: first.data.id });
    expect([first.upstream, second.upstream]).toEqual(['local', 'cloud']);
    expect(second.data.previous_response_id).toBe(first.data.id);
    expect(whole.cloud.requests.at(-1)?.body).toMatchObject({
      input: [
        { role: 'user', content: [{ text: EASY }] },
        { role: 'assistant', content: first.data.output_text },
        { role: 'user', content: HARD },
      ],
    });
    const third = await ask({ model: 'auto', input: EASY, previous_response_id: second.data.id });
    expect(third.upstream).toBe('cloud');
    expect(whole.cloud.requests.at(-1)?.body).toMatchObject({
      previous_response_id: second.data.id,
      input: EASY,
    });
  });

  test('of a conversation with personal data stays here, though it says none itself', async () => {
    const card = 'My card is 4111 1111 1111 1111 and my mail is ana@ejemplo.es.';
    const first = await ask({ model: 'auto', input: card });
    const second = await ask({ model: 'auto', input: HARD, previous_response_id: first.data.id });
    expect([first.upstream, second.upstream]).toEqual(['local', 'local']);
    const sent = whole.cloud.requests.map((request) => request.raw.toString()).join('\n');
    expect(sent).not.toContain('4111');
  });
});

describe('a stored response', () => {
  test('is retrieved, its input listed, and deleted', async () => {
    const { data } = await ask({ model: 'small', input: EASY });
    const found = await client.responses.retrieve(data.id);
    expect(found.output_text).toBe(data.output_text);
    const items = await client.responses.inputItems.list(data.id);
    expect(items.data).toMatchObject([{ role: 'user', content: [{ text: EASY }] }]);
    await client.responses.delete(data.id);
  });
});

describe('without a cloud', () => {
  let alone: WholeGateway;
  let here: OpenAI;
  beforeAll(async () => {
    alone = await startTestGateway({ cloud: 'none', local: { without: ['/responses'] } });
    here = new OpenAI({ baseURL: `${alone.gateway.url}/v1`, apiKey: 'none', maxRetries: 0 });
  });
  afterAll(() => alone.close());

  test('a follow-up of nothing is refused in OpenAI’s words', async () => {
    const body = { model: 'auto', input: EASY, previous_response_id: 'resp_nothing' };
    const asked = here.responses.create(body);
    await expect(asked).rejects.toBeInstanceOf(BadRequestError);
    await expect(asked).rejects.toMatchObject({
      code: 'previous_response_not_found',
      param: 'previous_response_id',
    });
  });

  test('what was deleted, not stored, or never was is not found', async () => {
    const { id: unstored } = await here.responses.create({
      model: 'auto',
      input: EASY,
      store: false,
    });
    const { id: deleted } = await here.responses.create({ model: 'auto', input: EASY });
    await here.responses.delete(deleted);
    for (const id of [unstored, deleted, 'resp_nothing']) {
      await expect(here.responses.retrieve(id)).rejects.toBeInstanceOf(NotFoundError);
    }
  });

  test('tokens are counted here, the stored conversation too', async () => {
    const { id } = await here.responses.create({ model: 'auto', input: EASY });
    const first = await here.responses.inputTokens.count({ input: EASY });
    expect(first).toEqual({
      object: 'response.input_tokens',
      input_tokens: expect.any(Number) as number,
      estimated: true,
    });
    const both = { input: EASY, previous_response_id: id };
    const second = await here.responses.inputTokens.count(both);
    expect(second.input_tokens).toBeGreaterThan(2 * first.input_tokens);
  });

  test('compaction is refused with what to do', async () => {
    const asked = here.responses.compact({ model: 'gpt-4o', input: EASY });
    await expect(asked).rejects.toBeInstanceOf(BadRequestError);
    await expect(asked).rejects.toThrow('send the conversation itself, or fewer of its items');
  });

  test('a tool that only OpenAI runs is refused with what to do', async () => {
    const asked = here.responses.create({
      model: 'auto',
      input: EASY,
      tools: [{ type: 'web_search' }],
    });
    await expect(asked).rejects.toBeInstanceOf(BadRequestError);
  });
});

describe('tokens of what comes in', () => {
  const counted = { object: 'response.input_tokens', input_tokens: expect.any(Number) as number };
  const count = (input: string) => client.responses.inputTokens.count({ model: 'gpt-4o', input });

  test.each([
    ['no JSON', '{"input": '],
    ['no text', '{"input": 5}'],
    ['of another API', '{"messages": []}'],
  ])('of a body that is %s are counted nowhere', async (_, body) => {
    const init = { method: 'POST', body, headers: { 'content-type': 'application/json' } };
    const answer = await fetch(`${whole.gateway.url}/v1/responses/input_tokens`, init);
    expect([answer.status, await answer.json()]).toMatchObject([
      400,
      { error: { type: 'invalid_request_error' } },
    ]);
  });

  test('are counted here where the policy lets nothing out', async () => {
    const before = whole.cloud.requests.length;
    expect(await count('Write to bob.miller@acme-corp.com')).toEqual({
      ...counted,
      estimated: true,
    });
    expect(whole.cloud.requests).toHaveLength(before);
  });

  test('and where the cloud has no such route', async () => {
    expect(await count(EASY)).toEqual({ ...counted, estimated: true });
    expect(whole.cloud.requests.at(-1)?.path).toBe('/v1/responses/input_tokens');
  });
});

describe('with keys', () => {
  test('nobody reads, continues or deletes another caller’s responses, here or in the cloud', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'keys-'));
    for (const name of 'abc') await writeFile(join(folder, name), name.repeat(32));
    const secret = (name: string): string => `{ file: ${join(folder, name)} }`;
    const keys = `[{ name: ann, key: ${secret('b')} }, { name: bob, key: ${secret('c')} }]`;
    const keyed = await startTestGateway({
      local: { without: ['/responses'] },
      config: `auth: { mode: keys, adminKey: ${secret('a')}, keys: ${keys} }`,
    });
    const as = (letter: string): OpenAI =>
      new OpenAI({
        baseURL: `${keyed.gateway.url}/v1`,
        apiKey: letter.repeat(32),
        maxRetries: 0,
      });
    const [ann, bob] = [as('b'), as('c')];
    try {
      for (const input of [EASY, HARD]) {
        const { id } = await ann.responses.create({ model: 'auto', input });
        const before = keyed.cloud.requests.length;
        await expect(bob.responses.retrieve(id)).rejects.toBeInstanceOf(NotFoundError);
        await expect(bob.responses.delete(id)).rejects.toBeInstanceOf(NotFoundError);
        const stolen = bob.responses.create({ model: 'auto', input, previous_response_id: id });
        await expect(stolen).rejects.toBeInstanceOf(BadRequestError);
        expect(keyed.cloud.requests).toHaveLength(before);
        expect(await ann.responses.retrieve(id)).toMatchObject({ id });
      }
    } finally {
      await keyed.close();
      await rm(folder, { recursive: true });
    }
  });
});
