/** `redact` through the whole gateway: what the cloud's socket gets, what the caller gets, what the record says. */
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Framing } from '../support/mock/behaviour.ts';
import { simplePolicy, startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

const MAIL = 'ana.lopez@ejemplo.es';
const CARD = '4111 1111 1111 1111';
const SAID = `Write to ${MAIL} about ${CARD}, then to ${MAIL} again.`;
const MASKED = 'Write to <EMAIL_1> about <CARD_1>, then to <EMAIL_1> again.';

let whole: WholeGateway;
let client: OpenAI;
let framing: Framing = {};

beforeAll(async () => {
  whole = await startTestGateway({
    policy: simplePolicy(`
constraints:
  - { name: mask-pii, when: signals.pii >= 0.5, redact: [email, card] }
`),
    // A cloud without `/responses`: the gateway translates, and keeps the conversation itself.
    cloud: {
      without: ['/responses'],
      behaviour: ({ text }) => ({ kind: 'answer', text, pieces: Array.from(text), framing }),
    },
  });
  client = new OpenAI({ baseURL: `${whole.gateway.url}/v1`, apiKey: 'none', maxRetries: 0 });
});
afterAll(() => whole.close());
beforeEach(() => {
  whole.cloud.clear();
  whole.local.clear();
  framing = {};
});

const arrived = (): string => whole.cloud.requests.map(({ raw }) => raw.toString()).join('\n');

test('the cloud reads placeholders, the caller his own values, and the record how many', async () => {
  const answer = await whole.chat(SAID, { model: 'large' });
  const { choices } = (await answer.json()) as OpenAI.ChatCompletion;
  expect(choices[0]?.message.content).toContain(SAID);
  expect(arrived()).toContain(MASKED);
  expect(arrived()).not.toMatch(/ana|4111/);
  const { attempts, egress, decision } = await whole.record(answer);
  expect(decision).toMatchObject({ redact: ['email', 'card'] });
  expect(attempts).toMatchObject([{ upstream: 'cloud', masked: { email: 1, card: 1 } }]);
  const bytes = whole.cloud.requests.reduce((sum, { raw }) => sum + raw.length, 0);
  expect(egress).toEqual({ localBytes: 0, cloudBytes: bytes });
});

test.each<[string, Framing]>([
  ['letter by letter', {}],
  ['byte by byte', { splitEvery: 1 }],
])('a stream that comes %s says the same', async (_, given) => {
  framing = given;
  const stream = await client.chat.completions.create({
    model: 'large',
    stream: true,
    messages: [{ role: 'user', content: SAID }],
  });
  let said = '';
  for await (const { choices } of stream) said += choices[0]?.delta.content ?? '';
  expect(said).toContain(SAID);
  expect(arrived()).not.toMatch(/ana|4111/);
});

test('a conversation that is kept here is kept in the caller’s words', async () => {
  const first = await client.responses.create({ model: 'large', input: SAID });
  expect(first.output_text).toContain(SAID);
  const kept = await client.responses.retrieve(first.id);
  expect(kept.output_text ?? JSON.stringify(kept.output)).toContain(MAIL);
  whole.cloud.clear();
  const second = await client.responses.create({
    model: 'large',
    previous_response_id: first.id,
    input: `And to bo@exemple.fr, not ${MAIL}.`,
  });
  expect(second.output_text).toContain(`bo@exemple.fr, not ${MAIL}`);
  expect(arrived()).toContain('And to <EMAIL_2>, not <EMAIL_1>.');
  expect(arrived()).not.toMatch(/example\.(com|org)|4111/);
});

test('the local model reads what the caller wrote', async () => {
  const answer = await whole.chat(SAID, { model: 'small' });
  await answer.text();
  expect(whole.local.requests[0]?.raw.toString()).toContain(SAID);
  expect((await whole.record(answer)).attempts[0]).not.toHaveProperty('masked');
});

test('what is not to be masked stays: with the local model, or refused', async () => {
  const phone = `${SAID} Or call +34 612 345 678.`;
  const answer = await whole.chat(phone, { model: 'large' });
  expect(answer.headers.get('x-smallfirst-upstream')).toBe('local');
  expect(answer.headers.get('x-smallfirst-degraded')).toBe('cloud-withheld');
  await answer.text();
  const { attempts } = await whole.record(answer);
  expect(attempts[0]).toMatchObject({ upstream: 'cloud', cause: 'withheld', egressBytes: 0 });
  const refused = await whole.chat(phone, { model: 'cloud/gpt-4o' });
  expect(refused.status).toBe(403);
  expect(await refused.json()).toMatchObject({ error: { code: 'policy_residency' } });
  expect(await whole.record(refused)).toMatchObject({ outcome: 'refused' });
  expect(arrived()).toBe('');
});

test('embeddings and other routes are masked too, and uploads are not passed on', async () => {
  await whole.post('/v1/embeddings', { model: 'cloud/text-embedding-3-small', input: [SAID] });
  await whole.post('/v1/moderations', { input: SAID });
  expect(whole.cloud.requests.map(({ path }) => path)).toEqual([
    '/v1/embeddings',
    '/v1/moderations',
  ]);
  expect(arrived()).not.toMatch(/ana|4111/);
  expect(arrived()).toContain(MASKED);
  const headers = { 'content-type': 'text/plain' };
  const upload = await whole.post('/v1/files', SAID, { headers });
  expect(upload.status).toBe(404);
  const query = await whole.post('/v1/moderations?for=ana.lopez%40ejemplo.es', { input: 'x' });
  expect(query.status).toBe(404);
  expect(whole.cloud.requests).toHaveLength(2);
});
