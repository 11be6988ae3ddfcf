/** A small answer that its own model guessed is answered by the large one, where a competence card says that this means something. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, afterAll, expect, test } from 'vitest';
import type { JsonObject } from '../../src/lib/json.ts';
import { madeCard } from '../support/competence.ts';
import { simplePolicy, type WholeGateway } from '../support/gateway-fixture.ts';
import { gatewayPerTest } from '../support/gateway-per-test.ts';
import type { Behaviour, MockRequest } from '../support/mock-upstream.ts';

let cache = '';
beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), 'smallfirst-'));
  await writeFile(join(cache, 'slm.card.json'), JSON.stringify(madeCard()));
  await writeFile(join(cache, 'broken.card.json'), '{"format":1,"hash":"sha256:0"}');
});
afterAll(() => rm(cache, { recursive: true }));

const open = gatewayPerTest();

const QUESTION = 'What is the capital of Peru?';

/** Answers "Lima" with these log probabilities, where it is asked for them. */
const saying =
  (logprob: number) =>
  ({ body }: MockRequest): Behaviour => {
    const token = { token: 'Lima', logprob, bytes: [76], top_logprobs: [] };
    const logprobs = body['logprobs'] === true ? { content: [token], refusal: null } : null;
    const head = { id: 'chatcmpl-small', created: 5, model: 'slm' };
    const message = { role: 'assistant', content: 'Lima', refusal: null };
    if (body['stream'] !== true)
      return raw(
        JSON.stringify({
          ...head,
          object: 'chat.completion',
          choices: [{ index: 0, message, logprobs, finish_reason: 'stop' }],
          usage: { prompt_tokens: 9, completion_tokens: 1, total_tokens: 10 },
        }),
      );
    const event = (choice: JsonObject): string =>
      `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [{ index: 0, ...choice }] })}\n\n`;
    return raw(
      event({ delta: { role: 'assistant', content: 'Lima' }, logprobs, finish_reason: null }) +
        event({ delta: {}, logprobs: null, finish_reason: 'stop' }) +
        'data: [DONE]\n\n',
      'text/event-stream',
    );
  };

const raw = (body: string, type = 'application/json'): Behaviour => ({
  kind: 'raw',
  body,
  headers: { 'content-type': type },
});

async function started(
  logprob: number,
  verify = '{ onFail: escalate, hold: { ms: 10000 } }',
): Promise<WholeGateway> {
  return await open({
    local: { behaviour: saying(logprob) },
    cloud: { say: () => 'the large model says it' },
    policy: simplePolicy(`verify: ${verify}\nrules: [{ name: small, when: "true", use: [small] }]`),
    env: { SMALLFIRST_CACHE: cache },
    upstream: ', server: vllm',
  });
}

const PATHS = [
  ['/v1/chat/completions', { messages: [{ role: 'user', content: QUESTION }] }],
  ['/v1/responses', { input: QUESTION }],
  ['/v1/messages', { max_tokens: 200, messages: [{ role: 'user', content: QUESTION }] }],
] as const;
const CASES = PATHS.flatMap(([path, body]) =>
  [false, true].map((stream) => ({ path, stream, body: { model: 'auto', stream, ...body } })),
);

test.each(CASES)(
  'a guess on $path (stream: $stream) goes to the large model',
  async ({ path, body }) => {
    const whole = await started(-2);
    const answer = await whole.post(path, body);
    const text = await answer.text();
    expect(answer.headers.get('x-smallfirst-escalated')).toBe('confidence');
    expect(text).toContain('large');
    expect(text).not.toContain('Lima');
    const [draft] = (await whole.record(answer)).attempts;
    expect(draft).toMatchObject({ kind: 'draft', verdict: { kind: 'fail', check: 'confidence' } });
    expect(draft!.verdict!.wrong).toBeGreaterThan(0.5);
  },
);

test.each(CASES)('what is sure on $path (stream: $stream) is given', async ({ path, body }) => {
  const whole = await started(-0.05);
  const answer = await whole.post(path, body);
  expect(await answer.text()).not.toContain('-0.05');
  expect(answer.headers.get('x-smallfirst-tier')).toBe('small');
  const [attempt] = (await whole.record(answer)).attempts;
  expect(attempt!.verdict!.wrong).toBeLessThan(0.5);
  expect(whole.local.requests[0]!.body['logprobs']).toBe(true);
});

test('a threshold of the policy decides', async () => {
  const whole = await started(-2, '{ onFail: escalate, wrongAbove: 1 }');
  expect(await (await whole.chat(QUESTION)).text()).toContain('Lima');
});

test('where the check is not wanted, nothing is asked for', async () => {
  const whole = await started(-2, '{ onFail: escalate, checks: [empty] }');
  await (await whole.chat(QUESTION)).text();
  expect(whole.local.requests[0]!.body['logprobs']).toBeUndefined();
});

test('a card that cannot be read is said at the start', async () => {
  const whole = await started(-2);
  expect(whole.said.join('\n')).toMatch(/broken\.card\.json is not used: it was changed/);
});
