import { expect, test } from 'vitest';
import { conversations } from './run.ts';
import { startFakeModel, type StandInOptions } from './fake-models.ts';
import { answerIn, runTraffic, type Sent } from './traffic.ts';

const fast: StandInOptions = {
  models: ['m', 'n'],
  speed: { firstTokenMs: 0, promptMs: 0, tokensPerSecond: 1e6 },
  voice: 'small',
  refused: 0,
  broken: 0,
  random: () => 0.5,
};

async function withStandIn<T>(
  options: StandInOptions,
  use: (url: string) => Promise<T>,
): Promise<T> {
  const standIn = await startFakeModel(options);
  try {
    return await use(standIn.url);
  } finally {
    await standIn.close();
  }
}

const post = (url: string, body: object): Promise<Response> =>
  fetch(`${url}/chat/completions`, { method: 'POST', body: JSON.stringify(body) });

const asking = (content: string, more: object = {}): object => ({
  model: 'n',
  messages: [{ role: 'user', content }],
  ...more,
});

test('the sample traffic is 300 conversations or more, half of them Spanish, easy and hard, some with several turns', () => {
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
])('the stand-in answers "%s" on the subject, in its language', async (text, expected) => {
  await withStandIn(fast, async (url) => {
    const body: unknown = await (await post(url, asking(text))).json();
    expect(body).toMatchObject({ model: 'n', object: 'chat.completion' });
    expect(answerIn(JSON.stringify(body), false)).toMatch(expected);
  });
});

test('a streamed answer is the whole answer, with usage where it is asked for', async () => {
  await withStandIn(fast, async (url) => {
    const whole = await (await post(url, asking('hello'))).text();
    const streamed = await post(
      url,
      asking('hello', { stream: true, stream_options: { include_usage: true } }),
    );
    const text = await streamed.text();
    expect(answerIn(text, true)).toBe(answerIn(whole, false));
    expect(text).toContain('"completion_tokens"');
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
  });
});

test('max_tokens cuts the answer and says so', async () => {
  await withStandIn(fast, async (url) => {
    const body: unknown = await (await post(url, asking('hello', { max_tokens: 2 }))).json();
    expect(body).toMatchObject({
      choices: [{ finish_reason: 'length' }],
      usage: { completion_tokens: 2 },
    });
  });
});

test('what is no chat request is refused as OpenAI does', async () => {
  await withStandIn(fast, async (url) => {
    expect((await fetch(`${url}/nothing`)).status).toBe(404);
    expect((await post(url, { messages: 'hello' })).status).toBe(400);
    expect((await fetch(`${url}/models`)).status).toBe(200);
  });
});

test.each([
  [{ refused: 1 }, 429],
  [{ broken: 1 }, 500],
])('it fails as often as it is told: %o', async (how, status) => {
  await withStandIn({ ...fast, ...how }, async (url) => {
    const response = await post(url, asking('hello'));
    expect(response.status).toBe(status);
    expect(await response.json()).toHaveProperty('error.message');
  });
});

test('traffic sends every turn of every conversation once a round, and reports each', async () => {
  await withStandIn(fast, async (url) => {
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

test('a stopped traffic ends without a failure being reported', async () => {
  await withStandIn({ ...fast, speed: { ...fast.speed, firstTokenMs: 60_000 } }, async (url) => {
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
