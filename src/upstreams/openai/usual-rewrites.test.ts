import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../lib/json.ts';
import { dialects } from '../dialects.ts';
import { longRewrites } from '../dialects/long-members.ts';
import { rewriteAll } from '../dialects/rewrites.ts';
import { reasoningSeen } from './reasoning-seen.ts';
import { usualRewrites } from './usual-rewrites.ts';

const call = (id: string, more: JsonObject = {}): JsonObject => ({
  id,
  type: 'function',
  function: { name: 'f', arguments: '{}' },
  ...more,
});
const called = (calls: readonly JsonObject[], more: JsonObject = {}): JsonObject => ({
  role: 'assistant',
  content: null,
  tool_calls: calls,
  ...more,
});
const conversation = (turn: JsonObject): readonly JsonObject[] => [
  { role: 'user', content: 'hi' },
  turn,
  { role: 'tool', tool_call_id: 'a', content: 'done' },
];
const signature = { extra_content: { google: { thought_signature: 'of another turn' } } };
const unsigned = {
  extra_content: { google: { thought_signature: 'skip_thought_signature_validator' } },
};

/** The turn as a server is sent it, whether or not a thread looked at the body before. */
function sent(host: string, model: string, turn: JsonObject, seen = reasoningSeen()): JsonObject {
  const rewrites = usualRewrites(seen, host)('chat', dialects['openai-compatible'], true);
  const body = { model, messages: conversation(turn) };
  const all = [undefined, longRewrites(body)].map(
    (found) =>
      ({ ...body, ...rewriteAll(rewrites, body, model, found) })['messages'] as JsonObject[],
  );
  expect(all[1]).toEqual(all[0]);
  return all[0]?.[1] ?? {};
}

describe('a call that came without the thoughts that its model demands', () => {
  const bare = called([call('a')]);
  const filled = { ...bare, reasoning_content: ' ' };

  test.each([
    ['api.deepseek.com', 'deepseek-v4-flash', bare],
    ['api.moonshot.ai', 'kimi-k2.6', bare],
    ['api.moonshot.cn', 'kimi-k2.6', { ...bare, reasoning_content: '' }],
    ['api.moonshot.ai', 'kimi-k2.6', { ...bare, reasoning_content: null }],
  ])('has some for %s, %s', (host, model, turn) => {
    expect(sent(host, model, turn)).toEqual(filled);
  });

  test('keeps its own', () => {
    const own = { ...bare, reasoning_content: 'why' };
    expect(sent('api.deepseek.com', 'deepseek-v4-flash', own)).toEqual(own);
  });

  test.each([
    ['api.groq.com', 'moonshotai/kimi-k2-instruct'],
    ['api.moonshot.ai', 'moonshot-v1-8k'],
    ['deepseek.com.example.org', 'deepseek-v4-flash'],
  ])('is sent as it is to %s, %s, which may not know the member', (host, model) => {
    expect(sent(host, model, bare)).toEqual(bare);
  });

  test('has some for a server whose answers hold them', () => {
    const seen = reasoningSeen();
    seen.observe({ choices: [{ message: { reasoning_content: 'why' } }] }, 'deepseek-ai/V4');
    expect(sent('api.example.com', 'deepseek-ai/V4', bare, seen)).toEqual(filled);
    expect(sent('api.example.com', 'deepseek-ai/V3', bare, seen)).toEqual(bare);
  });
});

describe('calls that Gemini did not sign', () => {
  const google = 'generativelanguage.googleapis.com';

  test.each(['gemini-3-pro-preview', 'google/gemini-3.5-flash', 'gemini-flash-latest'])(
    'say so in the first of a turn, for %s',
    (model) => {
      expect(sent(google, model, called([call('a'), call('b')]))).toEqual(
        called([call('a', unsigned), call('b')]),
      );
    },
  );

  test.each([
    ['keep the signature that they have', google, 'gemini-3-pro', [call('a', signature)]],
    ['say nothing to a model that asks for none', google, 'gemini-2.5-flash', [call('a')]],
    ['say nothing to whom Google is behind', 'openrouter.ai', 'google/gemini-3-pro', [call('a')]],
  ])('%s', (_what, host, model, calls) => {
    expect(sent(host, model, called(calls))).toEqual(called(calls));
  });
});
