/** OpenAI's SDK: embeddings, models, text completions, and the endpoints that are only carried. */
import OpenAI, { toFile } from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mark } from '../support/mock-upstream.ts';
import { vectorOf } from '../support/mock/embeddings.ts';
import { PIXEL_PNG, SPEECH } from '../support/mock/media.ts';
import {
  CLOUD_MODELS,
  isGateway,
  seesUpstreams,
  startTarget,
  type Target,
} from './support/target.ts';

let target: Target;
let client: OpenAI;
const EMBEDDER = 'text-embedding-3-small';

beforeAll(async () => {
  target = await startTarget();
  client = new OpenAI({ baseURL: target.url, apiKey: target.apiKey, maxRetries: 0 });
});
afterAll(() => target.close());

describe('embeddings', () => {
  const expected = (text: string, dimensions = 8) => Array.from(vectorOf(text, dimensions));

  test.each<[string, OpenAI.EmbeddingCreateParams['encoding_format']]>([
    ["the SDK's default (base64)", undefined],
    ['float', 'float'],
  ])('vectors come back exactly as %s', async (_name, encoding_format) => {
    const { data, object } = await client.embeddings.create({
      model: EMBEDDER,
      input: 'hello',
      encoding_format,
    });
    expect(object).toBe('list');
    expect(data[0]?.embedding).toEqual(expected('hello'));
  });

  test('base64 asked for is base64 on the wire', async () => {
    const raw = await client.embeddings.create({
      model: EMBEDDER,
      input: 'hello',
      encoding_format: 'base64',
    });
    const bytes = Buffer.from(Float32Array.from(expected('hello')).buffer);
    expect(raw.data[0]?.embedding).toBe(bytes.toString('base64'));
  });

  test.each([2, 100, 500])('%i inputs come back in order', async (count) => {
    const input = Array.from({ length: count }, (_, index) => `text ${index}`);
    const { data } = await client.embeddings.create({ model: EMBEDDER, input });
    expect(data.map(({ index }) => index)).toEqual(input.map((_, index) => index));
    expect(data.at(-1)?.embedding).toEqual(expected(input.at(-1) ?? ''));
  });

  test('dimensions are carried', async () => {
    const { data } = await client.embeddings.create({ model: EMBEDDER, input: 'x', dimensions: 3 });
    expect(data[0]?.embedding).toHaveLength(3);
  });

  test.each<[string, number[] | number[][]]>([
    ['tokens', [1, 2, 3]],
    ['lists of tokens', [[1, 2], [3]]],
  ])('input as %s is carried', async (_name, input) => {
    const { data } = await client.embeddings.create({ model: EMBEDDER, input });
    expect(data.length).toBe(Array.isArray(input[0]) ? input.length : 1);
  });

  test('usage is there', async () => {
    const { usage } = await client.embeddings.create({ model: EMBEDDER, input: 'hello' });
    expect(usage.total_tokens).toBeGreaterThan(0);
  });

  test.runIf(isGateway)('an unknown model is 404', async () => {
    const asked = client.embeddings.create({ model: 'no-such-model', input: 'x' });
    await expect(asked).rejects.toThrow(OpenAI.NotFoundError);
  });

  test.runIf(isGateway)('no input is 400', async () => {
    const asked = client.embeddings.create({ model: EMBEDDER } as OpenAI.EmbeddingCreateParams);
    await expect(asked).rejects.toThrow(OpenAI.BadRequestError);
  });
});

