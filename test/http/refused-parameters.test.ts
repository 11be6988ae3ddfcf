/** Parameters that the chosen model refuses: ours to adapt where we chose it, the caller's where the caller did. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/lib/json.ts';
import { EASY, HARD, startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

const policy = (large: string): string => `
name: test
objective: { complexityBelow: 0.5 }
targets: { small: { upstream: local }, large: { upstream: cloud, model: ${large} } }
`;

const SAMPLING = { temperature: 0.2, top_p: 0.9 };

describe.each(['openai', 'openai-compatible'])('with a reasoning model, server %s', (server) => {
  let whole: WholeGateway;
  beforeAll(async () => {
    whole = await startTestGateway({ policy: policy('gpt-5'), upstream: `, server: ${server}` });
  });
  afterAll(() => whole.close());

  const seen = (): JsonObject => whole.cloud.requests.at(-1)?.body ?? {};

  test('a routed chat arrives without sampling, its limit under the new name', async () => {
    const more = { ...SAMPLING, logit_bias: {}, stop: ['x'], top_k: 4, max_tokens: 50, seed: 1 };
    const answer = await whole.chat(HARD, more);
    expect(answer.headers.get('x-smallfirst-model')).toBe('gpt-5');
    expect(answer.headers.get('x-smallfirst-left-out')).toBe(
      'temperature, top_p, logit_bias, stop, top_k',
    );
    expect(seen()).toEqual({
      model: 'gpt-5',
      messages: [{ role: 'user', content: HARD }],
      max_completion_tokens: 50,
      seed: 1,
    });
  });

  test('a routed response arrives without sampling', async () => {
    await whole.post('/v1/responses', { model: 'large', input: EASY, ...SAMPLING });
    expect(seen()).toEqual({ model: 'gpt-5', input: EASY });
  });

  test.each(['cloud/gpt-5', 'cloud/o3'])('%s, named by the caller, gets it all', async (model) => {
    const answer = await whole.chat(HARD, { model, ...SAMPLING, max_tokens: 50 });
    expect(answer.headers.has('x-smallfirst-left-out')).toBe(false);
    expect(seen()).toMatchObject({ ...SAMPLING, max_tokens: 50 });
  });
});

describe('with a model that does not reason', () => {
  let whole: WholeGateway;
  beforeAll(async () => {
    whole = await startTestGateway({ policy: policy('gpt-4o-mini') });
  });
  afterAll(() => whole.close());

  test('a routed chat arrives without effort and verbosity, its limit as the model has it', async () => {
    const more = {
      reasoning_effort: 'low',
      verbosity: 'low',
      temperature: 0.2,
      max_tokens: 90_000,
    };
    await whole.chat(HARD, more);
    expect(whole.cloud.requests.at(-1)?.body).toEqual({
      model: 'gpt-4o-mini',
      messages: [{ role: 'user', content: HARD }],
      temperature: 0.2,
      max_tokens: 16_384,
    });
  });

  test('a routed response arrives without reasoning and what belongs to it', async () => {
    const input = [
      { role: 'user', content: HARD },
      { type: 'reasoning', id: 'rs_0a1b', summary: [], encrypted_content: 'x' },
    ];
    await whole.post('/v1/responses', {
      model: 'large',
      input,
      reasoning: { effort: 'low' },
      include: ['reasoning.encrypted_content'],
      text: { verbosity: 'low' },
    });
    const expected = { model: 'gpt-4o-mini', input: input.slice(0, 1), include: [], text: {} };
    expect(whole.cloud.requests.at(-1)?.body).toEqual(expected);
  });
});

describe('a limit beyond the window', () => {
  const WINDOW = 4096;
  let whole: WholeGateway;
  beforeAll(async () => {
    whole = await startTestGateway({ upstream: `, server: vllm, contextTokens: ${WINDOW}` });
  });
  afterAll(() => whole.close());

  test.each(['max_tokens', 'max_completion_tokens'])('is fitted: %s', async (member) => {
    await whole.chat(EASY, { [member]: 20_000 });
    const fitted = Number(whole.local.requests.at(-1)?.body[member]);
    expect(fitted).toBeGreaterThan(WINDOW * 0.9);
    expect(fitted).toBeLessThan(WINDOW - 100);
  });

  test('leaves as much room as the prompt and its tools need', async () => {
    const tools = [
      {
        type: 'function',
        function: { name: 'f', description: 'word '.repeat(1500), parameters: {} },
      },
    ];
    await whole.chat(EASY, { model: 'small', max_tokens: 20_000, tools });
    expect(whole.local.requests.at(-1)?.body['max_tokens']).toBeLessThan(WINDOW - 1500);
  });

  test.each([
    ['that fits anyway', 'auto', 200],
    ['of a model that the caller named', 'local/slm', 20_000],
  ])('%s is passed on', async (_what, model, limit) => {
    await whole.chat(EASY, { model, max_tokens: limit });
    expect(whole.local.requests.at(-1)?.body['max_tokens']).toBe(limit);
  });
});

describe('a parameter that the cloud refuses', () => {
  const message = "Unsupported parameter: 'x_depth' is not supported with this model.";
  let whole: WholeGateway;
  beforeAll(async () => {
    const refuse = { kind: 'error', status: 400, message } as const;
    whole = await startTestGateway({ cloud: { behaviour: () => refuse } });
  });
  afterAll(() => whole.close());

  test('sends a routed request to the next target', async () => {
    const answer = await whole.chat(HARD, { x_depth: 3 });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-smallfirst-upstream')).toBe('local');
  });

  test('is for the caller to hear of who named the model', async () => {
    const answer = await whole.chat(HARD, { model: 'gpt-4o', x_depth: 3 });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { message } });
  });
});
