/** Base URLs that users of SDKs were reported to configure (README.md). */
import OpenAI, { AzureOpenAI } from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EASY, startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

const KEY = 'key-of-a-caller-0123456789';
let whole: WholeGateway;
beforeAll(async () => {
  whole = await startTestGateway({
    config: "auth: { mode: keys, adminKey: '${ADMIN}', keys: [{ name: one, key: '${KEY}' }] }",
    env: { ADMIN: 'admin-key-0123456789', KEY },
  });
});
afterAll(() => whole.close());

const messages = [{ role: 'user' as const, content: EASY }];

describe.each(['', '/v1', '/v1/', '/v1/v1', '/api/v1', '/openai/v1', '/openai'])(
  'base URL %j',
  (base) => {
    test('chat, responses, embeddings and models are answered', async () => {
      const client = new OpenAI({ baseURL: whole.gateway.url + base, apiKey: KEY, maxRetries: 0 });
      const { choices } = await client.chat.completions.create({ model: 'auto', messages });
      expect(choices[0]?.message.content).toContain('local answers');
      const { output_text: text } = await client.responses.create({ model: 'auto', input: EASY });
      expect(text).toContain('local answers');
      const model = 'text-embedding-3-small';
      const { data } = await client.embeddings.create({ model, input: EASY });
      expect(data).toHaveLength(1);
      expect((await client.models.list()).data.map(({ id }) => id)).toContain('auto');
    });

    test('without a key nothing is', async () => {
      const client = new OpenAI({ baseURL: whole.gateway.url + base, apiKey: 'no', maxRetries: 0 });
      const asked = client.chat.completions.create({ model: 'auto', messages });
      await expect(asked).rejects.toThrow(OpenAI.AuthenticationError);
    });
  },
);

describe('a client of Azure', () => {
  const azure = (options: object) =>
    new AzureOpenAI({ apiKey: KEY, apiVersion: '2024-10-21', maxRetries: 0, ...options });

  test.each([
    ['its resource', () => ({ endpoint: whole.gateway.url })],
    ['a deployment', () => ({ endpoint: whole.gateway.url, deployment: 'auto' })],
    ['a base URL', () => ({ baseURL: `${whole.gateway.url}/openai` })],
    ['a base URL that ends in /v1', () => ({ baseURL: `${whole.gateway.url}/v1` })],
  ])('by %s, whole and streamed; its version of the API stays here', async (_how, options) => {
    const client = azure(options());
    const { choices } = await client.chat.completions.create({ model: 'auto', messages });
    expect(choices[0]?.message.content).toContain('local answers');
    const stream = client.chat.completions.stream({ model: 'auto', messages });
    expect(await stream.finalContent()).toContain('local answers');
    expect(JSON.stringify(whole.local.requests.at(-1))).not.toContain('api-version');
  });

  test('its responses, embeddings and models', async () => {
    const client = azure({ endpoint: whole.gateway.url });
    const { output_text: text } = await client.responses.create({ model: 'auto', input: EASY });
    expect(text).toContain('local answers');
    const { data } = await client.embeddings.create({
      model: 'text-embedding-3-small',
      input: EASY,
    });
    expect(data).toHaveLength(1);
    expect((await client.models.list()).data.map(({ id }) => id)).toContain('auto');
  });

  test('a model in the path that there is not is 404', async () => {
    const answer = await whole.post(
      '/openai/deployments/nobody/chat/completions?api-version=1',
      { messages },
      { headers: { 'api-key': KEY } },
    );
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ error: { code: 'model_not_found' } });
  });
});
