/** OpenAI's SDK: leaving, retries, time-outs, headers and encodings. */
import { Buffer } from 'node:buffer';
import { request } from 'node:http';
import { gzipSync, brotliCompressSync, deflateSync } from 'node:zlib';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { mark } from '../support/mock-upstream.ts';
import { isGateway, seesUpstreams, startTarget, type Target } from './support/target.ts';

let target: Target;
let client: OpenAI;

beforeAll(async () => {
  target = await startTarget();
  client = new OpenAI({ baseURL: target.url, apiKey: target.apiKey, maxRetries: 0 });
});
afterAll(() => target.close());

const LONG = Array.from({ length: 500 }, (_, index) => `w${index}`).join(' ');
const slowly = (name: string) =>
  `${name} ${mark({ kind: 'answer', text: LONG, chunkDelayMs: 50 })}`;
const silent = (name: string) => `${name} ${mark({ kind: 'hang' })}`;
const messages = (content: string) => [{ role: 'user' as const, content }];
const carrying = (name: string) => target.arrived().filter(({ text }) => text.startsWith(name));

/** Every upstream that was asked this has been left by now, and none wrote to the end. */
const allLeft = (name: string) =>
  vi.waitFor(
    () => {
      const asked = carrying(name);
      expect(asked.length).toBeGreaterThan(0);
      expect(asked.every(({ aborted }) => aborted)).toBe(true);
    },
    { timeout: 120_000, interval: 10 },
  );

describe.runIf(seesUpstreams)('a caller who leaves stops the upstream', () => {
  test('by breaking out of a stream', async () => {
    const stream = await client.chat.completions.create({
      model: target.model,
      messages: messages(slowly('break')),
      stream: true,
    });
    for await (const { choices } of stream) if (choices[0]?.delta.content) break;
    await allLeft('break');
    expect(carrying('break').at(-1)?.chunks).toBeLessThan(400);
  });

  test('by aborting a stream', async () => {
    const stream = client.chat.completions.stream({
      model: target.model,
      messages: messages(slowly('abort')),
    });
    stream.once('content', () => stream.abort());
    await expect(stream.done()).rejects.toThrow(OpenAI.APIUserAbortError);
    await allLeft('abort');
  });

  test('by aborting before the first token', async () => {
    const leave = new AbortController();
    const asked = client.chat.completions.create(
      { model: target.model, messages: messages(silent('early')), stream: true },
      { signal: leave.signal },
    );
    await vi.waitFor(() => expect(carrying('early').length).toBeGreaterThan(0), {
      timeout: 120_000,
    });
    leave.abort();
    await expect(asked).rejects.toThrow(OpenAI.APIUserAbortError);
    await allLeft('early');
  });

  test('by aborting a whole answer', async () => {
    const leave = new AbortController();
    const asked = client.chat.completions.create(
      { model: target.model, messages: messages(silent('whole')) },
      { signal: leave.signal },
    );
    await vi.waitFor(() => expect(carrying('whole').length).toBeGreaterThan(0), {
      timeout: 120_000,
    });
    leave.abort();
    await expect(asked).rejects.toThrow(OpenAI.APIUserAbortError);
    await allLeft('whole');
  });

  test('by its time-out', async () => {
    const asked = client.chat.completions.create(
      { model: target.model, messages: messages(silent('timeout')) },
      { timeout: 1000 },
    );
    await expect(asked).rejects.toThrow(OpenAI.APIConnectionTimeoutError);
    await allLeft('timeout');
  });

  test('by aborting a streamed response', async () => {
    const stream = await client.responses.create({
      model: target.model,
      input: slowly('responses'),
      stream: true,
    });
    for await (const { type } of stream) if (type === 'response.output_text.delta') break;
    await allLeft('responses');
  });

  test('by leaving a text completion', async () => {
    const stream = await client.completions.create({
      model: target.model,
      prompt: slowly('text'),
      stream: true,
    });
    for await (const { choices } of stream) if (choices[0]?.text) break;
    await allLeft('text');
  });

  test('also when many leave at once', async () => {
    const leave = async () => {
      const stream = await client.chat.completions.create({
        model: target.model,
        messages: messages(slowly('many')),
        stream: true,
      });
      for await (const { choices } of stream) if (choices[0]?.delta.content) break;
    };
    await Promise.all(Array.from({ length: 20 }, leave));
    await allLeft('many');
    expect(carrying('many')).toHaveLength(20);
  });
});

