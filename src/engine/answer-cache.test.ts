import { describe, expect, test } from 'vitest';
import { call } from '../../test/support/call.ts';
import { facts, policy, situation } from '../../test/support/policy.ts';
import type { Call } from '../core/call.ts';
import type { Decision } from '../core/decision.ts';
import { abstain, score, type Readings } from '../core/signal.ts';
import type { Answer } from '../core/upstream.ts';
import { flowOf, readAll } from '../lib/flow.ts';
import { memoryAnswers } from '../stores/memory/answers.ts';
import { cachedFor, keeping, lookUp, type LookUp } from './answer-cache.ts';
import { decide } from './decide.ts';
import { packAnswer, unpackAnswer } from './kept-answer.ts';

const rule = { name: 'faq', when: { source: 'true', holds: () => true }, cacheMs: 1000 };
const keeps = policy({ rules: [{ ...rule, use: ['large'] }], keepsAnswers: true });
const CLEAN: Readings = { pii: score(0, '') };

function world() {
  let nowMs = 1;
  const answers = memoryAnswers(() => nowMs, { maxBytes: 4 * 1024 * 1024 });
  const tools = { answers, personal: { kindsIn: () => [] } };
  const found = (asked: Call, readings = CLEAN, decision = decided()) => {
    const features = { facts: facts(), turns: [], task: '' };
    const given = lookUp(asked, features, { policy: keeps, readings }, tools);
    if (given instanceof Promise) throw new Error('memory answers at once');
    return cachedFor(decision, given);
  };
  const answered = async (asked: Call, text: string) => {
    const cached = found(asked);
    if (cached?.keep === undefined) throw new Error('it is not to be kept');
    const answer: Answer = {
      kind: 'whole',
      headers: {},
      bytes: Buffer.from(JSON.stringify({ text })),
      body: {},
    };
    const executed = { answer, target: TARGET };
    keeping(cached.keep, { call: asked, decision: decided(), executed, attempts: () => [] }, tools);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { answers, tools, found, answered, pass: (ms: number) => (nowMs += ms) };
}

const decided = (): Decision => decide({ kind: 'routed' }, situation(0.9), keeps);
const TARGET = { tier: 'large', upstream: 'cloud', model: 'big', locality: 'cloud' } as const;

const asking = (name: string, content: string, over: Partial<Call> = {}): Call =>
  call({
    body: { model: 'auto', messages: [{ role: 'user', content }] },
    caller: { name, labels: {}, mayOverride: true },
    ...over,
  });

test('two tenants with a thousand prompts each get none of the other’s answers', async () => {
  const { found, answered } = world();
  const prompts = Array.from({ length: 1000 }, (_, at) => `What is ${at} + ${at}?`);
  for (const prompt of prompts)
    for (const name of ['a', 'b']) await answered(asking(name, prompt), `${name}: ${prompt}`);
  let crossed = 0;
  for (const prompt of prompts)
    for (const name of ['a', 'b']) {
      const [piece = Buffer.alloc(0)] = found(asking(name, prompt))?.again?.pieces ?? [];
      if (Buffer.from(piece).toString() !== JSON.stringify({ text: `${name}: ${prompt}` }))
        crossed += 1;
    }
  expect(crossed).toBe(0);
});

describe('is another request', () => {
  test.each<[string, Partial<Call>]>([
    ['on another route', { path: '/completions', operation: 'text_completion' }],
    ['with a query', { path: '/chat/completions?x=1' }],
    ['with a header that the upstream sees', { forwardHeaders: { 'openai-beta': 'v2' } }],
    ['that wants no check', { wantsNoCheck: true }],
    ['with a byte more', { payload: Buffer.from('{"model":"auto","messages":[]} ') }],
  ])('one %s', async (_, over) => {
    const { found, answered } = world();
    await answered(asking('a', 'Hi'), 'Hello');
    expect(found(asking('a', 'Hi'))?.use.result).toBe('hit');
    expect(found(asking('a', 'Hi', over))?.use.result).toBe('miss');
  });

  test('not one whose client counts its attempts', async () => {
    const { found, answered } = world();
    await answered(asking('a', 'Hi'), 'Hello');
    const forwardHeaders = { 'idempotency-key': 'k', 'x-client-request-id': 'r' };
    expect(found(asking('a', 'Hi', { forwardHeaders }))?.use.result).toBe('hit');
  });
});

test('an answer is given again for as long as the rule says', async () => {
  const { found, answered, pass } = world();
  await answered(asking('a', 'Hi'), 'Hello');
  pass(999);
  expect(found(asking('a', 'Hi'))?.use.result).toBe('hit');
  pass(2);
  expect(found(asking('a', 'Hi'))?.use.result).toBe('miss');
});

test('an answer of a target that may not answer today is not given', async () => {
  const { found, answered } = world();
  await answered(asking('a', 'Hi'), 'Hello');
  const local = { ...TARGET, tier: 'small', upstream: 'local', locality: 'local' } as const;
  const today = { ...decided(), kind: 'route', targets: [local] } as Decision;
  expect(found(asking('a', 'Hi'), CLEAN, today)?.use.result).toBe('miss');
});

test.each<[string, Readings]>([
  ['personal', { pii: score(1, '1 email') }],
  ['not read', { pii: abstain('a picture', 'unread') }],
  ['not judged', {}],
])('what is %s is neither looked up nor kept', (_, readings) => {
  expect(world().found(asking('a', 'Hi'), readings)).toEqual({ use: { result: 'bypass' } });
});

test('a rule that keeps nothing, and a policy that only observes, say nothing of a cache', () => {
  const observes = { ...keeps, mode: 'observe' } as const;
  const found: LookUp = { key: 'k' };
  for (const one of [{ ...keeps, rules: [] }, observes])
    expect(cachedFor(decide({ kind: 'routed' }, situation(0.9), one), found)).toBeUndefined();
});

test('answers take no more bytes than they may', () => {
  const answers = memoryAnswers(() => 1, { maxBytes: 1_000_000 });
  for (let at = 0; at < 100; at += 1) answers.set(String(at), Buffer.alloc(50_000), 1000);
  expect(answers.bytes()).toBeLessThanOrEqual(1_000_000);
  expect([answers.get('0'), answers.get('99')?.length]).toEqual([undefined, 50_000]);
  answers.set('huge', Buffer.alloc(2_000_000), 1000);
  expect(answers.get('huge')).toBeUndefined();
});

test('a stream that is too long is passed on and not kept', async () => {
  const { tools, answers } = world();
  const events = flowOf(Array.from({ length: 30 }, () => ({ bytes: Buffer.alloc(50_000) })));
  const executed = { answer: { kind: 'stream', headers: {}, events }, target: TARGET } as const;
  const given = keeping(
    { key: 'k', ttlMs: 1000 },
    {
      call: call({ operation: 'embeddings' }),
      decision: decided(),
      executed,
      attempts: () => [],
    },
    tools,
  );
  if (given.kind !== 'stream') throw new Error('a stream was given');
  let bytes = 0;
  await readAll(given.events, (event) => void (bytes += event.bytes.length));
  await new Promise((resolve) => setImmediate(resolve));
  expect(bytes).toBe(1_500_000);
  expect(answers.get('k')).toBeUndefined();
});

test('what is damaged, or of another version, is not there', () => {
  const head = { kind: 'whole', target: TARGET, wanted: 'large', requestId: 'r', atMs: 1 } as const;
  const packed = packAnswer({ ...head, costNanoUsd: 1, pieces: [Buffer.from('{}')] });
  expect(unpackAnswer(packed)).toMatchObject(head);
  expect(unpackAnswer(packed.subarray(0, -1))).toBeUndefined();
  expect(unpackAnswer(Buffer.from('no json\n'))).toBeUndefined();
  expect(unpackAnswer(Buffer.alloc(0))).toBeUndefined();
});
