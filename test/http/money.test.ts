/** What answers cost, by what upstreams say in their own shapes, also on routes that are only carried. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Behaviour } from '../support/mock/behaviour.ts';
import { startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

let whole: WholeGateway;
let reply: Behaviour | undefined;
beforeAll(async () => {
  whole = await startTestGateway({ cloud: { behaviour: () => reply } });
});
beforeEach(() => {
  reply = undefined;
});
afterAll(() => whole.close());

const says = (body: unknown, type = 'application/json'): Behaviour => ({
  kind: 'raw',
  body: typeof body === 'string' ? body : JSON.stringify(body),
  headers: { 'content-type': type },
});
const metric = async (name: string): Promise<number> => {
  const text = await (await fetch(`${whole.gateway.url}/metrics`)).text();
  const line = text.split('\n').find((one) => one.startsWith(name)) ?? '0';
  return Number(line.split(' ').at(-1));
};
const UNPRICED = 'smallfirst_unpriced_requests_total{upstream="cloud"}';

const answer = (usage: object, more: object = {}): Behaviour =>
  says({
    id: 'c1',
    object: 'chat.completion',
    created: 1,
    model: 'gpt-4o',
    choices: [
      { index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Four.' } },
    ],
    usage,
    ...more,
  });

test('the bill of a router is what the answer cost, and the record says so', async () => {
  reply = answer({ prompt_tokens: 900, completion_tokens: 90, total_tokens: 990, cost: 0.00071 });
  const done = await whole.chat('2 + 2?', { model: 'cloud/some/router' });
  expect(done.headers.get('x-smallfirst-cost-usd')).toBe('0.000710000');
  const { attempts } = await whole.record(done);
  expect(attempts[0]?.cost?.source).toContain('upstream reported');
});

test('an absurd bill and absurd counts are bounded and marked', async () => {
  reply = answer({ prompt_tokens: 9, completion_tokens: 1e15, total_tokens: 1e15, cost: -4 });
  const done = await whole.chat('2 + 2?', { model: 'large', max_tokens: 50 });
  const [attempt] = (await whole.record(done)).attempts;
  expect(attempt?.cost?.source).toContain('what was reserved');
  expect(attempt?.usage).toMatchObject({ isImplausible: true, source: 'counted' });
  expect(attempt?.usage?.outputTokens).toBeLessThan(20);
  const cost = attempt?.cost?.totalNanoUsd ?? -1;
  expect(cost).toBeGreaterThan(0);
  expect(cost).toBeLessThan(1e6);
});

test('the tier that served is charged, not the one that was asked for', async () => {
  const usage = { prompt_tokens: 1_000, completion_tokens: 100, total_tokens: 1_100 };
  reply = answer(usage, { service_tier: 'default' });
  const done = await whole.chat('2 + 2?', { model: 'large', service_tier: 'flex' });
  expect(done.headers.get('x-smallfirst-cost-usd')).toBe('0.003500000');
});

test('a picture is priced by the usage behind it, under its own model', async () => {
  const data = [{ b64_json: 'A'.repeat(300_000) }];
  const usage = { input_tokens: 20, output_tokens: 1_000, total_tokens: 1_020 };
  reply = says({ created: 1, data, usage });
  const before = await metric(UNPRICED);
  const done = await whole.post('/v1/images/generations', {
    model: 'gpt-image-1',
    prompt: 'A cat',
  });
  expect(((await done.json()) as { data: object[] }).data).toEqual(data);
  const record = await whole.record(done);
  expect(record.attempts[0]?.cost?.totalNanoUsd).toBe((20 * 5 + 1_000 * 40) * 1_000);
  expect(record.baselineNanoUsd).toBe(record.attempts[0]?.cost?.totalNanoUsd);
  expect(await metric(UNPRICED)).toBe(before);
});

test('a transcription is priced by its length; the model is read in the form', async () => {
  reply = says({ text: 'Hello', usage: { type: 'duration', seconds: 60 } });
  const form = new FormData();
  form.set('model', 'whisper-1');
  form.set('file', new Blob([Buffer.alloc(64, 7)]), 'a.wav');
  const url = `${whole.gateway.url}/v1/audio/transcriptions`;
  const done = await fetch(url, { method: 'POST', body: form });
  await done.text();
  expect((await whole.record(done)).attempts[0]?.cost?.totalNanoUsd).toBe(6_000_000);
});

test.each<[string, unknown, Behaviour]>([
  ['/v1/audio/speech', { model: 'tts-1', input: 'Hi', voice: 'alloy' }, says('ID3', 'audio/mpeg')],
  [
    '/v1/images/generations',
    { model: 'dall-e-3', prompt: 'A cat' },
    says({ created: 1, data: [] }),
  ],
  ['/v1/videos', { model: 'sora-2', prompt: 'A cat' }, says({ id: 'video_1' })],
])(
  '%s without a known price is counted as unpriced, not as free',
  async (path, body, behaviour) => {
    reply = behaviour;
    const before = await metric(UNPRICED);
    const done = await whole.post(path, body);
    await done.arrayBuffer();
    const [attempt] = (await whole.record(done)).attempts;
    expect(attempt).toMatchObject({ cost: null, isUnpriced: true });
    expect(await metric(UNPRICED)).toBe(before + 1);
  },
);

test.each<[string, string, string, Behaviour]>([
  ['a free route', 'POST', '/v1/moderations', says({ results: [] })],
  ['a look', 'GET', '/v1/videos/video_1', says({ id: 'video_1' })],
  ['a refusal', 'POST', '/v1/videos', { kind: 'error', status: 400 }],
])('%s is not', async (_what, method, path, behaviour) => {
  reply = behaviour;
  const before = await metric(UNPRICED);
  const init =
    method === 'GET' ? {} : { body: '{}', headers: { 'content-type': 'application/json' } };
  const done = await fetch(whole.gateway.url + path, { method, ...init });
  await done.text();
  expect((await whole.record(done)).attempts[0]).not.toHaveProperty('isUnpriced');
  expect(await metric(UNPRICED)).toBe(before);
});