describe("the SDK's own retries", () => {
  test.each([408, 409, 429, 500, 503])(
    'a status %i that passes is answered in the end',
    async (status) => {
      const retrying = new OpenAI({ baseURL: target.url, apiKey: target.apiKey, maxRetries: 3 });
      const marked = mark({ kind: 'error', status, times: 1, headers: { 'retry-after-ms': '1' } });
      const answer = await retrying.chat.completions.create({
        model: target.model,
        messages: messages(`${status} ${marked}`),
      });
      expect(answer.object).toBe('chat.completion');
    },
  );

  test('a reset that passes is answered in the end', async () => {
    const retrying = new OpenAI({ baseURL: target.url, apiKey: target.apiKey, maxRetries: 3 });
    const marked = mark({ kind: 'reset', times: 1 });
    const answer = await retrying.chat.completions.create({
      model: target.model,
      messages: messages(marked),
    });
    expect(answer.object).toBe('chat.completion');
  });

  test.runIf(seesUpstreams)('one question costs at most one call an upstream', async () => {
    const marked = mark({ kind: 'error', status: 500 });
    const asked = client.chat.completions.create({
      model: target.model,
      messages: messages(`once ${marked}`),
    });
    await expect(asked).rejects.toThrow(OpenAI.APIError);
    expect(carrying('once').length).toBeLessThanOrEqual(2);
  });

  test('a bad request is not asked again', async () => {
    const retrying = new OpenAI({ baseURL: target.url, apiKey: target.apiKey, maxRetries: 3 });
    const marked = mark({ kind: 'error', status: 422 });
    const asked = retrying.chat.completions.create({
      model: target.model,
      messages: messages(`bad ${marked}`),
    });
    await expect(asked).rejects.toThrow(OpenAI.UnprocessableEntityError);
    if (seesUpstreams) expect(carrying('bad').length).toBeLessThanOrEqual(2);
  });
});

describe('headers', () => {
  test.runIf(seesUpstreams && isGateway)(
    "the caller's key, cookies and proxy headers stay here",
    async () => {
      await client.chat.completions.create(
        { model: 'cloud/gpt-4o', messages: messages('headers') },
        { headers: { cookie: 'a=b', 'x-forwarded-for': '10.0.0.1', te: 'trailers' } },
      );
      const headers = target.arrived().at(-1)?.headers;
      expect(headers?.authorization).toBe('Bearer test-key');
      expect(headers).not.toHaveProperty('cookie');
      expect(headers).not.toHaveProperty('te');
    },
  );

  test.runIf(seesUpstreams && isGateway)(
    "the local upstream never sees the cloud's key",
    async () => {
      await client.chat.completions.create({
        model: 'local/small-model',
        messages: messages('key'),
      });
      expect(JSON.stringify(carrying('key').at(-1)?.headers)).not.toContain('test-key');
    },
  );

  test('a body sent with Expect: 100-continue is answered', async () => {
    const body = JSON.stringify({ model: target.model, messages: messages('continue') });
    const url = new URL(`${target.url}/chat/completions`);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sent = request(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${target.apiKey}`,
          expect: '100-continue',
          'content-length': Buffer.byteLength(body),
        },
      });
      sent.on('continue', () => sent.end(body));
      sent.on('response', (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sent.on('error', reject);
    });
    expect(status).toBe(200);
  });

  test.runIf(isGateway)('every answer has a request id of its own', async () => {
    const ids = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const { request_id } = await client.chat.completions
          .create({ model: target.model, messages: messages('id') })
          .withResponse();
        return request_id;
      }),
    );
    expect(new Set(ids).size).toBe(10);
  });
});

describe('encodings of the request', () => {
  test.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ] as const)('a body in %s is read', async (encoding, compress) => {
    const body = JSON.stringify({ model: target.model, messages: messages(`zipped ${encoding}`) });
    const response = await fetch(`${target.url}/chat/completions`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'content-encoding': encoding,
        authorization: `Bearer ${target.apiKey}`,
      },
      body: new Uint8Array(compress(body)),
    });
    expect(response.status).toBe(200);
    expect(await response.text()).toContain(`zipped ${encoding}`);
  });

  test('a chunked body is read', async () => {
    const body = JSON.stringify({ model: target.model, messages: messages('in pieces') });
    const pieces = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of Buffer.from(body)) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    const init: RequestInit & { duplex: 'half' } = {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${target.apiKey}` },
      body: pieces,
      duplex: 'half',
    };
    const response = await fetch(`${target.url}/chat/completions`, init);
    expect(await response.text()).toContain('in pieces');
  });

  test('content-type with a charset and in other case is JSON', async () => {
    const response = await fetch(`${target.url}/chat/completions`, {
      method: 'POST',
      headers: {
        'content-type': 'Application/JSON; charset=UTF-8',
        authorization: `Bearer ${target.apiKey}`,
      },
      body: JSON.stringify({ model: target.model, messages: messages('typed') }),
    });
    expect(response.status).toBe(200);
  });
});
