import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { call } from '../../test/support/call.ts';
import { chat, sampleText, user } from '../../test/support/sample-texts.ts';
import type { Call } from '../core/call.ts';
import type { JsonObject } from '../lib/json.ts';
import { personalKinds, type PersonalKind } from '../core/masking.ts';
import { piiDetector } from '../signals/pii/detector.ts';
import { findPii } from '../signals/pii/find.ts';
import { maskCall } from './mask-call.ts';

const mask = (given: Call, kinds: readonly PersonalKind[] = personalKinds) =>
  maskCall(given, kinds, piiDetector());

async function masksOrWithholds(given: Call) {
  try {
    return await mask(given);
  } catch (error) {
    expect(error).toMatchObject({ attemptCause: 'withheld', code: 'policy_residency' });
    return undefined;
  }
}

describe('the masked request', () => {
  test('holds no found value, and restoring it gives the original', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(sampleText, { minLength: 1, maxLength: 3 }), async (texts) => {
        const given = chat(texts.map(user));
        const masked = await masksOrWithholds(given);
        if (masked === undefined) return;
        const bytes = masked.call.payload.toString();
        for (const { kind, start, end } of findPii(texts.join(' '))) {
          expect(`${kind} ${bytes.includes(texts.join(' ').slice(start, end))}`).toBe(
            `${kind} false`,
          );
        }
        expect(JSON.parse(bytes)).toEqual(masked.call.body);
        const { messages } = masked.call.body;
        const back = (messages as JsonObject[]).map(({ content }) =>
          masked.placeholders.restore(typeof content === 'string' ? content : ''),
        );
        expect(back).toEqual(texts);
      }),
      { numRuns: 300 },
    );
  });

  test('a value is masked where what stands before it hides it, too', async () => {
    const texts = ['release 203.0.114.7', 'From 203.0.114.7 came nothing.'];
    const { call: masked, placeholders } = await mask(chat(texts.map(user)));
    expect(masked.body['messages']).toEqual([
      user('release <IP_1>'),
      user('From <IP_1> came nothing.'),
    ]);
    expect(placeholders.restore('release <IP_1>')).toBe(texts[0]);
  });

  test('each value has one placeholder, the same everywhere', async () => {
    const { call: masked, placeholders } = await mask(
      chat([user('a@ejemplo.es b@ejemplo.es'), user('a@ejemplo.es, 4111111111111111')]),
    );
    expect(masked.body['messages']).toEqual([
      user('<EMAIL_1> <EMAIL_2>'),
      user('<EMAIL_1>, <CARD_1>'),
    ]);
    expect(placeholders.counts()).toEqual({ email: 2, card: 1 });
  });

  test('a placeholder that the caller wrote himself is not used', async () => {
    const { call: masked, placeholders } = await mask(chat([user('<EMAIL_1> is a@ejemplo.es')]));
    expect(masked.body['messages']).toEqual([user('<EMAIL_1> is <EMAIL_2>')]);
    expect(placeholders.restore('<EMAIL_1> <EMAIL_2>')).toBe('<EMAIL_1> a@ejemplo.es');
  });

  test.each<[string, Partial<Call>]>([
    [
      'tool definitions',
      { body: { messages: [], tools: [{ function: { description: 'ask a@ejemplo.es' } }] } },
    ],
    [
      'tool arguments, behind an escape',
      {
        body: {
          messages: [
            { tool_calls: [{ function: { arguments: String.raw`{"a":"x\n4111111111111111"}` } }] },
          ],
        },
      },
    ],
    ['tool results', { body: { messages: [{ role: 'tool', content: 'a@ejemplo.es' }] } }],
    [
      'instructions and input',
      {
        operation: 'responses',
        body: {
          instructions: 'a@ejemplo.es',
          input: [{ role: 'user', content: [{ type: 'input_text', text: 'b@ejemplo.es' }] }],
        },
      },
    ],
    [
      'prompts',
      {
        operation: 'text_completion',
        body: { prompt: ['x', 'a@ejemplo.es'], suffix: 'b@ejemplo.es' },
      },
    ],
    ['inputs of embeddings', { operation: 'embeddings', body: { input: ['a@ejemplo.es'] } }],
    [
      'metadata',
      { body: { messages: [], metadata: { who: 'a@ejemplo.es' }, user: 'a@ejemplo.es' } },
    ],
    [
      'names of members',
      { body: { messages: [], tools: [{ parameters: { 'a@ejemplo.es': {} } }] } },
    ],
    ['passed-on JSON', { operation: 'passthrough', body: { note: 'a@ejemplo.es' } }],
  ])('%s are masked', async (_, over) => {
    const { call: masked, placeholders } = await mask(call(over));
    expect(masked.payload.toString()).not.toMatch(/example\.com|4111/);
    expect(placeholders.size()).toBeGreaterThan(0);
  });

  test('bytes of members that hold nothing stay as they were', async () => {
    const payload = Buffer.from('{ "seed" : 12345678901234567890, "user": "a@ejemplo.es" }');
    const body = JSON.parse(payload.toString()) as JsonObject;
    const { call: masked } = await mask(call({ payload, body }));
    expect(masked.payload.toString()).toBe(
      '{ "seed" : 12345678901234567890, "user": "<EMAIL_1>" }',
    );
  });

  test.each<[string, Partial<Call>, readonly PersonalKind[]]>([
    [
      'of a kind that the policy does not mask',
      { body: { messages: [user('a@ejemplo.es 4111111111111111')] } },
      ['email'],
    ],
    ['in the query', { path: '/files?to=a%40ejemplo.es', body: {} }, personalKinds],
    ['in a header', { forwardHeaders: { 'idempotency-key': 'a@ejemplo.es' } }, personalKinds],
    [
      'that is a number in JSON in a text',
      { body: { messages: [user('{"card":4111111111111111}')] } },
      personalKinds,
    ],
    [
      'behind an escape in prose',
      { body: { messages: [user(String.raw`it printed x\n4111111111111111`)] } },
      personalKinds,
    ],
  ])('what is found %s keeps the request here', async (_, over, kinds) => {
    await expect(mask(call(over), kinds)).rejects.toMatchObject({ attemptCause: 'withheld' });
  });

  test('a find is whole wherever a long text is cut', async () => {
    const text = `${'word '.repeat(4_999)}ana.lopez@ejemplo.es ${'word '.repeat(9_000)}bo@exemple.fr`;
    const { call: masked } = await mask(chat([user(text)]));
    expect(masked.body['messages']).toEqual([
      user(text.replace('ana.lopez@ejemplo.es', '<EMAIL_1>').replace('bo@exemple.fr', '<EMAIL_2>')),
    ]);
  });
});
