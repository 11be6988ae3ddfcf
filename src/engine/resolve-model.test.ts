import { expect, test } from 'vitest';
import { call } from '../../test/support/call.ts';
import type { Call } from '../core/call.ts';
import type { ModelSelector } from '../core/decision.ts';
import { resolveModel, type ModelNames } from './resolve-model.ts';

const names: ModelNames = {
  intercepts: (model) => model.startsWith('gpt-'),
  hasTarget: (upstream, model) => upstream === 'local' && model !== 'none',
  upstreamOf: (model) => (model === 'embed' || model === 'qwen' ? 'local' : undefined),
  listed: () => ['auto', 'small', 'large', 'gpt-4o', 'local/qwen'],
};
const ask = (requestedModel: string, over: Partial<Call> = {}): ModelSelector =>
  resolveModel(call({ requestedModel, ...over }), names);
const held = (only: object, mayOverride = true): Call['caller'] => ({
  name: 'bot',
  labels: {},
  mayOverride,
  only,
});

const routed = { kind: 'routed' };
const pinned = { kind: 'pinned', upstream: 'local', model: 'qwen' };

test.each<readonly [string, Partial<Call>, object]>([
  ['auto', {}, routed],
  ['', {}, routed],
  ['small', {}, { kind: 'tier', tier: 'small' }],
  ['gpt-4o', {}, { kind: 'routed', largeModel: 'gpt-4o' }],
  ['local/qwen', {}, pinned],
  ['claude-opus', { operation: 'messages' }, routed],
  ['auto', { override: 'large' }, { kind: 'tier', tier: 'large' }],
  ['auto', { override: 'local/qwen' }, pinned],
  ['auto', { operation: 'embeddings' }, routed],
  ['large', { operation: 'embeddings' }, { kind: 'tier', tier: 'large' }],
  ['local/qwen', { operation: 'embeddings' }, pinned],
  ['embed', { operation: 'embeddings' }, { kind: 'pinned', upstream: 'local', model: 'embed' }],
  ['gpt-e', { operation: 'embeddings' }, { kind: 'routed', largeModel: 'gpt-e' }],
  ['local/qwen', { operation: 'passthrough' }, { kind: 'tier', tier: 'large' }],
])("'%s' with %j is %j", (model, over, asked) => {
  expect(ask(model, over)).toEqual(asked);
});

test.each<readonly [string, Partial<Call>, string]>([
  ['unheard', {}, 'or a name from GET /v1/models'],
  ['unheard', { operation: 'embeddings' }, 'does not exist here'],
  ['Auto', {}, "Did you mean 'auto'?"],
  ['gtp-4o', {}, "Did you mean 'gpt-4o'?"],
  ['locl/qwen', {}, "Did you mean 'local/qwen'?"],
  ['qwen', {}, "ask for 'local/qwen'"],
  ['claude-opus', {}, 'does not exist here'],
  ['/qwen', {}, 'does not exist here'],
  ['local/', {}, 'does not exist here'],
  ['local/none', {}, 'does not exist here'],
  ['x'.repeat(81), {}, `'${'x'.repeat(80)}…'`],
])("'%s' with %j is not known, and the caller is told what is", (model, over, words) => {
  expect(() => ask(model, over)).toThrow(words);
});

test('a likely name is one that the key may ask for', () => {
  const bot = held({ models: ['gtp*', 'auto'] });
  expect(() => ask('gtp-4o', { caller: bot })).toThrow(/does not exist here\. Use/);
});

test('a header that names no place is told what it may name', () => {
  expect(() => ask('auto', { override: 'elsewhere' })).toThrow("X-Smallfirst-Route is 'elsewhere'");
});

test('who may not choose is refused a choice, and routed without one', () => {
  const caller = held({}, false);
  expect(ask('auto', { caller })).toEqual(routed);
  for (const model of ['small', 'local/qwen'])
    expect(() => ask(model, { caller })).toThrow('may not choose where its requests go');
  expect(() => ask('local/qwen', { caller, operation: 'passthrough' })).toThrow('may not choose');
});

test('a key that is held to models may name those and no others, in the header too', () => {
  const caller = held({ models: ['auto', 'gpt-4o*'] });
  expect(ask('', { caller })).toEqual(routed);
  expect(ask('gpt-4o-mini', { caller })).toMatchObject({ largeModel: 'gpt-4o-mini' });
  expect(() => ask('gpt-5', { caller })).toThrow("may not ask for 'gpt-5'; it may ask for auto");
  expect(() => ask('auto', { caller, override: 'small' })).toThrow("may not ask for 'small'");
});
