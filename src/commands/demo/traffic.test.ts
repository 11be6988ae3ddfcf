import { expect, test } from 'vitest';
import { conversations } from './run.ts';
import { startFakeModel, type FakeModelOptions } from './fake-models.ts';
import { answerIn, runTraffic, type Sent } from './traffic.ts';

const fast: FakeModelOptions = {
  models: ['m', 'n'],
  speed: { firstTokenMs: 0, promptMs: 0, tokensPerSecond: 1e6 },
  voice: 'small',
  refused: 0,
  broken: 0,
  random: () => 0.5,
};

async function withFakeModel<T>(
  options: FakeModelOptions,
  use: (url: string) => Promise<T>,
): Promise<T> {
  const fakeModel = await startFakeModel(options);
  try {
    return await use(fakeModel.url);
  } finally {
    await fakeModel.close();
  }
}

const post = (url: string, body: object): Promise<Response> =>
  fetch(`${url}/chat/completions`, { method: 'POST', body: JSON.stringify(body) });

const asking = (content: string, more: object = {}): object => ({
  model: 'n',
  messages: [{ role: 'user', content }],
  ...more,
});

test('the sample traffic has 300 conversations or more, half of them Spanish, easy and hard, some with several turns', () => {
  const list = conversations();
  expect(list.length).toBeGreaterThanOrEqual(300);
  expect(new Set(list.map(({ id }) => id)).size).toBe(list.length);
  expect(list.filter(({ language }) => language === 'es')).toHaveLength(list.length / 2);
  expect(new Set(list.map(({ level }) => level))).toEqual(new Set(['easy', 'hard']));
  expect(list.filter(({ turns }) => turns.length > 1).length).toBeGreaterThan(20);
  expect(list.every(({ turns }) => turns.length > 0 && turns.every((turn) => turn !== ''))).toBe(
    true,
  );
});

test.each([
  ['I forgot my password', /password/],
  ['¿Dónde está mi pedido?', /paquete/],
  ['Quiero un reembolso', /reembolsos/i],
  ['xyzzy', /number of your order/],
])('the fake model answers "%s" on the topic, in its language', async (text, expected) => {
  await withFakeModel(fast, async (url) => {
    const body: unknown = await (await post(url, asking(text))).json();
    expect(body).toMatchObject({ model: 'n', object: 'chat.completion' });
    expect(answerIn(JSON.stringify(body), { stream: false })).toMatch(expected);
  });
});

test('a streamed answer has the text of the whole one, with usage if requested', async () => {
  await withFakeModel(fast, async (url) => {
    const whole = await (await post(url, asking('hello'))).text();
    const streamed = await post(
      url,
      asking('hello', { stream: true, stream_options: { include_usage: true } }),
    );
    const text = await streamed.text();
    expect(answerIn(text, { stream: true })).toBe(answerIn(whole, { stream: false }));
    expect(text).toContain('"completion_tokens"');
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
  });
});

test('max_tokens cuts the answer, with the finish reason `length`', async () => {
  await withFakeModel(fast, async (url) => {
    const body: unknown = await (await post(url, asking('hello', { max_tokens: 2 }))).json();
    expect(body).toMatchObject({
      choices: [{ finish_reason: 'length' }],
      usage: { completion_tokens: 2 },
    });
  });
});

test('an invalid request is refused as OpenAI does', async () => {
  await withFakeModel(fast, async (url) => {
    expect((await fetch(`${url}/nothing`)).status).toBe(404);
    expect((await post(url, { messages: 'hello' })).status).toBe(400);
    expect((await fetch(`${url}/models`)).status).toBe(200);
  });
});

test.each([
  [{ refused: 1 }, 429],
  [{ broken: 1 }, 500],
])('it fails at the configured rate: %o', async (how, status) => {
  await withFakeModel({ ...fast, ...how }, async (url) => {
    const response = await post(url, asking('hello'));
    expect(response.status).toBe(status);
    expect(await response.json()).toHaveProperty('error.message');
  });
});

test('traffic sends every turn of every conversation once per round, and reports each', async () => {
  await withFakeModel(fast, async (url) => {
    const sent: Sent[] = [];
    await runTraffic({
      url: url.replace('/v1', ''),
      conversations: [
        { id: 'a', language: 'en', level: 'easy', turns: ['hello', 'and my order?'] },
        { id: 'b', language: 'es', level: 'easy', turns: ['hola'] },
      ],
      perSecond: 1000,
      concurrency: 2,
      rounds: 2,
      random: () => 0.5,
      graceMs: 0,
      signal: new AbortController().signal,
      onSent: (one) => sent.push(one),
    });
    expect(sent.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
  });
});

test('stopped traffic reports no failure', async () => {
  await withFakeModel({ ...fast, speed: { ...fast.speed, firstTokenMs: 60_000 } }, async (url) => {
    const stopping = new AbortController();
    const sent: Sent[] = [];
    const over = runTraffic({
      url: url.replace('/v1', ''),
      conversations: conversations(),
      perSecond: 1000,
      concurrency: 1,
      random: () => 0.5,
      graceMs: 0,
      signal: stopping.signal,
      onSent: (one) => sent.push(one),
    });
    stopping.abort();
    await over;
    expect(sent).toEqual([]);
  });
});
