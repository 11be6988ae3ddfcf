/** JSON that a small model wrapped in words or forgot is repaired before another model is asked. */
import { expect, test } from 'vitest';
import { isObject, objectsIn, textIn, type JsonObject } from '../../src/lib/json.ts';
import { EASY, simplePolicy, type WholeGateway } from '../support/gateway-fixture.ts';
import { gatewayPerTest } from '../support/gateway-per-test.ts';

const open = gatewayPerTest();

const FENCED =
  'Sure! Here is the JSON:\n```json\n{"city": "Paris"}\n```\nTell me if you need more.';
const PROSE = 'The city that you asked about is Paris, as far as I know about it.';
const SCHEMA = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const named = { type: 'json_schema', name: 'place', schema: SCHEMA };
const PATHS = [
  [
    '/v1/chat/completions',
    {
      messages: [{ role: 'user', content: EASY }],
      response_format: { type: 'json_schema', json_schema: named },
    },
  ],
  ['/v1/responses', { input: EASY, text: { format: named } }],
] as const;
const CASES = PATHS.flatMap(([path, body]) =>
  [false, true].map((stream) => ({ path, stream, body: { model: 'auto', stream, ...body } })),
);
/** Without complexity's say: a schema makes a request harder. */
const policy = (onFail: string): string =>
  simplePolicy(
    `verify: { onFail: ${onFail}, checks: [json], hold: { ms: 1 } }\nrules: [{ name: small, when: "true", use: small }]`,
  );

/** Says each text once, then the last one again. */
async function started(said: readonly string[], onFail = 'escalate'): Promise<WholeGateway> {
  let at = 0;
  return await open({
    local: {
      behaviour: ({ path }) =>
        path.endsWith('/chat/completions')
          ? { kind: 'answer', text: said[Math.min(at++, said.length - 1)]! }
          : undefined,
    },
    cloud: { behaviour: () => ({ kind: 'answer', text: '{"city":"large"}' }) },
    policy: policy(onFail),
  });
}

/** What the caller reads, of a whole answer or of a stream. */
function textOf(raw: string): string {
  const isWhole = raw.startsWith('{');
  const bodies = isWhole
    ? [raw]
    : raw.split('\n').flatMap((line) => (line.startsWith('data: {') ? [line.slice(6)] : []));
  return bodies.map((body) => words(JSON.parse(body) as JsonObject, isWhole)).join('');
}

function words(body: JsonObject, isWhole: boolean): string {
  const [choice] = objectsIn(body['choices']);
  const message = choice?.['message'] ?? choice?.['delta'];
  if (isObject(message)) return textIn(message['content']);
  if (isWhole) {
    const parts = objectsIn(body['output']).flatMap((item) => objectsIn(item['content']));
    return parts.map(({ text }) => textIn(text)).join('');
  }
  return body['type'] === 'response.output_text.delta' ? textIn(body['delta']) : '';
}

test.each(CASES)(
  'a fence around it is taken away ($path, stream: $stream)',
  async ({ path, body }) => {
    const whole = await started([FENCED]);
    const answer = await whole.post(path, body);
    const raw = await answer.text();
    expect(textOf(raw)).toBe('{"city": "Paris"}');
    expect(raw).not.toContain('Sure!');
    expect(answer.headers.get('x-smallfirst-verified')).toBe('pass');
    expect(answer.headers.get('x-smallfirst-escalated')).toBeNull();
    const { attempts } = await whole.record(answer);
    expect(attempts).toMatchObject([{ tier: 'small', isMended: true, verdict: { kind: 'pass' } }]);
    expect(whole.cloud.requests).toHaveLength(0);
  },
);

test('where the policy only records, the answer stays as it is', async () => {
  const whole = await started([FENCED], 'record');
  const answer = await whole.post(PATHS[0][0], CASES[0]!.body);
  expect(await answer.text()).toContain('Sure!');
  expect((await whole.record(answer)).attempts[0]).not.toHaveProperty('isMended');
});

test.each([false, true])(
  'a model that forgot it is asked once more (stream: %s)',
  async (stream) => {
    const whole = await started([PROSE, '{"city":"Lyon"}']);
    const answer = await whole.post(PATHS[0][0], { model: 'auto', stream, ...PATHS[0][1] });
    const raw = await answer.text();
    expect(textOf(raw)).toBe('{"city":"Lyon"}');
    expect(raw).not.toContain('Paris');
    const record = await whole.record(answer);
    expect(record.attempts.map(({ tier, kind }) => [tier, kind])).toEqual([
      ['small', 'draft'],
      ['small', 'repair'],
    ]);
    expect(record.outcome).toBe('answered');
    expect(whole.local.requests).toHaveLength(2);
    expect(whole.cloud.requests).toHaveLength(0);
    const messages = whole.local.requests[1]!.body['messages'];
    expect(messages).toMatchObject([{ content: EASY }, { role: 'user', content: /JSON schema/ }]);
  },
);

test.each([false, true])('once, and then the large model answers (stream: %s)', async (stream) => {
  const whole = await started([PROSE, PROSE]);
  const answer = await whole.post(PATHS[0][0], { model: 'auto', stream, ...PATHS[0][1] });
  const raw = await answer.text();
  expect(textOf(raw)).toBe('{"city":"large"}');
  expect(raw).not.toContain('Paris');
  expect(answer.headers.get('x-smallfirst-escalated')).toBe('json');
  const { attempts } = await whole.record(answer);
  expect(attempts.map(({ tier, kind }) => [tier, kind])).toEqual([
    ['small', 'draft'],
    ['small', 'repair'],
    ['large', undefined],
  ]);
  // each line is what an upstream counted for one request
  const asked = whole.local.requests.length + whole.cloud.requests.length;
  expect(asked).toBe(attempts.length);
  expect(attempts.every(({ usage }) => usage?.source === 'reported')).toBe(true);
});

test('a caller who will not wait that long is not kept by it', async () => {
  const whole = await started([PROSE, '{"city":"Lyon"}']);
  const headers = { 'x-smallfirst-deadline-ms': '1' };
  const answer = await whole.post(PATHS[0][0], CASES[0]!.body, { headers });
  expect(answer.status).toBe(504);
  expect(whole.local.requests.length).toBeLessThanOrEqual(1);
});
