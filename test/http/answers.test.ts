import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mark } from '../support/mock-upstream.ts';
import { EASY, HARD, startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

let whole: WholeGateway;
beforeAll(async () => {
  whole = await startTestGateway();
});
afterAll(() => whole.close());

describe('where a request goes', () => {
  test('an easy one to the small model, a hard one to the large, and the headers say why', async () => {
    const easy = await whole.chat(EASY);
    const hard = await whole.chat(HARD);
    expect([easy.status, hard.status]).toEqual([200, 200]);
    expect(easy.headers.get('x-smallfirst-tier')).toBe('small');
    expect(hard.headers.get('x-smallfirst-tier')).toBe('large');
    expect(hard.headers.get('x-smallfirst-upstream')).toBe('cloud');
    expect(hard.headers.get('x-smallfirst-rule')).toBe('objective');
    expect(hard.headers.get('x-smallfirst-policy')).toMatch(/^test@[0-9a-f]{12}$/);
    const [low, high] = [easy, hard].map((answer) =>
      Number(answer.headers.get('x-smallfirst-complexity')),
    );
    expect(low).toBeLessThan(0.5);
    expect(high).toBeGreaterThanOrEqual(0.5);
  });

  test('the answer names the model that answered', async () => {
    const easy = (await (await whole.chat(EASY)).json()) as { model: string };
    const hard = (await (await whole.chat(HARD, { model: 'gpt-4o-mini' })).json()) as {
      model: string;
    };
    expect([easy.model, hard.model]).toEqual(['slm', 'gpt-4o-mini']);
  });

  test.each([
    ['small', 'slm', 'local'],
    ['large', 'gpt-4o', 'cloud'],
    ['cloud/gpt-4o-mini', 'gpt-4o-mini', 'cloud'],
    ['local/slm', 'slm', 'local'],
  ])('model %s is %s at %s', async (model, name, upstream) => {
    const answer = await whole.chat(HARD, { model });
    expect(answer.headers.get('x-smallfirst-upstream')).toBe(upstream);
    expect(((await answer.json()) as { model: string }).model).toBe(name);
  });

  test('X-Smallfirst-Route goes before the model', async () => {
    const answer = await whole.chat(HARD, {}, { headers: { 'x-smallfirst-route': 'small' } });
    expect(answer.headers.get('x-smallfirst-tier')).toBe('small');
  });

  test('a dry run says the same and asks nobody', async () => {
    const before = whole.local.requests.length + whole.cloud.requests.length;
    const body = { model: 'auto', messages: [{ role: 'user', content: HARD }] };
    const told = (await (await whole.post('/v1/route', body)).json()) as Record<string, unknown>;
    expect(told).toMatchObject({ tier: 'large', upstream: 'cloud', rule: 'objective' });
    expect(whole.local.requests.length + whole.cloud.requests.length).toBe(before);
  });
});

describe('how long the caller will wait', () => {
  test.each([
    [{ 'x-smallfirst-deadline-ms': '1500', 'x-stainless-timeout': '600' }, 1500],
    [{ 'x-stainless-timeout': '2' }, 2000],
    [{ 'x-smallfirst-deadline-ms': 'soon' }, undefined],
    [{}, undefined],
  ])('%o is %s ms', async (headers, deadlineMs) => {
    const body = { model: 'auto', messages: [{ role: 'user', content: EASY }] };
    const told = await (await whole.post('/v1/route', body, { headers })).json();
    expect((told as { request: { deadlineMs?: number } }).request.deadlineMs).toBe(deadlineMs);
  });
});

describe('what goes through', () => {
  test('fields nobody here reads arrive byte for byte, big integers included', async () => {
    const body = `{"model":"large","seed":9007199254740993,"x_new":{"a":[1.0,1e2]},"messages":[{"role":"user","content":"hi"}]}`;
    await whole.post('/v1/chat/completions', body);
    const raw = whole.cloud.requests.at(-1)?.raw.toString('utf8') ?? '';
    expect(raw).toContain('"seed":9007199254740993');
    expect(raw).toContain('"x_new":{"a":[1.0,1e2]}');
    expect(raw).toContain('"model":"gpt-4o"');
  });

  test("the caller's credentials and cookies stay here", async () => {
    await whole.chat(
      HARD,
      {},
      { headers: { authorization: 'Bearer secret-of-caller', cookie: 'a=b' } },
    );
    const headers = JSON.stringify(whole.cloud.requests.at(-1)?.headers);
    expect(headers).not.toContain('secret-of-caller');
    expect(headers).not.toContain('a=b');
  });

  test.each(['gzip', 'deflate', 'br', 'zstd'])(
    'a body compressed with %s is read',
    async (encoding) => {
      const zlib = await import('node:zlib');
      const compress = {
        gzip: zlib.gzipSync,
        deflate: zlib.deflateSync,
        br: zlib.brotliCompressSync,
        zstd: zlib.zstdCompressSync,
      }[encoding];
      const body = compress?.(
        Buffer.from(JSON.stringify({ model: 'auto', messages: [{ role: 'user', content: EASY }] })),
      );
      const answer = await fetch(`${whole.gateway.url}/v1/chat/completions`, {
        method: 'POST',
        body: new Uint8Array(body ?? []),
        headers: { 'content-type': 'application/json', 'content-encoding': encoding },
      });
      expect(answer.status).toBe(200);
    },
  );

  test('a body of 10 MB is answered', async () => {
    const answer = await whole.chat('word '.repeat(2_000_000), { model: 'large' });
    expect(answer.status).toBe(200);
  });

  test('NUL and lone surrogates in a message are only text', async () => {
    const body = String.raw`{"model":"auto","messages":[{"role":"user","content":"a\u0000b\ud800c"}]}`;
    expect((await whole.post('/v1/chat/completions', body)).status).toBe(200);
  });

  test('other routes are the cloud upstream’s, query and all', async () => {
    const form = new FormData();
    form.set('purpose', 'batch');
    form.set('file', new Blob(['{"a":1}\n']), 'a.jsonl');
    const answer = await fetch(`${whole.gateway.url}/v1/files?x=1`, { method: 'POST', body: form });
    expect(answer.status).toBe(200);
    expect(whole.cloud.requests.at(-1)?.path).toContain('/files');
  });
});

describe('the record', () => {
  test('one for each request, with tokens, cost, energy and what was decided', async () => {
    const answer = await whole.chat(HARD);
    const record = await whole.record(answer);
    expect(record).toMatchObject({
      operation: 'chat',
      outcome: 'answered',
      status: 200,
      decision: { rule: 'objective', wanted: 'large' },
      attempts: [{ upstream: 'cloud', outcome: 'ok', usage: { source: 'reported' } }],
    });
    expect(record.attempts[0]?.cost?.totalNanoUsd).toBeGreaterThan(0);
    expect(record.attempts[0]?.energy?.lowJ).toBeGreaterThan(0);
    expect(Number(answer.headers.get('x-smallfirst-cost-usd'))).toBeCloseTo(
      (record.attempts[0]?.cost?.totalNanoUsd ?? 0) / 1e9,
      9,
    );
  });

  test('a stream’s has its usage and its time to first token, asked for or not', async () => {
    const answer = await whole.chat(HARD, { stream: true });
    const text = await answer.text();
    expect(text).not.toContain('"usage":{');
    expect(text.trimEnd().endsWith('data: [DONE]')).toBe(true);
    const record = await whole.record(answer);
    expect(record).toMatchObject({ stream: true, attempts: [{ usage: { source: 'reported' } }] });
    expect(record.ttftMs).toBeGreaterThan(0);
  });

  test('tokens are counted, and marked so, when the upstream reports none', async () => {
    const answer = await whole.chat(`${HARD} ${mark({ kind: 'answer', usage: 'none' })}`, {
      stream: true,
    });
    await answer.text();
    const usage = (await whole.record(answer)).attempts[0]?.usage;
    expect(usage?.source).toBe('counted');
    expect(usage?.outputTokens).toBeGreaterThan(0);
  });

  test('nothing of the prompt is in it', async () => {
    const answer = await whole.chat('my secret word is xylophonic7');
    expect(JSON.stringify(await whole.record(answer))).not.toContain('xylophonic7');
  });
});