describe('models', () => {
  test("every listed model has OpenAI's members and can be retrieved", async () => {
    const listed = await client.models.list();
    expect(listed.data.length).toBeGreaterThan(0);
    for (const { id, object, owned_by } of listed.data) {
      expect(object).toBe('model');
      expect(owned_by).toMatch(/.+/);
      expect((await client.models.retrieve(id)).id).toBe(id);
    }
  });

  test('the list can be walked page by page', async () => {
    const ids: string[] = [];
    for await (const { id } of client.models.list()) ids.push(id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test.each(CLOUD_MODELS)('%s is retrieved by its name', async (id) => {
    expect(await client.models.retrieve(id)).toMatchObject({ id, object: 'model' });
  });

  test.runIf(isGateway).each(['auto', 'small', 'large', 'local/small-model', 'cloud/org/model:7b'])(
    '%s is retrieved too',
    async (id) => {
      expect((await client.models.retrieve(id)).id).toBe(id);
    },
  );

  test.each(['no-such-model', 'no/such:model', '..%2f..%2fadmin'])(
    '%s is 404 model_not_found',
    async (id) => {
      await expect(client.models.retrieve(id)).rejects.toMatchObject({
        status: 404,
        code: 'model_not_found',
      });
    },
  );
});

describe('text completions', () => {
  const create = (prompt: OpenAI.CompletionCreateParamsNonStreaming['prompt'], more = {}) =>
    client.completions.create({ model: target.model, prompt, ...more });

  test('a text comes back', async () => {
    const { object, choices, usage } = await create('hello');
    expect(object).toBe('text_completion');
    expect(choices[0]?.text).toContain('hello');
    expect(usage?.total_tokens).toBeGreaterThan(0);
  });

  test.each<[string, OpenAI.CompletionCreateParamsNonStreaming['prompt']]>([
    ['a list of texts', ['hello']],
    ['tokens', [1, 2, 3]],
    ['lists of tokens', [[1, 2, 3]]],
  ])('a prompt as %s is answered', async (_name, prompt) => {
    expect((await create(prompt)).choices[0]?.text).toMatch(/.+/);
  });

  test.each<[string, object]>([
    ['n', { n: 2 }],
    ['suffix and echo', { suffix: 'end', echo: false }],
    ['limits', { max_tokens: 5, stop: ['x'] }],
    ['best_of', { best_of: 1 }],
  ])('a request with %s is answered', async (_name, more) => {
    expect((await create('hello', more)).choices.length).toBeGreaterThan(0);
  });

  test.each([true, false])(
    'streamed pieces make the text (usage asked: %s)',
    async (include_usage) => {
      const stream = await client.completions.create({
        model: target.model,
        prompt: mark({ kind: 'answer', text: 'one two three' }),
        stream: true,
        stream_options: { include_usage },
      });
      let text = '';
      let usages = 0;
      for await (const { choices, usage } of stream) {
        text += choices[0]?.text ?? '';
        usages += usage ? 1 : 0;
      }
      expect(text).toBe('one two three');
      expect(usages).toBe(include_usage ? 1 : 0);
    },
  );

  test('an error is its own class', async () => {
    await expect(create(mark({ kind: 'error', status: 429 }))).rejects.toThrow(
      OpenAI.RateLimitError,
    );
  });
});

describe('carried to the cloud', () => {
  test('a file goes up, is found, comes down byte for byte and is deleted', async () => {
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * 7) % 256));
    const made = await client.files.create({
      file: await toFile(bytes, 'data ü.bin'),
      purpose: 'assistants',
    });
    expect(made).toMatchObject({ object: 'file', bytes: bytes.length, purpose: 'assistants' });
    expect((await client.files.retrieve(made.id)).id).toBe(made.id);
    const content = await client.files.content(made.id);
    expect(Buffer.from(await content.arrayBuffer()).equals(bytes)).toBe(true);
    const listed = await client.files.list();
    expect(listed.data.map(({ id }) => id)).toContain(made.id);
    expect(await client.files.delete(made.id)).toMatchObject({ deleted: true });
    await expect(client.files.retrieve(made.id)).rejects.toThrow(OpenAI.NotFoundError);
  });

  test('an image is generated', async () => {
    const { data } = await client.images.generate({ model: 'gpt-image-1', prompt: 'a dot' });
    expect(data?.[0]?.b64_json).toBe(PIXEL_PNG);
  });

  test('an image is edited (multipart)', async () => {
    const image = await toFile(Buffer.from(PIXEL_PNG, 'base64'), 'dot.png', { type: 'image/png' });
    const { data } = await client.images.edit({ model: 'gpt-image-1', image, prompt: 'bigger' });
    expect(data).toHaveLength(1);
  });

  test('speech comes back byte for byte', async () => {
    const speech = await client.audio.speech.create({
      model: 'tts-1',
      voice: 'alloy',
      input: 'hi',
    });
    expect(speech.headers.get('content-type')).toBe('audio/mpeg');
    expect(Buffer.from(await speech.arrayBuffer()).equals(SPEECH)).toBe(true);
  });

  test.each(['json', 'text', 'srt', 'vtt'] as const)(
    'a transcript comes back as %s',
    async (response_format) => {
      const file = await toFile(SPEECH, 'speech.mp3');
      const got: unknown = await client.audio.transcriptions.create({
        file,
        model: 'whisper-1',
        response_format,
      });
      const text = typeof got === 'string' ? got : JSON.stringify(got);
      expect(text).toContain('a short recording');
    },
  );

  test('a moderation comes back', async () => {
    const { results } = await client.moderations.create({ input: 'hello' });
    expect(results[0]?.flagged).toBe(false);
  });

  test('stored chats are listed', async () => {
    expect((await client.chat.completions.list()).data).toEqual([]);
  });

  test("what the cloud has not is 404 in OpenAI's shape", async () => {
    await expect(client.batches.retrieve('batch_x')).rejects.toThrow(OpenAI.NotFoundError);
  });

  test.runIf(seesUpstreams && isGateway)(
    'credentials of the caller do not travel, those of the upstream do',
    async () => {
      await client.moderations.create(
        { input: 'hello' },
        { headers: { cookie: 'session=secret' } },
      );
      const headers = target.arrived().at(-1)?.headers;
      expect(headers?.authorization).toBe('Bearer test-key');
      expect(headers).not.toHaveProperty('cookie');
    },
  );
});
